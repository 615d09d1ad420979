"""POST /api/webhooks/changes"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.changes.batches import batch_of
from shared.changes.payloads import read_changes
from shared.changes.recording import record_changes
from shared.integrations.schemas import IngestedOut
from shared.kernel.errors import Malformed, TooLarge, Unavailable
from shared.kernel.values import Permission


@endpoint(
    "POST",
    "webhooks/changes",
    needs=Permission.ALERT_INGEST,
    body=bytes,
    returns=IngestedOut,
    status=HTTPStatus.ACCEPTED,
    raises=(Malformed, TooLarge, Unavailable),
)
async def receive_changes(call: Call[bytes, None]) -> IngestedOut:
    """Take deploys, configuration, flags and scaling: one `{id, at, kind, component, title, detail}`, or a list."""
    received = read_changes(call.body, call.runtime.clock.now())
    stored = await record_changes(call.runtime, batch_of(call.runtime, call.actor, received, call.trace))
    return IngestedOut.of(stored)
