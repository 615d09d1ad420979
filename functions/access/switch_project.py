"""POST /api/auth/switch-project"""

from http import HTTPStatus

from functions.cookies import session_cookies
from functions.http import Admission, Answer, Call, endpoint
from shared.access import sessions
from shared.access.errors import ProjectNotFound
from shared.access.schemas import SignedInOut, SwitchProjectIn
from shared.kernel.errors import Forbidden
from shared.kernel.values import ProjectId


@endpoint(
    "POST",
    "auth/switch-project",
    needs=Admission.SIGNED_IN,
    body=SwitchProjectIn,
    returns=SignedInOut,
    raises=(Forbidden, ProjectNotFound),
)
async def switch_project(call: Call[SwitchProjectIn, None]) -> Answer:
    """Go on in another of one's projects, with a new access token."""
    async with call.transaction() as tx:
        found = await sessions.switch_project(call.runtime, tx, ProjectId(call.body.project_id))
    cookies = session_cookies(found, call.runtime.settings.cookie_same_site)
    return Answer(body=found.body, status=HTTPStatus.OK, cookies=cookies)
