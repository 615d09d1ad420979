"""Between an alert and what people see: queues, the relay, the functions that nobody waits for."""

from typing import Final

from scripts.dashboards.grafana import Page, Query, courses, panel, values
from scripts.dashboards.queries import ALERTS, ENV, OF_PRODUCT, RUN_SECONDS, now, quantile, rate

_AGE: Final = "srecopilot_queue_oldest_age_seconds"
_WORK: Final = 'queue!~".+-poison"'
_POISON: Final = 'queue=~".+-poison"'

PAGE: Final = Page(
    uid="srecopilot-pipeline",
    title="SRE Copilot: pipeline health",
    about="Whether what comes in gets through: queues, poison, relay, functions, stores.",
    variables=OF_PRODUCT,
    alerts=ALERTS,
    rows=(
        values(
            panel("Oldest message", f"max({_AGE}{{{ENV}, {_WORK}}})", unit="s", alarm=300),
            panel("Poison", now("srecopilot_queue_depth", "", _POISON), alarm=1),
            panel("Dead letters", now("srecopilot_dead_letters")),
            panel("Relay lag", f"max(srecopilot_relay_lag_seconds{{{ENV}}})", unit="s", alarm=60),
            panel("Calls not audited yet", now("srecopilot_audit_waiting_calls")),
            panel(
                "Parts that do not answer",
                now("srecopilot_scrape_errors"),
                about="What is missing in the metrics, and so in these panels.",
                alarm=1,
            ),
        ),
        courses(
            panel("Messages", Query(now("srecopilot_queue_depth", "queue"), "{{queue}}")),
            panel(
                "Age of the first message", Query(f"max by (queue) ({_AGE}{{{ENV}}})", "{{queue}}"), unit="s", alarm=300
            ),
        ),
        courses(
            panel("Relay lag", Query(f"max by (env) (srecopilot_relay_lag_seconds{{{ENV}}})", "{{env}}"), unit="s"),
            panel("Events due to be relayed", Query(now("srecopilot_relay_due_events", "env"), "{{env}}")),
            panel("Dead letters", Query(now("srecopilot_dead_letters", "source"), "{{source}}")),
        ),
        courses(
            panel(
                "Duration of functions, p95",
                Query(quantile(0.95, RUN_SECONDS, "function"), "{{function}}"),
                unit="s",
            ),
            panel(
                "Functions that fail",
                Query(f"copilot:function_failure_ratio:rate5m{{{ENV}}}", "{{function}}"),
                unit="percentunit",
            ),
        ),
        courses(
            panel(
                "Alerts that went to the queue first",
                Query(rate("srecopilot_ingest_spilled_alerts_total", "env"), "{{env}}"),
                unit="cps",
                about="Because the database did not answer, or the settings say so.",
            ),
            panel(
                "Notifications that fail",
                Query(f"copilot:notification_failure_ratio:rate30m{{{ENV}}}", "{{channel}}"),
                unit="percentunit",
                alarm=0.5,
            ),
        ),
    ),
)
