"""GET /api/docs"""

from functions.http import Admission, Call, File, endpoint
from functions.openapi import DOCS_PAGE


@endpoint("GET", "docs", needs=Admission.EVERYONE, returns=File)
async def show_docs(call: Call[None, None]) -> File:  # noqa: ARG001 - every handler takes the call
    """Show an interactive page for this API."""
    return File(DOCS_PAGE, "text/html")
