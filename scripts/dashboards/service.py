"""The API as a service: rate, errors, duration, saturation."""

from typing import Final

from scripts.dashboards.grafana import Page, Query, courses, panel, values
from scripts.dashboards.queries import ALERTS, CALL_SECONDS, CALLS, ENV, OF_PRODUCT, now, quantile, rate

_CACHES: Final = "srecopilot_cache_requests_total"

PAGE: Final = Page(
    uid="srecopilot-service",
    title="SRE Copilot: service overview",
    about="Rate, errors, duration and saturation of the API, and what webhooks promise.",
    variables=OF_PRODUCT,
    alerts=ALERTS,
    rows=(
        values(
            panel("Calls", f"sum(copilot:http_requests:rate5m{{{ENV}}})", unit="reqps"),
            panel("Calls that fail", f"max(copilot:http_error_ratio:rate5m{{{ENV}}})", unit="percentunit", alarm=0.05),
            panel("Webhooks, p95", quantile(0.95, CALL_SECONDS, "", 'route=~"webhooks/.+"'), unit="s", alarm=0.5),
            panel("Processes", now("srecopilot_processes")),
        ),
        courses(
            panel("Calls by route", Query(f"topk(8, {rate(CALLS, 'route')})", "{{route}}"), unit="reqps"),
            panel(
                "Calls that did not go well",
                Query(rate(CALLS, "code", 'code=~"[45].."'), "{{code}}"),
                unit="reqps",
                about="By status: 4xx are the callers', 5xx are ours.",
            ),
        ),
        courses(
            panel(
                "Duration of calls",
                Query(quantile(0.5, CALL_SECONDS), "p50"),
                Query(quantile(0.95, CALL_SECONDS), "p95"),
                Query(quantile(0.99, CALL_SECONDS), "p99"),
                unit="s",
            ),
            panel(
                "The slowest routes, p95",
                Query(f"topk(8, {quantile(0.95, CALL_SECONDS, 'route')})", "{{route}}"),
                unit="s",
            ),
        ),
        courses(
            panel(
                "How fast webhooks burn their error budget",
                Query(f"copilot:webhook_error_ratio:rate5m{{{ENV}}} / 0.001", "{{env}} 5 minutes"),
                Query(f"copilot:webhook_error_ratio:rate1h{{{ENV}}} / 0.001", "{{env}} 1 hour"),
                Query(f"copilot:webhook_error_ratio:rate6h{{{ENV}}} / 0.001", "{{env}} 6 hours"),
                about="At 1 it is used within 30 days: 99.9 % of webhooks are to be taken.",
                alarm=14.4,
            ),
            panel(
                "How fast webhooks burn their latency budget",
                Query(f"copilot:webhook_slow_ratio:rate5m{{{ENV}}} / 0.01", "{{env}} 5 minutes"),
                Query(f"copilot:webhook_slow_ratio:rate1h{{{ENV}}} / 0.01", "{{env}} 1 hour"),
                about="At 1 it is used within 30 days: 99 % of webhooks are to be answered within half a second.",
                alarm=14.4,
            ),
        ),
        courses(
            panel(
                "Database connections",
                Query(now("srecopilot_database_pool_connections", "pool, state"), "{{pool}} {{state}}"),
                is_stacked=True,
            ),
            panel(
                "Found in caches",
                Query(f"{rate(_CACHES, 'cache', 'result="hit"')} / {rate(_CACHES, 'cache')}", "{{cache}}"),
                unit="percentunit",
            ),
            panel(
                "Breakers that are open",
                Query(now("srecopilot_breakers_open", "breaker"), "{{breaker}}"),
                about="Processes that let something rest, because it failed.",
                alarm=1,
            ),
        ),
    ),
)
