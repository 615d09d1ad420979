"""DELETE /api/services/{service_id}/dependencies/{callee_id}"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.kernel.values import Permission, ServiceId
from shared.services import commands
from shared.services.errors import DependencyNotFound, ServiceNotFound


@endpoint(
    "DELETE",
    "services/{service_id}/dependencies/{callee_id}",
    needs=Permission.SERVICE_WRITE,
    status=HTTPStatus.NO_CONTENT,
    raises=(ServiceNotFound, DependencyNotFound),
)
async def remove_dependency(call: Call[None, None], service_id: ServiceId, callee_id: ServiceId) -> None:
    """Say that a service does not depend on another; what is learned does not say otherwise again."""
    async with call.transaction() as tx:
        await commands.remove_dependency(tx, call.project_id, service_id, callee_id)
