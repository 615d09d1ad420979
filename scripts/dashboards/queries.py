"""PromQL that several dashboards share, of the product's own metrics."""

from typing import Final

from scripts.dashboards.grafana import Variable

ENV: Final = 'env=~"$env"'
OF_PRODUCT: Final = (Variable("env", 'up{job="sre-copilot"}'),)
ALERTS: Final = f'service="sre-copilot", {ENV}'

CALLS: Final = "srecopilot_http_requests_total"
CALL_SECONDS: Final = "srecopilot_http_request_duration_seconds"
RUN_SECONDS: Final = "srecopilot_function_duration_seconds"


def rate(metric: str, by: str, matchers: str = "") -> str:
    """Per second, summed up by some labels."""
    return f"{_sum(by)}(rate({metric}{_chosen(matchers)}[$__rate_interval]))"


def total(metric: str, by: str = "", matchers: str = "") -> str:
    """How much it has grown within the time that is shown."""
    return f"{_sum(by)}(increase({metric}{_chosen(matchers)}[$__range]))"


def now(metric: str, by: str = "", matchers: str = "") -> str:
    """A gauge, summed up by some labels."""
    return f"{_sum(by)}({metric}{_chosen(matchers)})"


def quantile(share: float, metric: str, by: str = "", matchers: str = "") -> str:
    """A histogram's quantile, in seconds."""
    labels = f"le, {by}" if by else "le"
    return (
        f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket{_chosen(matchers)}[$__rate_interval])))"
    )


def _sum(by: str) -> str:
    return f"sum by ({by}) " if by else "sum"


def _chosen(matchers: str) -> str:
    return f"{{{ENV}, {matchers}}}" if matchers else f"{{{ENV}}}"
