"""Which alerts share an incident, and why."""

from shared.alerts.grouping import Rule, group

LABELS = {"alertname": "Down", "service": "shop", "pod": "shop-1"}


def test_the_senders_group_decides_in_whatever_order_it_is_written() -> None:
    one = group(LABELS, {"alertname": "Down", "cluster": "eu"})
    other = group({**LABELS, "pod": "shop-2"}, {"cluster": "eu", "alertname": "Down"})
    assert one.key == other.key
    assert (one.rule, dict(one.values)) == (Rule.GROUP, {"alertname": "Down", "cluster": "eu"})


def test_a_sender_that_does_not_group_is_grouped_by_name_and_service() -> None:
    one, other = group(LABELS, {}), group({**LABELS, "pod": "shop-2"}, {})
    assert one == other
    assert dict(one.values) == {"alertname": "Down", "service": "shop"}
    assert group({**LABELS, "service": "cart"}, {}).key != one.key


def test_it_meets_a_sender_that_groups_by_name_and_service_itself() -> None:
    assert group(LABELS, {}).key == group(LABELS, {"alertname": "Down", "service": "shop"}).key


def test_without_name_and_service_all_labels_decide() -> None:
    assert group({"pod": "a"}, {}).key != group({"pod": "b"}, {}).key


def test_keys_carry_the_version_of_the_rule() -> None:
    assert group(LABELS, {}).key.startswith("v1:")
