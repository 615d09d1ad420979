"""Which failures are alarms, and how the operator hears of them: as alerts of their own integration."""

import json
from datetime import timedelta
from typing import Final

from functions.http import Endpoint
from shared.access.credentials import ingest_actor
from shared.kernel.errors import Overloaded
from shared.kernel.values import Permission
from shared.platform.alarms import Alarm, Danger
from shared.platform.queues import QueueAway
from shared.platform.runtime import Runtime
from shared.platform.telemetry import current, trace_id_of

# After this without another alarm the problem counts as over, and the machine mitigates its incident.
_OVER_AFTER: Final = timedelta(minutes=30)


def heed(runtime: Runtime, spec: Endpoint, error: Exception) -> None:
    """Sound an alarm where an answer of 5xx means that alerts are lost, or where it comes again and again."""
    if isinstance(error, Overloaded):
        return  # the sender's doing
    trace = current().span.traceparent
    route = f"{spec.method} /api/{spec.route}"
    if spec.needs is Permission.ALERT_INGEST and isinstance(error, QueueAway):
        runtime.alarms.sound(Alarm(danger=Danger.ALERTS_REFUSED, subject=route, trace=trace))
    runtime.alarms.count(Alarm(danger=Danger.KEEPS_FAILING, subject=route, trace=trace))


def listen(runtime: Runtime) -> None:
    """Let the operator hear the alarms of a process, where the settings name an integration for that."""
    token = runtime.settings.operator_ingest_token.get_secret_value()
    if token:

        async def tell(alarm: Alarm) -> None:
            await tell_operator(runtime, token, alarm)

        runtime.alarms.attach(tell)


async def tell_operator(runtime: Runtime, token: str, alarm: Alarm) -> None:
    """Take in an alarm as if it had been posted to `webhooks/alerts`. Raises whatever that raises.

    It is of one fingerprint for one problem, so that however many processes sound it, it is one alert of one incident.
    """
    from shared.alerts.payloads import read_alerts  # noqa: PLC0415 - most processes never sound an alarm
    from shared.incidents.ingest import ingest  # noqa: PLC0415 - as above

    now = runtime.clock.now()
    body = {
        "name": alarm.danger.name,
        "service": "sre-copilot",
        "severity": "critical",
        "title": alarm.title,
        "labels": {"subject": alarm.subject},
        "annotations": {"trace_id": trace_id_of(alarm.trace)},
        "group": {"alertname": alarm.danger.name, "subject": alarm.subject},
        "ends_at": (now + _OVER_AFTER).isoformat(),
    }
    received = read_alerts(json.dumps(body).encode(), now)
    await ingest(runtime, ingest_actor(runtime, token), received, alarm.trace)
