"""Services of a team: what our rules record of them."""

from typing import Final

from scripts.dashboards.grafana import Page, Query, Variable, courses, panel, values

_OF: Final = 'env=~"$env", service=~"$service"'
_REQUESTS: Final = "service:http_requests:rate5m"
_P95: Final = "service:http_request_duration_seconds"

PAGE: Final = Page(
    uid="srecopilot-your-services",
    title="Your services",
    about="Rate, errors and duration of the services that Prometheus watches, their objectives, and what is unusual.",
    variables=(Variable("env", _REQUESTS), Variable("service", _REQUESTS)),
    alerts=_OF,
    rows=(
        values(
            panel("Requests", f"sum({_REQUESTS}{{{_OF}}})", unit="reqps"),
            panel("Most errors", f"max(service:http_error_ratio:rate5m{{{_OF}}})", unit="percentunit", alarm=0.05),
            panel("Slowest p95", f"max({_P95}:p95_5m{{{_OF}}})", unit="s", alarm=1),
            panel("Alerts", f'sum(ALERTS{{alertstate="firing", {_OF}}}) or vector(0)', alarm=1),
        ),
        courses(
            panel("Requests", Query(f"{_REQUESTS}{{{_OF}}}", "{{service}}"), unit="reqps"),
            panel(
                "Errors",
                Query(f"service:http_error_ratio:rate5m{{{_OF}}}", "{{service}}"),
                unit="percentunit",
                alarm=0.05,
            ),
            panel("Duration, p95", Query(f"{_P95}:p95_5m{{{_OF}}}", "{{service}}"), unit="s", alarm=1),
        ),
        courses(
            panel(
                "How fast error budgets burn, 1 hour",
                Query(f"service:http_error_ratio:rate1h{{{_OF}}} / service:error_budget:ratio", "{{service}}"),
                about="At 1 the budget of 30 days is used within 30 days.",
                alarm=14.4,
            ),
            panel(
                "How fast error budgets burn, 3 days",
                Query(f"service:http_error_ratio:rate3d{{{_OF}}} / service:error_budget:ratio", "{{service}}"),
                about="Above 1 the promise is not kept.",
                alarm=1,
            ),
        ),
        courses(
            panel(
                "How far traffic is from usual",
                Query(f"abs(service:http_requests:zscore{{{_OF}}})", "{{service}}"),
                about="In standard deviations of a day that ended an hour ago.",
                alarm=4,
            ),
            panel(
                "How far duration is from usual",
                Query(f"{_P95}:zscore{{{_OF}}}", "{{service}}"),
                about="In standard deviations of a day that ended an hour ago.",
                alarm=4,
            ),
        ),
        courses(
            panel(
                "Connection pools",
                Query(f"service:db_pool_usage:ratio{{{_OF}}}", "{{service}}"),
                unit="percentunit",
                alarm=0.9,
            ),
            panel(
                "Calls between services that fail",
                Query('service:dependency_error_ratio:rate5m{env=~"$env"}', "{{client}} to {{server}}"),
                unit="percentunit",
                alarm=0.05,
            ),
        ),
    ),
)
