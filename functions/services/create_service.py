"""POST /api/services"""

from http import HTTPStatus

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.services import commands
from shared.services.errors import ServiceNameTaken, TooManyServices
from shared.services.schemas import ServiceIn, ServiceOut


@endpoint(
    "POST",
    "services",
    needs=Permission.SERVICE_WRITE,
    body=ServiceIn,
    returns=ServiceOut,
    status=HTTPStatus.CREATED,
    raises=(ServiceNameTaken, TooManyServices),
)
async def create_service(call: Call[ServiceIn, None]) -> ServiceOut:
    """Add a service to the catalogue."""
    async with call.transaction() as tx:
        row = await commands.create_service(tx, call.project_id, call.body)
    return ServiceOut.of(row)
