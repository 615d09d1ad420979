"""GET /api/audit/verify"""

from functions.http import Call, endpoint
from shared.audit.days import BadDays
from shared.audit.schemas import DaysQuery, VerifyOut
from shared.audit.verifying import verify
from shared.kernel.values import Permission
from shared.platform.blob_store import BlobsAway
from shared.platform.table_store import TablesAway


@endpoint(
    "GET",
    "audit/verify",
    needs=Permission.AUDIT_READ,
    query=DaysQuery,
    returns=VerifyOut,
    raises=(BadDays, TablesAway, BlobsAway),
)
async def verify_audit(call: Call[None, DaysQuery]) -> VerifyOut:
    """Compare the tenant's audit with the seals of its days, and name the first day that does not match."""
    return await verify(call.runtime, call.actor, call.query)
