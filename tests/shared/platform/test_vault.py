from base64 import b64encode
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.vault import Place, Unsealable, Vault
from tests.shared.platform.offline import offline

OLD = f"old:{b64encode(b'o' * 32).decode()}"
NEW = f"new:{b64encode(b'n' * 32).decode()}"
PLACE = Place(tenant_id=uuid4(), table="monitoring_integrations", column="credentials", row_id=uuid4())
ELSEWHERE = {
    "another tenant": replace(PLACE, tenant_id=uuid4()),
    "another table": replace(PLACE, table="notification_channels"),
    "another column": replace(PLACE, column="base_url"),
    "another row": replace(PLACE, row_id=uuid4()),
}


def vault(*keys: str) -> Vault:
    return Vault(offline(VAULT_KEYS=",".join(keys)))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_in_its_place(text: str) -> None:
    assert vault(NEW).open(vault(NEW).seal(text, PLACE), PLACE) == text


def test_a_sealed_value_names_its_key_and_shows_nothing_of_the_text() -> None:
    sealed = vault(NEW, OLD).seal("hunter2", PLACE)
    form, kid, _, _ = sealed.split(".")
    assert (form, kid) == ("v1", "new")
    assert "hunter2" not in sealed


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert len({vault(NEW).seal("hunter2", PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_value_that_was_moved_does_not_open(place: str) -> None:
    sealed = vault(NEW).seal("hunter2", PLACE)
    with pytest.raises(Unsealable):
        vault(NEW).open(sealed, ELSEWHERE[place])


def test_a_value_opens_while_its_key_is_in_the_ring() -> None:
    sealed = vault(OLD).seal("hunter2", PLACE)
    assert vault(NEW, OLD).open(sealed, PLACE) == "hunter2"
    with pytest.raises(Unsealable):
        vault(NEW).open(sealed, PLACE)


def test_a_value_does_not_open_under_another_key_s_name() -> None:
    form, _, nonce, content = vault(OLD).seal("hunter2", PLACE).split(".")
    with pytest.raises(Unsealable):
        vault(NEW, OLD).open(f"{form}.new.{nonce}.{content}", PLACE)


def test_no_changed_bit_goes_unnoticed() -> None:
    form, kid, nonce, content = vault(NEW).seal("hunter2", PLACE).split(".")
    for part, parts in ((nonce, (form, kid, "{}", content)), (content, (form, kid, nonce, "{}"))):
        # The last digit may carry bits that mean nothing.
        for at, digit in enumerate(part[:-1]):
            changed = part[:at] + ("B" if digit == "A" else "A") + part[at + 1 :]
            with pytest.raises(Unsealable):
                vault(NEW).open(".".join(parts).format(changed), PLACE)


@pytest.mark.parametrize("value", ["", "hunter2", "v1.new", "v1.new..", "v1.new.AAAA.AAAA", "v2.new.a.b", "v1.new.é.é"])
def test_what_was_never_sealed_does_not_open(value: str) -> None:
    with pytest.raises(Unsealable):
        vault(NEW).open(value, PLACE)


def test_a_refusal_shows_nothing_of_the_value() -> None:
    sealed = vault(NEW).seal("hunter2", PLACE)
    with pytest.raises(Unsealable) as refusal:
        vault(NEW).open(sealed[:-4], PLACE)
    assert sealed.split(".")[3][:8] not in str(refusal.value)
    assert refusal.value.__suppress_context__
