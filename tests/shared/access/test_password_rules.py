import pytest

from shared.access.password_rules import weakness

EMAIL = "olga.smith@example.com"


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password1234!",
        "P@ssw0rd2026!",
        "passwordpassword",
        "iloveyou1234",
        "Welcome2026!!",
        "letmeinletmein",
        "dragonmonkey1",
        "changeme-2026",
        "qwerty123456",
        "qwertyuiop123",
        "qwertyuiopasd",
        "123456789012",
        "987654321098",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "abcdefghijkl",
        "zyxwvutsrqpo",
        "aaaaaaaaaaaa",
        "abababababab",
        "xyz!xyz!xyz!",
        "!!!!????!!!!????",
        "2026-11-21 23:59",
        "olga.smith is here",
        "MyNameIsOlga.Smith!",
    ],
)
def test_what_people_choose_first_is_refused_with_a_reason(password: str) -> None:
    assert weakness(password, EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "a password nobody guesses",
        "correct horse battery staple",
        "Tr0ubadour&3 of the North",
        "kX9#mP2$vL7q",
        "пароль который никто не угадает",
        "🦊🐢🦉🐝🦀🐙🦔🐿️🦚🐧🦩🐫",
    ],
)
def test_what_is_hard_to_guess_may_be_used(password: str) -> None:
    assert weakness(password, EMAIL) is None


def test_a_short_name_in_the_address_forbids_nothing() -> None:
    assert weakness("a bob on the water", "bob@example.com") is None
