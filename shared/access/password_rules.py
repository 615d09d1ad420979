"""Which passwords are too easy to guess: what people choose most, however they dress it up."""

import re
import string
from functools import cache
from pathlib import Path
from typing import Final

_MIN_NAME: Final = 4
_FEWEST_CHARACTERS: Final = 5
_MAX_PATTERN: Final = 6
_RUNS: Final = (
    string.digits * 3,
    string.ascii_lowercase * 2,
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_DRESSING: Final = string.digits + string.punctuation + " "
_LOOKALIKES: Final = str.maketrans("@4310!$57", "aaeioisst")
_WORDS_FILE: Final = Path(__file__).parent / "common_passwords.txt"


def weakness(password: str, email: str) -> str | None:
    """Return why a password must not be used by whoever has this e-mail address; None when it may be.

    A common one stays common with other letter case, look-alike characters, or digits and signs around it.
    """
    plain = password.casefold()
    core = plain.strip(_DRESSING)
    name = email.partition("@")[0].casefold()
    if len(set(plain)) < _FEWEST_CHARACTERS:
        return "uses too few different characters"
    if _is_repeated(plain):
        return "only repeats a short pattern"
    if any(plain in run or plain[::-1] in run for run in _RUNS):
        return "is only a run of neighbouring characters"
    if len(name) >= _MIN_NAME and name in plain:
        return "contains the name in the e-mail address"
    if _are_common_words(core) or _are_common_words(core.translate(_LOOKALIKES)):
        return "is one of the most common passwords"
    return None


def _is_repeated(text: str) -> bool:
    return re.fullmatch(rf"(.{{1,{_MAX_PATTERN}}}?)\1+.?", text, re.DOTALL) is not None


def _are_common_words(text: str) -> bool:
    """Whether digits and signs apart there are only one or two common words, or none at all."""
    letters = "".join(character for character in text if character not in _DRESSING)
    words = _common_words()
    pairs = ((letters[:cut], letters[cut:]) for cut in range(1, len(letters)))
    return not letters or letters in words or any(first in words and second in words for first, second in pairs)


@cache
def _common_words() -> frozenset[str]:
    return frozenset(_WORDS_FILE.read_text(encoding="ascii").split())
