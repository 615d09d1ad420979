"""PATCH /api/services/{service_id}"""

from functions.http import Call, endpoint
from shared.kernel.errors import StaleVersion
from shared.kernel.values import Permission, ServiceId
from shared.services import commands
from shared.services.errors import ServiceNameTaken, ServiceNotFound
from shared.services.schemas import ServiceOut, ServicePatch


@endpoint(
    "PATCH",
    "services/{service_id}",
    needs=Permission.SERVICE_WRITE,
    body=ServicePatch,
    returns=ServiceOut,
    raises=(ServiceNotFound, StaleVersion, ServiceNameTaken),
)
async def update_service(call: Call[ServicePatch, None], service_id: ServiceId) -> ServiceOut:
    """Change what is known of a service; what is absent stays as it is."""
    async with call.transaction() as tx:
        row = await commands.update_service(tx, call.project_id, service_id, call.body, expected=call.if_match)
    return ServiceOut.of(row)
