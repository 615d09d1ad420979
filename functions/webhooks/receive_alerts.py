"""POST /api/webhooks/alerts"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.alerts.payloads import AlertIn, read_alerts
from shared.incidents.ingest import ingest
from shared.integrations.schemas import IngestedOut
from shared.kernel.errors import Malformed, TooLarge, Unavailable
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "webhooks/alerts",
    needs=Permission.ALERT_INGEST,
    body=bytes,
    one_or_many=AlertIn,
    returns=IngestedOut,
    status=HTTPStatus.ACCEPTED,
    raises=(Malformed, TooLarge, Unavailable),
)
async def receive_alerts(call: Call[bytes, None]) -> IngestedOut:
    """Take alerts in our own format, one or a list. A bad one among good ones is rejected alone."""
    received = read_alerts(call.body, call.runtime.clock.now())
    return IngestedOut.of(await ingest(call.runtime, call.actor, received, call.trace))
