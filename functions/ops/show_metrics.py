"""GET /api/metrics"""

from functions.http import Admission, Call, File, endpoint
from functions.proofs import SCRAPER
from shared.kernel.errors import Unauthenticated
from shared.platform.exposition import MEDIA_TYPE
from shared.views.operations import scrape


@endpoint("GET", "metrics", needs=Admission.EVERYONE, proof=SCRAPER, returns=File, raises=(Unauthenticated,))
async def show_metrics(call: Call[None, None]) -> File:
    """Show the metrics of all instances, as Prometheus reads them. Needs the token of `METRICS_TOKEN`."""
    return File(await scrape(call.runtime), MEDIA_TYPE)
