"""Incidents: what is open, what comes in, how it is explained and told."""

from typing import Final

from scripts.dashboards.grafana import Page, Query, courses, panel, values
from scripts.dashboards.queries import ALERTS, ENV, OF_PRODUCT, RUN_SECONDS, now, quantile, rate, total

_OPEN: Final = "srecopilot_open_incidents"
_ALERTS_IN: Final = "srecopilot_ingest_alerts_total"
_ANALYSES: Final = 'function="propose_hypotheses"'

PAGE: Final = Page(
    uid="srecopilot-incidents",
    title="SRE Copilot: incidents",
    about="What is open, what comes in, and how it is explained and told.",
    variables=OF_PRODUCT,
    alerts=ALERTS,
    rows=(
        values(
            panel("Open", now(_OPEN)),
            panel("Open and critical", now(_OPEN, "", 'severity="critical"'), alarm=1),
            panel("Not acknowledged", now(_OPEN, "", 'state="detected"')),
            panel(
                "Alerts that said nothing new",
                f"{total(_ALERTS_IN, '', 'result="repeated"')} / {total(_ALERTS_IN)}",
                unit="percentunit",
            ),
            panel("Live connections", now("srecopilot_realtime_connections")),
        ),
        courses(
            panel("Open by severity", Query(now(_OPEN, "severity"), "{{severity}}"), is_stacked=True),
            panel("Open by state", Query(now(_OPEN, "state"), "{{state}}"), is_stacked=True),
        ),
        courses(
            panel("Alerts", Query(rate(_ALERTS_IN, "result"), "{{result}}"), unit="cps", is_stacked=True),
            panel(
                "Alerts, and how many are usual",
                Query(f"copilot:ingest_alerts:rate5m{{{ENV}}}", "{{env}}"),
                Query(f"copilot:ingest_alerts:mean1d{{{ENV}}}", "{{env}} usual"),
                unit="cps",
                about="The mean is of a day that ended an hour ago.",
            ),
            panel(
                "How far that is from usual",
                Query(f"abs(copilot:ingest_alerts:zscore{{{ENV}}})", "{{env}}"),
                about="In standard deviations. Beyond 4 an alert fires, unless yesterday was alike.",
                alarm=4,
            ),
        ),
        courses(
            panel(
                "Analyses",
                Query(rate(f"{RUN_SECONDS}_count", "result", _ANALYSES), "{{result}}"),
                unit="cps",
                is_stacked=True,
            ),
            panel(
                "Duration of an analysis",
                Query(quantile(0.5, RUN_SECONDS, "", _ANALYSES), "p50"),
                Query(quantile(0.95, RUN_SECONDS, "", _ANALYSES), "p95"),
                unit="s",
            ),
            panel(
                "Notifications",
                Query(rate("srecopilot_notification_tries_total", "channel, result"), "{{channel}} {{result}}"),
                unit="cps",
                is_stacked=True,
            ),
        ),
    ),
)
