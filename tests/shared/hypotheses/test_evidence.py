from dataclasses import replace

from shared.hypotheses.alert_evidence import MAX_ALERT_ITEMS, STORM
from shared.hypotheses.evidence import collect
from shared.hypotheses.values import EvidenceKind
from tests.shared.hypotheses.cases import START, alert, captured, case


def test_an_alert_is_one_item_that_can_be_cited_and_read() -> None:
    (item,) = collect(captured("alertmanager-firing"))
    assert (item.id, item.kind, item.component) == ("E1", EvidenceKind.ALERT, "checkout")
    assert item.text == (
        "HighErrorRate on checkout, critical, firing; High 5xx ratio on checkout (18.3%); "
        "checkout in prod returns 18.3% errors over 5m (threshold 5%)"
    )
    assert item.alert_ids == ("0",)


def test_near_identical_alerts_are_one_item_with_a_count() -> None:
    (item,) = collect(captured("alertmanager-grouped-20-prometheus-firing"))
    assert item.text.startswith(
        "DiskFillingUp on checkout, 20 alerts, medium, firing; mountpoint=/var; Disk /var on node-"
    )
    assert item.numbers == {"alerts": 20.0, "firing": 20.0}
    assert len(item.alert_ids) == 20


def test_pods_of_one_service_are_one_item() -> None:
    (item,) = collect(captured("alertmanager-grouped-20-amtool"))
    assert item.text.startswith("PodCrashLooping on cart, 20 alerts")


def test_the_same_alert_on_few_components_stays_apart() -> None:
    items = collect(case(*(alert("HighErrorRate", service=f"s{i}") for i in range(STORM))))
    assert [item.component for item in items] == [f"s{i}" for i in range(STORM)]


def test_the_same_alert_on_many_components_is_one_item_on_what_they_share() -> None:
    storm = [alert("HighErrorRate", service=f"s{i}", labels={"cluster": "west"}) for i in range(STORM + 1)]
    (item,) = collect(case(*storm))
    assert item.component == "west"
    assert item.text == "HighErrorRate on 6 components (s0, s1, s2, s3, s4, …), 6 alerts, medium, firing"


def test_a_storm_that_shares_no_label_is_on_the_incidents_service_or_has_the_alerts_name() -> None:
    storm = [alert("HighErrorRate", service=f"s{i}") for i in range(STORM + 1)]
    assert collect(case(*storm))[0].component == "checkout"
    assert collect(case(*storm, service=None))[0].component == "HighErrorRate"


def test_items_are_bounded_and_lose_no_alert_and_no_severity() -> None:
    quiet = [alert(f"Quiet{i:03d}", severity="low") for i in range(100)]
    items = collect(case(*quiet, alert("Loud", severity="critical")))
    assert len(items) == MAX_ALERT_ITEMS
    assert sum(len(item.alert_ids) for item in items) == 101
    assert any(item.text.startswith("Loud on checkout, critical") for item in items)
    assert any(item.text.startswith("62 other kinds of alert on checkout, 62 alerts, low, firing") for item in items)


def test_items_come_in_order_of_onset() -> None:
    items = collect(case(alert("Second", minute=2), alert("First", minute=1)))
    assert [item.text.split()[0] for item in items] == ["First", "Second"]
    assert items[0].at < items[1].at


def test_an_item_begins_with_its_first_alert_and_is_as_bad_as_its_worst() -> None:
    late = alert("Slow", minute=5, severity="critical", labels={"pod": "cart-1"}, resolved=True)
    (item,) = collect(case(late, alert("Slow", labels={"pod": "cart-2"})))
    assert item.at == START
    assert item.text == "Slow on checkout, 2 alerts, critical, 1 of 2 firing"


def test_texts_that_differ_only_in_numbers_are_said_once() -> None:
    texts = ["Pod cart-1 restarted 3 times.", "Pod cart-2 restarted 4 times.", "The probe failed.", "Killed.", "Gone."]
    alerts = [alert("Restarts", summary=text, minute=minute) for minute, text in enumerate(texts)]
    (item,) = collect(case(*alerts))
    assert item.text.endswith("firing; Pod cart-1 restarted 3 times; The probe failed; Killed")


def test_long_texts_are_cut() -> None:
    (item,) = collect(case(alert("Long", summary="word " * 1000)))
    assert len(item.text) < 400
    storm = [alert("Wide", service=f"{i}" + "s" * 1000) for i in range(STORM + 1)]
    (item,) = collect(case(*storm))
    assert len(item.text) == 2000


def test_plain_numbers_of_annotations_are_numbers_and_nothing_else_is() -> None:
    annotated = alert("Slow")
    annotations = {"value": "94.5%", "threshold": " 800 ms ", "drop": "-3", "text": "94 of 100", "huge": "9" * 400}
    (item,) = collect(case(replace(annotated, annotations=annotations)))
    assert item.numbers == {"value": 94.5, "threshold": 800.0, "drop": -3.0, "alerts": 1.0, "firing": 1.0}


def test_no_alerts_are_no_evidence() -> None:
    assert collect(case()) == ()
