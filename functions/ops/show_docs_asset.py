"""GET /api/docs/{asset}"""

from functions.http import Admission, Call, File, endpoint
from functions.openapi import docs_asset
from shared.kernel.errors import NotFound


@endpoint("GET", "docs/{asset}", needs=Admission.EVERYONE, returns=File, raises=(NotFound,))
async def show_docs_asset(call: Call[None, None], asset: str) -> File:  # noqa: ARG001 - every handler takes the call
    """Serve the page's own scripts and styles; nothing comes from elsewhere."""
    return docs_asset(asset)
