"""POST /api/services/import"""

from functions.http import Call, endpoint
from shared.kernel.values import Permission
from shared.services import importing
from shared.services.errors import NamedTwice, TooManyServices
from shared.services.schemas import ImportIn, ImportOut, ImportQuery


@endpoint(
    "POST",
    "services/import",
    needs=Permission.SERVICE_WRITE,
    body=ImportIn,
    query=ImportQuery,
    returns=ImportOut,
    raises=(NamedTwice, TooManyServices),
)
async def import_services(call: Call[ImportIn, ImportQuery]) -> ImportOut:
    """Add and change the services and dependencies that a document names; with `dry_run`, say what that would do."""
    try:
        async with call.transaction() as tx:
            return await importing.import_services(tx, call.project_id, call.body, dry_run=call.query.dry_run)
    except importing.DryRun as dry:
        return dry.outcome
