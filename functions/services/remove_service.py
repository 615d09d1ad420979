"""DELETE /api/services/{service_id}"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission, ServiceId
from shared.services import commands
from shared.services.errors import ServiceNotFound


@endpoint(
    "DELETE",
    "services/{service_id}",
    needs=Permission.SERVICE_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(ServiceNotFound, StaleVersion),
)
async def remove_service(call: Call[None, None], service_id: ServiceId) -> None:
    """Take a service out of the catalogue; alerts that name it do not bring it back."""
    async with call.transaction() as tx:
        await commands.remove_service(tx, call.project_id, service_id, expected=call.if_match)
