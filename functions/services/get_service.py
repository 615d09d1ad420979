"""GET /api/services/{service_id}"""

from functions.http import Call, endpoint
from shared.kernel.values import Permission, ServiceId
from shared.services import store
from shared.services.errors import ServiceNotFound
from shared.services.schemas import ServiceDetailOut


@endpoint(
    "GET",
    "services/{service_id}",
    needs=Permission.SERVICE_READ,
    returns=ServiceDetailOut,
    raises=(ServiceNotFound,),
)
async def get_service(call: Call[None, None], service_id: ServiceId) -> ServiceDetailOut:
    """Show a service, what it depends on and what depends on it."""
    async with call.transaction() as tx:
        row = await store.get(tx, call.project_id, service_id)
        calls = await store.calls(tx, call.project_id, service_id)
    return ServiceDetailOut.with_calls(row, calls)
