"""PUT /api/services/{service_id}/dependencies/{callee_id}"""

from functions.http import Call, endpoint
from shared.kernel.values import Permission, ServiceId
from shared.services import commands
from shared.services.errors import DependsOnItself, ServiceNotFound
from shared.services.schemas import DependencyOut


@endpoint(
    "PUT",
    "services/{service_id}/dependencies/{callee_id}",
    needs=Permission.SERVICE_WRITE,
    returns=DependencyOut,
    raises=(ServiceNotFound, DependsOnItself),
)
async def put_dependency(call: Call[None, None], service_id: ServiceId, callee_id: ServiceId) -> DependencyOut:
    """Say that a service depends on another."""
    async with call.transaction() as tx:
        found = await commands.put_dependency(tx, call.project_id, service_id, callee_id)
    return DependencyOut.of(found)
