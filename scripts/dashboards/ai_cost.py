"""The language model: what it costs, what it is asked, and what caches save."""

from typing import Final

from scripts.dashboards.grafana import Page, Query, courses, panel, values
from scripts.dashboards.queries import ALERTS, ENV, OF_PRODUCT, now, quantile, rate, total

_COST: Final = "srecopilot_ai_cost_usd_total"
_CALLS: Final = "srecopilot_ai_calls_total"
_TOKENS: Final = "srecopilot_ai_tokens_total"
_CACHES: Final = "srecopilot_cache_requests_total"
_ANSWERS: Final = 'cache="ai_answers"'

PAGE: Final = Page(
    uid="srecopilot-ai-cost",
    title="SRE Copilot: AI cost",
    about="Dollars, tokens, budgets and caches of the language model. Without one there is nothing to see.",
    variables=OF_PRODUCT,
    alerts=ALERTS,
    rows=(
        values(
            panel("Cost", total(_COST), unit="currencyUSD", about="Within the time that is shown."),
            panel("Spent this month", now("srecopilot_ai_budget_spent_usd"), unit="currencyUSD"),
            panel("Budgets of this month", now("srecopilot_ai_budget_limit_usd"), unit="currencyUSD"),
            panel(
                "The fullest budget",
                f"max(srecopilot_ai_budget_used_ratio{{{ENV}}})",
                unit="percentunit",
                about="The share that the tenant which comes closest has used. At 100 % it gets rules alone.",
                alarm=1,
            ),
            panel(
                "Cost of an answer",
                f"{total(_COST)} / {total(_CALLS, '', 'outcome="answered"')}",
                unit="currencyUSD",
            ),
            panel(
                "Answers from the cache",
                f"{total(_CACHES, '', f'{_ANSWERS}, result="hit"')} / {total(_CACHES, '', _ANSWERS)}",
                unit="percentunit",
            ),
        ),
        courses(
            panel(
                "Cost an hour",
                Query(f"3600 * {rate(_COST, 'model')}", "{{model}}"),
                unit="currencyUSD",
                is_stacked=True,
            ),
            panel(
                "Budgets by what is spent",
                Query(now("srecopilot_ai_budget_tenants", "used"), "{{used}}"),
                about="How many tenants have spent how much of theirs.",
                is_stacked=True,
            ),
        ),
        courses(
            panel(
                "Tokens",
                Query(rate(_TOKENS, "kind"), "{{kind}}"),
                unit="cps",
                about="The cached ones are part of the input, which the provider bills for less.",
            ),
            panel("Questions", Query(rate(_CALLS, "outcome"), "{{outcome}}"), unit="cps", is_stacked=True),
            panel(
                "Waiting for the one call of an incident, p95",
                Query(quantile(0.95, "srecopilot_lock_wait_seconds", "result", 'lock="ai_generating"'), "{{result}}"),
                unit="s",
            ),
        ),
    ),
)
