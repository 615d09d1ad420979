"""POST /api/realtime/events"""

from http import HTTPStatus

from functions.http import Admission, Call, endpoint
from functions.proofs import WEB_PUBSUB
from shared.kernel.errors import Unauthenticated, Unavailable


@endpoint(
    "POST",
    "realtime/events",
    needs=Admission.EVERYONE,
    proof=WEB_PUBSUB,
    body=bytes,
    status=HTTPStatus.NO_CONTENT,
    raises=(Unauthenticated, Unavailable),
)
async def receive_connection_event(call: Call[bytes, None]) -> None:
    """Take what Web PubSub tells of a client: that it has connected, or is gone. Other events are of no interest."""
    connection_id = call.headers["ce-connectionid"]
    match call.headers.get("ce-type"):
        case "azure.webpubsub.sys.connected":
            await call.runtime.connections.opened(connection_id)
        case "azure.webpubsub.sys.disconnected":
            await call.runtime.connections.closed(connection_id)
