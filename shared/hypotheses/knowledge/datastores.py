"""Databases, queues, caches and what they keep."""

from typing import Final

from shared.hypotheses.knowledge.wording import wording
from shared.hypotheses.values import CauseCode as C

DATASTORES: Final = (
    wording(
        "slow-queries",
        r"slow (quer|sql|log)|long running (quer|transaction)|quer\w*~(slow|tim(ed|ing) ?out|timeouts?|latency|long)"
        r"|(database|\bdb\b|quer\w*|sql|statement|procedure)~(took|in|duration|after) [1-9]\d* (\d+ )?(s|secs?"
        r"|seconds)\b|query in~took [1-9]"
        r"|full table scan|missing index|statement timeout",
        "Queries take too long.",
        {C.SLOW_QUERY: 0.85, C.LOCK_CONTENTION: 0.4, C.DISK_IO: 0.25},
    ),
    wording(
        "deadlocks",
        r"dead ?locks?",
        "Transactions or threads wait for each other.",
        {C.DEADLOCK: 0.9, C.LOCK_CONTENTION: 0.5},
    ),
    wording(
        "locks",
        r"\block(s|ed)?~(wait\w*|contention|timeout|high|held)|blocked (quer|session|transaction)"
        r"|waiting~locks?|too many locks",
        "Work waits for locks.",
        {C.LOCK_CONTENTION: 0.85, C.SLOW_QUERY: 0.35, C.DEADLOCK: 0.3},
    ),
    wording(
        "replication-behind",
        r"replica\w*~(lag\w*|behind|delay\w*|stale\w*|broken|stopped|disconnected|not running)"
        r"|wal~(lag|behind|retained)|standby~(lag\w*|behind)",
        "A copy of the data is behind its source.",
        {C.REPLICATION_LAG: 0.9, C.DISK_IO: 0.25, C.NETWORK_LATENCY: 0.15},
    ),
    wording(
        "queue-growing",
        r"(?<!disk )(?<!flush )(queue|backlog)~(depth|high|grow\w*|length|size|full|large|backlog|too many"
        r"|not consumed)"
        r"|consumer~(lag\w*|behind|stuck)|lag~consumer|messages?~(unacked|unacknowledged|ready|piling|waiting)"
        r"|dead ?letter|oldest message",
        "Work arrives faster than it is done.",
        {C.QUEUE_BACKLOG: 0.85, C.TRAFFIC_SPIKE: 0.35, C.DEPENDENCY_SLOW: 0.35, C.BAD_RELEASE: 0.2},
    ),
    wording(
        "broker-unhealthy",
        r"(kafka|rabbit ?mq|broker|zookeeper)~(down|unavailable|not running|not enough|missing)"
        r"|under ?replicated~partitions?|offline~partitions?|no active controller|rabbit~alarm",
        "The message broker is not whole.",
        {C.DEPENDENCY_UNAVAILABLE: 0.65, C.NODE_FAILURE: 0.4, C.QUEUE_BACKLOG: 0.35, C.NETWORK_PARTITION: 0.25},
    ),
    wording(
        "cache-unhealthy",
        r"(redis|memcached?|valkey|cache)~(down|missing|unavailable|evict\w*|miss(es)?|hit rate|hit ratio"
        r"|out of memory|reject\w*)"
        r"|low cache hit|cache (miss|stampede)",
        "A cache is away or useless.",
        {C.CACHE_FAILURE: 0.85, C.DEPENDENCY_SLOW: 0.25, C.MEMORY_EXHAUSTION: 0.2},
    ),
    wording(
        "database-down",
        r"(database|postgres\w*|pg|sql|mongo\w*|maria ?db|cassandra|elastic ?search|etcd|oracle)"
        r"~(down|unavailable|not running|unreachable|no leader|members down|stopped)"
        r"|connections?~(drop\w*|lost)",
        "A data store does not answer.",
        {C.DEPENDENCY_UNAVAILABLE: 0.7, C.NODE_FAILURE: 0.45, C.CLOUD_OUTAGE: 0.3, C.STORAGE_VOLUME_FAILURE: 0.25},
    ),
    wording(
        "data-damaged",
        r"corrupt\w*|checksum~(fail\w*|mismatch|error)|bad (block|magic|page)|data loss"
        r"|inconsistent (data|state)|integrity~(fail\w*|error)",
        "Stored data is damaged.",
        {C.DATA_CORRUPTION: 0.85, C.STORAGE_VOLUME_FAILURE: 0.4},
    ),
)
