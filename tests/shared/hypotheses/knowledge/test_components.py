import pytest

from shared.hypotheses.knowledge.components import component_of, focus_of, service_of, shared_label
from shared.hypotheses.values import CauseCode
from tests.shared.hypotheses.cases import alert, case


@pytest.mark.parametrize(
    ("service", "labels", "component"),
    [
        ("checkout", {"deployment": "web", "pod": "web-1"}, "checkout"),
        (None, {"deployment": "web", "namespace": "shop"}, "web"),
        (None, {"pod": "cart-76897854c-cw5wh"}, "cart"),
        (None, {"pod": "cart-0"}, "cart"),
        (None, {"pod": "fluent-x7k2p"}, "fluent"),
        (None, {"pod": "logging-agent"}, "logging-agent"),
        (None, {"job_name": "backup-28745632"}, "backup"),
        ("kube-state-metrics", {"deployment": "web", "instance": "10.0.0.1:8080"}, "web"),
        ("shop-kube-state-metrics", {"job": "kube-state-metrics", "pod": "web-7f9dd8b6c4-x7gr9"}, "web"),
        ("node-exporter", {"instance": "node-7:9100"}, "node-7"),
        (None, {"job": "redis_exporter", "instance": "10.0.0.5:9121"}, "10.0.0.5"),
        (None, {"node": "node-7", "instance": "10.0.0.5:10250"}, "node-7"),
        (None, {"namespace": "shop"}, "shop"),
    ],
)
def test_the_component_is_the_most_telling_label_and_never_a_messenger(
    service: str | None, labels: dict[str, str], component: str
) -> None:
    assert component_of(alert("X", service=service, labels=labels), None) == component


def test_an_alert_without_labels_belongs_to_the_incidents_service_or_to_itself() -> None:
    bare = alert("Odd", service=None)
    assert component_of(bare, "cart") == "cart"
    assert component_of(bare, None) == "Odd"


@pytest.mark.parametrize(
    ("service", "known"), [("checkout", "checkout"), ("kube-state-metrics", None), (None, None), ("", None)]
)
def test_an_incident_filed_under_a_messenger_has_no_service(service: str | None, known: str | None) -> None:
    assert service_of(case(service=service)) == known


def test_a_cause_may_sit_in_the_machine_under_the_workload() -> None:
    one, two = alert("A", labels={"node": "node-1"}), alert("A", labels={"node": "node-2"})
    assert focus_of(CauseCode.NODE_FAILURE, [one], "checkout") == "node-1"
    assert focus_of(CauseCode.NODE_FAILURE, [one, two], "checkout") == "checkout"
    assert focus_of(CauseCode.BAD_RELEASE, [one], "checkout") == "checkout"


def test_what_alerts_share_is_the_first_label_with_one_value() -> None:
    alerts = [alert("A", labels={"job": "node-exporter", "node": f"n{i}", "cluster": "west"}) for i in range(2)]
    assert shared_label(alerts, ("job", "node", "cluster")) == "west"
    assert shared_label(alerts, ("node", "zone")) is None
