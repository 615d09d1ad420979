"""GET /api/health/ready"""

from http import HTTPStatus

from functions.http import Admission, Answer, Call, endpoint
from shared.platform.health import Health, LiveOut, accepts_work


@endpoint("GET", "health/ready", needs=Admission.EVERYONE, returns=LiveOut)
async def health_ready(call: Call[None, None]) -> Answer:
    """Say whether work can be accepted; 503 only when neither the database nor the queue takes it."""
    if await accepts_work(call.runtime):
        return Answer(body=LiveOut(status=Health.OK), status=HTTPStatus.OK)
    return Answer(body=LiveOut(status=Health.DOWN), status=HTTPStatus.SERVICE_UNAVAILABLE)
