"""What users feel, what changed, and alerts about the alerting itself."""

from typing import Final

from shared.hypotheses.knowledge.wording import wording
from shared.hypotheses.values import CauseCode as C

SYMPTOMS: Final = (
    wording(
        "after-release",
        r"(after|since|following)~(deploy\w*|release\w*|rollout|upgrade)|new (version|release|build)"
        r"|canary~(fail\w*|degrad\w*|error\w*)|regression",
        "It began with a new version.",
        {C.BAD_RELEASE: 0.75, C.WRONG_CONFIGURATION: 0.3},
    ),
    wording(
        "after-flag",
        r"feature (flag|toggle)|flag~(enabled|disabled|turned|flipped|changed)",
        "It began with a feature flag.",
        {C.FEATURE_FLAG: 0.8},
    ),
    wording(
        "errors",
        r"\berrors?~(rate|ratio|high|budget|burn|percent|count|spike|above)|high~errors?|5xx"
        r"|(http|status|code|returns?|returned)~500|slo~burn|burn rate|success rate"
        r"|availability~(low|below|drop\w*)|fail\w* (rate|ratio|requests)|exceptions?~(rate|high|spike)",
        "Requests fail.",
        {
            C.BAD_RELEASE: 0.4,
            C.DEPENDENCY_UNAVAILABLE: 0.4,
            C.WRONG_CONFIGURATION: 0.3,
            C.CONNECTION_POOL_EXHAUSTED: 0.25,
            C.TRAFFIC_SPIKE: 0.2,
        },
    ),
    wording(
        "latency",
        r"latency|\bslow\b|response times?|\bp9[059]9?\b|duration~(high|above|long)|apdex|longer than~seconds",
        "Requests take too long.",
        {
            C.DEPENDENCY_SLOW: 0.4,
            C.SLOW_QUERY: 0.35,
            C.BAD_RELEASE: 0.3,
            C.TRAFFIC_SPIKE: 0.3,
            C.CPU_SATURATION: 0.3,
            C.NETWORK_LATENCY: 0.25,
        },
    ),
    wording(
        "target-down",
        r"target~(down|missing|disappeared)"
        r"|\b(service|endpoint|instance|probe|site|website|component|api)~(down|fail\w*|unreachable|unavailable"
        r"|offline)"
        r"|absent~metrics|is down|not responding",
        "Something that should answer does not.",
        {
            C.DEPENDENCY_UNAVAILABLE: 0.35,
            C.CRASH_LOOP: 0.35,
            C.NODE_FAILURE: 0.35,
            C.BAD_RELEASE: 0.3,
            C.NETWORK_PARTITION: 0.2,
        },
    ),
    wording(
        "traffic-high",
        r"(traffic|requests?|qps|rps|throughput|load)~(spike|surge|high|anomal\w*|increase\w*|above)"
        r"|high~(traffic|request rate)|\bd?dos\b|thundering herd|retry storm",
        "Much more is asked than usual.",
        {C.TRAFFIC_SPIKE: 0.8, C.CPU_SATURATION: 0.3},
    ),
    wording(
        "traffic-low",
        r"(traffic|requests?|qps|rps|throughput)~(drop\w*|low|fell|zero|below|missing)"
        r"|low~(traffic|request rate)",
        "Much less arrives than usual.",
        {
            C.DEPENDENCY_UNAVAILABLE: 0.35,
            C.BAD_RELEASE: 0.3,
            C.DNS_FAILURE: 0.3,
            C.THIRD_PARTY_OUTAGE: 0.25,
            C.NONE: 0.2,
        },
        against=(C.TRAFFIC_SPIKE,),
    ),
    wording(
        "widespread",
        r"on \d+ components",
        "Many components show the same at once, so what they share is suspect.",
        {
            C.DEPENDENCY_UNAVAILABLE: 0.4,
            C.NETWORK_PARTITION: 0.35,
            C.DNS_FAILURE: 0.35,
            C.NODE_FAILURE: 0.3,
            C.CLOUD_OUTAGE: 0.3,
        },
        against=(C.BAD_PROBE, C.FEATURE_FLAG),
    ),
    wording(
        "heartbeat",
        r"watchdog|dead man ?s? (snitch|switch)|info inhibitor|always firing|test (alert|notification)"
        r"|this is a test",
        "An alert that is meant to fire always, or a test.",
        {C.NONE: 0.95},
    ),
    wording(
        "monitoring-gap",
        r"(no|missing) data|datasource ?(no data|error)|scrape~fail\w*|rule evaluation"
        r"|prometheus~(rule fail\w*|not connected|missing)|alertmanager~(fail\w*|down)"
        r"|metrics?~(missing|gap|stale)",
        "The monitoring cannot see; what it watches may be well.",
        {C.NONE: 0.45, C.DEPENDENCY_UNAVAILABLE: 0.3, C.WRONG_CONFIGURATION: 0.25},
    ),
    wording(
        "recovered",
        r"recovered|back to normal|returned to normal|self (healed|resolved)|false (alarm|positive)"
        r"|for information only|planned maintenance",
        "The text itself says that it is over or harmless.",
        {C.NONE: 0.6},
    ),
)
