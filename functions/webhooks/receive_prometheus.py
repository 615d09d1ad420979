"""POST /api/webhooks/prometheus/api/v2/alerts"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.alerts.payloads import read_prometheus
from shared.incidents.ingest import ingest
from shared.integrations.schemas import IngestedOut
from shared.kernel.errors import Malformed, TooLarge, Unavailable
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "webhooks/prometheus/api/v2/alerts",
    needs=Permission.ALERT_INGEST,
    body=bytes,
    returns=IngestedOut,
    status=HTTPStatus.ACCEPTED,
    raises=(Malformed, TooLarge, Unavailable),
)
async def receive_prometheus(call: Call[bytes, None]) -> IngestedOut:
    """Take alerts from Prometheus itself, which posts here as to an AlertManager."""
    received = read_prometheus(call.body, call.runtime.clock.now())
    return IngestedOut.of(await ingest(call.runtime, call.actor, received, call.trace))
