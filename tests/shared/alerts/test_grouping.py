"""Which alerts share an incident, and why."""

from collections.abc import Mapping

from shared.alerts.grouping import Grouping
from shared.alerts.grouping import group as group_by
from shared.alerts.policies import GroupBy, GroupingRule, Policy

LABELS = {"alertname": "Down", "service": "shop", "pod": "shop-1"}
BY_CLUSTER = Policy(grouping=GroupingRule(by=GroupBy.LABELS, labels=("cluster", "alertname")))
ALONE = Policy(grouping=GroupingRule(by=GroupBy.FINGERPRINT))


def group(
    labels: Mapping[str, str], sent: Mapping[str, str], policy: Policy | None = None, fingerprint: str = "f1"
) -> Grouping:
    return group_by(labels, sent, fingerprint, policy or Policy())


def test_the_senders_group_decides_in_whatever_order_it_is_written() -> None:
    one = group(LABELS, {"alertname": "Down", "cluster": "eu"})
    other = group({**LABELS, "pod": "shop-2"}, {"cluster": "eu", "alertname": "Down"})
    assert one.key == other.key
    assert (one.rule, dict(one.values)) == (GroupBy.GROUP, {"alertname": "Down", "cluster": "eu"})
    assert list(one.fields) == list(other.fields) == ["alertname", "cluster"]


def test_a_sender_that_does_not_group_is_grouped_by_name_and_service() -> None:
    one, other = group(LABELS, {}), group({**LABELS, "pod": "shop-2"}, {})
    assert one == other
    assert dict(one.values) == {"alertname": "Down", "service": "shop"}
    assert group({**LABELS, "service": "cart"}, {}).key != one.key


def test_the_service_is_what_the_projects_own_labels_say() -> None:
    policy = Policy(service_labels=("component", "service"))
    assert group({**LABELS, "component": "till"}, {}, policy).values["service"] == "till"


def test_it_meets_a_sender_that_groups_by_name_and_service_itself() -> None:
    assert group(LABELS, {}).key == group(LABELS, {"alertname": "Down", "service": "shop"}).key


def test_without_name_and_service_all_labels_decide() -> None:
    assert dict(group({"pod": "a"}, {}).values) == {"pod": "a"}
    assert group({"pod": "a"}, {}).key != group({"pod": "b"}, {}).key


def test_keys_carry_the_version_of_the_rule_and_are_what_they_were_in_every_release() -> None:
    assert group(LABELS, {}).key == "v1:929ae36e26d027b9be8ae059ca99a4cf"


def test_by_labels_the_senders_group_does_not_count() -> None:
    one = group({**LABELS, "cluster": "eu"}, {"pod": "shop-1"}, BY_CLUSTER)
    assert one.key == group({**LABELS, "cluster": "eu", "pod": "shop-2"}, {"pod": "shop-2"}, BY_CLUSTER).key
    assert (one.rule, one.fields) == (GroupBy.LABELS, ("cluster", "alertname"))
    assert dict(one.values) == {"alertname": "Down", "cluster": "eu"}
    assert group({**LABELS, "cluster": "us"}, {}, BY_CLUSTER).key != one.key


def test_by_labels_an_empty_label_is_an_absent_one() -> None:
    assert group({**LABELS, "cluster": ""}, {}, BY_CLUSTER).key == group(LABELS, {}, BY_CLUSTER).key


def test_an_alert_with_none_of_the_labels_goes_where_its_sender_puts_it() -> None:
    """Otherwise everything that lacks them would share one incident."""
    found = group({"pod": "a"}, {"team": "db"}, BY_CLUSTER)
    assert (found.rule, dict(found.values)) == (GroupBy.GROUP, {"team": "db"})


def test_by_fingerprint_each_alert_is_alone_and_meets_itself() -> None:
    one = group(LABELS, {"alertname": "Down"}, ALONE, "f1")
    assert one.key == group({**LABELS, "note": "changed"}, {}, ALONE, "f1").key
    assert one.key != group(LABELS, {"alertname": "Down"}, ALONE, "f2").key
    assert (one.rule, dict(one.values)) == (GroupBy.FINGERPRINT, {"fingerprint": "f1"})
    assert list(one.fields) == ["fingerprint"]


def test_two_rules_that_find_the_same_agree_so_that_a_changed_rule_meets_what_is_open() -> None:
    policy = Policy(grouping=GroupingRule(by=GroupBy.LABELS, labels=("service", "alertname")))
    assert group(LABELS, {}, policy).key == group(LABELS, {"alertname": "Down", "service": "shop"}).key
