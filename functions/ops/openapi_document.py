"""GET /api/openapi.json"""

from functions.http import Admission, Call, File, endpoint
from functions.openapi import document


@endpoint("GET", "openapi.json", needs=Admission.EVERYONE, returns=File)
async def openapi_document(call: Call[None, None]) -> File:
    """Describe this API, as OpenAPI 3.1 made from the declarations."""
    return File(document(call.runtime.settings.api_base_url), "application/json")
