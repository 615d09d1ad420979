"""OPTIONS /api/realtime/events"""

from http import HTTPStatus

from functions.http import Admission, Answer, Call, endpoint


@endpoint("OPTIONS", "realtime/events", needs=Admission.EVERYONE, status=HTTPStatus.NO_CONTENT)
async def validate_event_handler(call: Call[None, None]) -> Answer:
    """Tell our own Web PubSub service, and no other, that it may post events here (CloudEvents abuse protection)."""
    origin = call.headers.get("webhook-request-origin", "")
    allowed = {"WebHook-Allowed-Origin": origin} if call.runtime.realtime.is_ours(origin) else {}
    return Answer(body=None, status=HTTPStatus.NO_CONTENT, headers=allowed)
