"""Machines and processes: processors, memory, disks, descriptors, connections, clocks."""

from typing import Final

from shared.hypotheses.knowledge.wording import wording
from shared.hypotheses.values import CauseCode as C

RESOURCES: Final = (
    wording(
        "cpu-high",
        r"cpu~(high|usage|util\w*|saturat\w*|load|pressure|critical|above)|high~cpu|load average|system saturation",
        "Processors are busy.",
        {C.CPU_SATURATION: 0.8, C.TRAFFIC_SPIKE: 0.4, C.SLOW_QUERY: 0.25, C.BAD_RELEASE: 0.25},
    ),
    wording(
        "memory-high",
        r"memory~(high|usage|util\w*|leak|full|low|almost|above|exhaust\w*)|(high|low|freeable)~memory"
        r"|heap~(high|usage|full|above)|swap~(fill\w*|high|usage)",
        "Memory is nearly used up.",
        {C.MEMORY_EXHAUSTION: 0.8, C.BAD_RESOURCE_LIMITS: 0.4, C.BAD_RELEASE: 0.25},
    ),
    wording(
        "gc-pressure",
        r"\bgc~(pause|overhead|time|long|high)|garbage collect",
        "The runtime spends its time collecting garbage.",
        {C.MEMORY_EXHAUSTION: 0.7, C.CPU_SATURATION: 0.3},
    ),
    wording(
        "disk-filling",
        r"no space left|disk~(full|fill\w*|usage|space|pressure|almost|low)"
        r"|file ?system~(fill\w*|full|almost|out of|space|usage|low)|persistent ?volume~(fill\w*|full)"
        r"|storage~(low|full|exhaust\w*|declin\w*|drop\w*)|(low|free)~storage~(low|under|below|drop\w*)"
        r"|inodes?~(exhaust\w*|low|fill\w*|full)|low~(disk|storage)|out of (disk|inodes|storage)",
        "A file system or volume runs out of room.",
        {C.DISK_FULL: 0.9, C.WRONG_CONFIGURATION: 0.15},
    ),
    wording(
        "disk-slow",
        r"disk~(latency|io|iops|saturat\w*|queue|slow|wait)|i ?o ?wait|(read|write) ?(latency|iops)"
        r"|io saturation|burst balance",
        "Storage answers slowly.",
        {C.DISK_IO: 0.75, C.SLOW_QUERY: 0.3, C.STORAGE_VOLUME_FAILURE: 0.25, C.DISK_FULL: 0.2},
    ),
    wording(
        "fds-threads",
        r"too many open files|file ?descriptors?|\bfds\b|(unable|cannot|failed)~create~thread"
        r"|threads?~(exhaust\w*|limit|starv\w*|high|blocked)|conntrack~(limit|full|table)|ephemeral ports?"
        r"|port exhaust",
        "Threads, descriptors, ports or connection slots of the machine are used up.",
        {C.THREAD_OR_FD_EXHAUSTION: 0.85, C.DEPENDENCY_SLOW: 0.25},
    ),
    wording(
        "clock-wrong",
        r"clock~(skew|not synchron\w*|drift|offset)|\bntp~(fail\w*|offset|not)|time (drift|skew)",
        "A clock is wrong.",
        {C.CLOCK_SKEW: 0.9},
    ),
    wording(
        "connections-exhausted",
        r"pool~(exhaust\w*|full|timeout|timed out)|connection is not available|queue ?pool limit"
        r"|(unable|failed|cannot|could not)~(obtain|acquir|borrow)\w*~connections?"
        r"|waiting for (an? )?(idle|free) (object|connection)"
        r"|(connections?|clients?)~(high|critical|limit|exhaust\w*|saturat\w*|pool|max|near)"
        r"|too many (clients|connections)|(max|maximum)~connections|remaining connection slots|connection pool"
        r"|no (available|free|idle) connections?|connections? slots? are",
        "A database or a pool gives out no more connections.",
        {C.CONNECTION_POOL_EXHAUSTED: 0.85, C.SLOW_QUERY: 0.35, C.TRAFFIC_SPIKE: 0.3, C.LOCK_CONTENTION: 0.2},
    ),
)
