"""POST /api/webhooks/grafana"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.alerts.payloads import read_alertmanager
from shared.incidents.ingest import ingest
from shared.integrations.schemas import IngestedOut
from shared.kernel.errors import Malformed, TooLarge, Unavailable
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "webhooks/grafana",
    needs=Permission.ALERT_INGEST,
    body=bytes,
    returns=IngestedOut,
    status=HTTPStatus.ACCEPTED,
    raises=(Malformed, TooLarge, Unavailable),
)
async def receive_grafana(call: Call[bytes, None]) -> IngestedOut:
    """Take a notification of Grafana's unified alerting."""
    received = read_alertmanager(call.body, call.runtime.clock.now())
    return IngestedOut.of(await ingest(call.runtime, call.actor, received, call.trace))
