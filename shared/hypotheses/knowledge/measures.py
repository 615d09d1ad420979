"""How measurements speak: which course of which quantity points where.

The names are those of node-exporter, cAdvisor and kube-state-metrics, the Prometheus client libraries, Istio and
OpenTelemetry, the database exporters and the cloud databases. A row reads "<name> <verb>", as `series.Shape` has it.
"""

from functools import lru_cache
from typing import Final

from shared.hypotheses.knowledge.wording import Signature, wording, words
from shared.hypotheses.values import CauseCode as C

_UP = r".* (rose|saturated|spiked)"
_STILL_UP = r".* (rose|saturated)"
_DOWN = r".* (fell|ran out|dipped|broke off)"

MEASURES: Final = (
    wording(
        "cpu-full",
        r"(\bcpu\b|processor|load average).* saturated",
        "Processors are at their limit.",
        {C.CPU_SATURATION: 0.8, C.SLOW_QUERY: 0.4, C.TRAFFIC_SPIKE: 0.3, C.BAD_RELEASE: 0.25},
    ),
    wording(
        "cpu-rising",
        r"^(?!.*(throttl|steal|idle|request|limit)).*(\bcpu\b|processor|load average).* (rose|spiked)",
        "Processors have more to do than before.",
        {C.CPU_SATURATION: 0.6, C.TRAFFIC_SPIKE: 0.3, C.BAD_RELEASE: 0.2},
    ),
    wording(
        "cpu-throttled",
        rf"(throttl|cfs){_UP}",
        "The kernel holds a container back at its CPU limit.",
        {C.CPU_SATURATION: 0.7, C.BAD_RESOURCE_LIMITS: 0.6},
    ),
    wording(
        "memory-rising",
        rf"^(?!.*(free|available|requests?|limits?)).*(\bmem\b|memory|heap|\brss\b|working set|swap){_STILL_UP}",
        "Memory fills.",
        {C.MEMORY_EXHAUSTION: 0.7, C.BAD_RESOURCE_LIMITS: 0.35, C.BAD_RELEASE: 0.2},
    ),
    wording(
        "memory-going",
        r"(free\w*|available)~(memory|\bmem\b).* (fell|ran out)|(memory|\bmem\b)~(free\w*|available).* (fell|ran out)",
        "Free memory goes.",
        {C.MEMORY_EXHAUSTION: 0.6, C.BAD_RESOURCE_LIMITS: 0.3},
    ),
    wording(
        "space-gone",
        r"(free|available|avail)~(storage|disk|space|bytes|inodes)\b.* ran out"
        r"|(storage|disk|filesystem|volume)~(free|available|avail).* ran out",
        "There is next to no room left.",
        {C.DISK_FULL: 0.9},
    ),
    wording(
        "space-going",
        r"(free|available|avail)~(storage|disk|space|bytes|inodes)\b.* fell"
        r"|(storage|disk|filesystem|volume)~(free|available|avail).* fell"
        rf"|(disk|filesystem|volume|storage)~(used|usage|full){_STILL_UP}",
        "Room on a disk goes.",
        {C.DISK_FULL: 0.75},
    ),
    wording(
        "space-back",
        r"(free|available|avail)~(storage|disk|space|bytes)\b.* (rose|dipped)",
        "Room on a disk has come back.",
        {C.NONE: 0.6},
        against=(C.DISK_FULL,),
    ),
    wording(
        "storage-waiting",
        rf"(disk|io|device|volume)~(queue|wait|latency|time|await|util\w*|busy){_UP}|\bio ?wait\b{_UP}"
        rf"|(write|read|fsync|flush|commit) ?(latency|time|delay){_UP}",
        "Storage answers slowly.",
        {C.DISK_IO: 0.65, C.SLOW_QUERY: 0.25, C.STORAGE_VOLUME_FAILURE: 0.2, C.DISK_FULL: 0.15},
    ),
    wording(
        "storage-busy",
        rf"disk ?io\b{_STILL_UP}|(disk|read|write|fs)~(iops|ops|io|reads?|writes?|bytes|throughput){_STILL_UP}"
        rf"|(read|write) ?(iops|throughput){_STILL_UP}",
        "Much more is read or written than before.",
        {C.DISK_IO: 0.55, C.SLOW_QUERY: 0.2, C.TRAFFIC_SPIKE: 0.15, C.REPLICATION_LAG: 0.15},
    ),
    wording(
        "writes-stopped",
        r"(write|commit|transactions?)( (iops|throughput|rate|ops))+\b.* ran out",
        "Nothing is written any more.",
        {C.DISK_FULL: 0.45, C.STORAGE_VOLUME_FAILURE: 0.35, C.LOCK_CONTENTION: 0.2},
    ),
    wording(
        "lag-growing",
        rf"(replica|replication|standby|slave|follower|wal|apply|replay)~(lag|delay|behind){_STILL_UP}",
        "A copy falls behind its source.",
        {C.REPLICATION_LAG: 0.9},
    ),
    wording(
        "log-volume",
        rf"(transaction ?logs?|wal|binlog|redo|oplog)~(generation|bytes|rate|volume|written){_STILL_UP}",
        "The database writes far more log than before, for its copies to follow.",
        {C.REPLICATION_LAG: 0.4, C.DISK_IO: 0.3, C.DISK_FULL: 0.2},
    ),
    wording(
        "connections-filling",
        rf"(connections?|pool|sessions|backends|clients)\b(?!.*(drop|fail|error|refus|abort)){_STILL_UP}",
        "Connections are taken and not given back.",
        {C.CONNECTION_POOL_EXHAUSTED: 0.7, C.SLOW_QUERY: 0.3, C.LOCK_CONTENTION: 0.25, C.TRAFFIC_SPIKE: 0.2},
    ),
    wording(
        "connections-lost",
        r"(connections?|sessions|backends|clients)\b.* (broke off|ran out)",
        "All connections were lost at once.",
        {C.NODE_FAILURE: 0.55, C.DEPENDENCY_UNAVAILABLE: 0.4, C.NETWORK_PARTITION: 0.35},
        against=(C.CONNECTION_POOL_EXHAUSTED,),
    ),
    wording(
        "database-load",
        rf"(db|database) load{_STILL_UP}|active sessions{_STILL_UP}|(slow|long) (queries|transactions){_UP}"
        rf"|(query|statement)~(time|duration|latency){_UP}|rows? (read|examined|returned|fetched){_UP}",
        "The database has more to do at once than it gets done.",
        {C.SLOW_QUERY: 0.5, C.LOCK_CONTENTION: 0.3, C.CONNECTION_POOL_EXHAUSTED: 0.2, C.TRAFFIC_SPIKE: 0.2},
    ),
    wording(
        "locks-held",
        rf"(locks?|lock ?wait|blocked|deadlocks?){_UP}",
        "Work waits for locks.",
        {C.LOCK_CONTENTION: 0.75, C.DEADLOCK: 0.45, C.SLOW_QUERY: 0.3},
    ),
    wording(
        "descriptors",
        rf"(file ?descriptors?|\bfds?\b|open files|threads?|goroutines|sockets?|conntrack|ephemeral"
        rf"|\bpids?\b){_STILL_UP}",
        "Descriptors, threads or sockets are used up.",
        {C.THREAD_OR_FD_EXHAUSTION: 0.75, C.CONNECTION_POOL_EXHAUSTED: 0.3, C.DEPENDENCY_SLOW: 0.2},
    ),
    wording(
        "packets-lost",
        rf"(packets?|segments?|network|net|tcp|rx|tx)~(loss|lost|drop\w*|retrans\w*|errors?|errs){_UP}|retrans\w*{_UP}",
        "Packets do not arrive.",
        {C.PACKET_LOSS: 0.75, C.NETWORK_LATENCY: 0.35, C.NETWORK_PARTITION: 0.25},
    ),
    wording(
        "network-slow",
        rf"(network|net|tcp|rtt|round ?trip|ping)~(latency|delay|time|rtt){_UP}|\brtt\b{_UP}",
        "The network is slow.",
        {C.NETWORK_LATENCY: 0.8, C.PACKET_LOSS: 0.3},
    ),
    wording(
        "network-traffic-gone",
        r"(network|net)~(receive|transmit|rx|tx|bytes|throughput|traffic)\b.* (fell|ran out|broke off)",
        "Much less goes through the network than before.",
        {C.PACKET_LOSS: 0.5, C.NETWORK_PARTITION: 0.4, C.NETWORK_LATENCY: 0.35},
    ),
    wording(
        "queue-growing",
        rf"^(?!.*(disk|device)).*(queue|backlog|consumer\w*( group)?~lag|unacked|pending messages|messages ready"
        rf"|oldest message)"
        rf"{_STILL_UP}",
        "Work arrives faster than it is done.",
        {C.QUEUE_BACKLOG: 0.8, C.DEPENDENCY_SLOW: 0.3, C.TRAFFIC_SPIKE: 0.3},
    ),
    wording(
        "cache-cold",
        rf"(cache|redis|memcached?)~(hits?|hit ratio|hit rate){_DOWN}|(evict\w*|cache miss\w*|\bmisses\b){_UP}",
        "A cache is away or useless.",
        {C.CACHE_FAILURE: 0.8},
    ),
    wording(
        "restarts",
        rf"restarts?{_UP}",
        "Containers restart.",
        {C.CRASH_LOOP: 0.5, C.MEMORY_EXHAUSTION: 0.35, C.BAD_PROBE: 0.25, C.BAD_RELEASE: 0.25},
    ),
    wording(
        "targets-gone",
        r"targets? up.* (fell|ran out|broke off)",
        "Instances do not answer the monitoring either.",
        {C.CRASH_LOOP: 0.4, C.NODE_FAILURE: 0.4, C.DEPENDENCY_UNAVAILABLE: 0.3, C.NETWORK_PARTITION: 0.3},
    ),
    wording(
        "traffic-rising",
        rf"(requests?|\brps\b|\bqps\b|traffic|workload|calls|hits|throughput|invocations)"
        rf"(?!.*(error|fail|latency|duration|time|cpu|memory|read|write|disk|network)).*{_STILL_UP[2:]}",
        "Much more is asked than before.",
        {C.TRAFFIC_SPIKE: 0.6},
    ),
    wording(
        "traffic-gone",
        rf"(requests?|\brps\b|\bqps\b|traffic|workload|calls)(?!.*(error|fail|latency|duration|time)).*{_DOWN[2:]}",
        "Much less arrives than before.",
        {C.DEPENDENCY_UNAVAILABLE: 0.3, C.NETWORK_PARTITION: 0.25, C.DNS_FAILURE: 0.25},
        against=(C.TRAFFIC_SPIKE,),
    ),
    wording(
        "errors-rising",
        rf"(errors?|fail\w*|5xx|exceptions?|status 5\d\d){_UP}",
        "Requests fail.",
        {C.DEPENDENCY_UNAVAILABLE: 0.35, C.BAD_RELEASE: 0.35, C.WRONG_CONFIGURATION: 0.25},
    ),
    wording(
        "latency-rising",
        rf"^(?!.*(disk|read|write|commit|fsync|network|rtt)).*(latency|duration|response time|\bp9\d\b){_UP}",
        "Answers take longer.",
        {
            C.DEPENDENCY_SLOW: 0.4,
            C.NETWORK_LATENCY: 0.42,
            C.SLOW_QUERY: 0.3,
            C.BAD_RELEASE: 0.25,
            C.CPU_SATURATION: 0.2,
        },
    ),
    wording(
        "clock-off",
        rf"(clock|ntp|time)~(offset|skew|drift|error){_UP}",
        "A clock is wrong.",
        {C.CLOCK_SKEW: 0.85},
    ),
    wording(
        "steady",
        r" is steady$",
        "Nothing unusual happened to it.",
        {C.NONE: 0.5},
    ),
    wording(
        "came-back",
        r" (spiked|dipped) and came back$",
        "It was off for a while and is as before.",
        {C.NONE: 0.4},
    ),
)


@lru_cache(maxsize=2_048)  # the same statement is read for candidates, for scores, and again at each run
def read_measure(statement: str) -> tuple[Signature, ...]:
    """The signatures that a statement "<name> <verb>: <numbers>" shows."""
    spelled = words(statement.partition(": ")[0])
    return tuple(signature for signature in MEASURES if signature.shows_in(spelled))
