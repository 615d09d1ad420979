"""What each cause means."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from shared.hypotheses.values import CauseCode as C


@dataclass(frozen=True, slots=True)
class Cause:
    """`claim` is a template over `{component}`; `base_rate` (0-1) is how usual the cause is, a judgement."""

    claim: str
    description: str
    base_rate: float


CAUSES: Final[Mapping[C, Cause]] = MappingProxyType(
    {
        C.CPU_SATURATION: Cause(
            "{component} has no processor time left",
            "Work waits for a processor, so everything that the component does becomes slow, health checks included.",
            0.5,
        ),
        C.MEMORY_EXHAUSTION: Cause(
            "{component} runs out of memory",
            "More memory is needed than there is: a leak, a larger working set, or a limit that no longer fits.",
            0.6,
        ),
        C.DISK_FULL: Cause(
            "{component} runs out of disk space",
            "A file system or volume has no room or no inodes left, so writes fail and databases stop.",
            0.5,
        ),
        C.DISK_IO: Cause(
            "Storage under {component} is too slow",
            "Reads and writes wait for a device that has reached its operations or throughput limit.",
            0.3,
        ),
        C.CONNECTION_POOL_EXHAUSTED: Cause(
            "{component} has no free connections left",
            "All connections of a pool or a database are taken, so new requests wait and then fail.",
            0.5,
        ),
        C.THREAD_OR_FD_EXHAUSTION: Cause(
            "{component} has run out of threads, file descriptors or ports",
            "A limit of the system or the runtime is reached: work is refused although processor and memory are free.",
            0.3,
        ),
        C.QUOTA_EXCEEDED: Cause(
            "A quota or rate limit stops {component}",
            "A namespace, account or interface limit is reached, and what exceeds it is refused.",
            0.3,
        ),
        C.UNSCHEDULABLE: Cause(
            "No node can take the pods of {component}",
            "Requests, taints, affinity or free capacity leave the scheduler without a fitting node.",
            0.3,
        ),
        C.NODE_FAILURE: Cause(
            "The machine {component} has failed or restarted",
            "The machine under the workload stopped answering: hardware, kernel, kubelet, a reboot or a failover.",
            0.4,
        ),
        C.IMAGE_PULL_FAILURE: Cause(
            "The image of {component} cannot be pulled",
            "Name, tag, credentials or registry are wrong or away, so new containers never start.",
            0.3,
        ),
        C.MISSING_CONFIG_OR_SECRET: Cause(
            "{component} lacks a configuration value or secret",
            "A key, file or secret that the process needs at start does not exist where it looks.",
            0.4,
        ),
        C.WRONG_CONFIGURATION: Cause(
            "{component} has a wrong configuration",
            "A setting is present but wrong, so the component does the wrong thing or refuses to start.",
            0.7,
        ),
        C.WRONG_PORT_OR_SELECTOR: Cause(
            "Traffic for {component} goes to the wrong port or to no pod",
            "Selector, target port and container do not fit together, so nothing listens where clients connect.",
            0.2,
        ),
        C.BAD_PROBE: Cause(
            "A health check ends healthy instances of {component}",
            "A probe is too strict, too early or asks the wrong thing: working instances restart or get no traffic.",
            0.3,
        ),
        C.BAD_RESOURCE_LIMITS: Cause(
            "Requests or limits of {component} do not fit its need",
            "The workload is throttled, killed or unplaceable because of its own limits, not for lack of hardware.",
            0.4,
        ),
        C.PERMISSION_DENIED: Cause(
            "{component} is refused access that it needs",
            "A role, policy, token or credential no longer allows what the component does.",
            0.3,
        ),
        C.BAD_RELEASE: Cause(
            "A new version of {component} is defective",
            "Behaviour changed with a release; the previous version does not show the problem.",
            0.9,
        ),
        C.FEATURE_FLAG: Cause(
            "A feature flag broke {component}",
            "A flag turned on a path that does not work under real traffic.",
            0.3,
        ),
        C.ROLLOUT_STUCK: Cause(
            "The rollout of {component} does not finish",
            "New instances do not become ready, so the old and the new version stay side by side.",
            0.3,
        ),
        C.CRASH_LOOP: Cause(
            "{component} crashes again and again at start",
            "The process ends by its own fault soon after each start.",
            0.4,
        ),
        C.DEADLOCK: Cause(
            "Parts of {component} wait for each other for ever",
            "Transactions or threads hold what the other needs, and none can go on.",
            0.2,
        ),
        C.NETWORK_LATENCY: Cause(
            "The network to or from {component} is slow",
            "Round trips take longer than usual, and every call pays for it.",
            0.2,
        ),
        C.PACKET_LOSS: Cause(
            "The network to or from {component} loses packets",
            "Packets are dropped and sent again, which shows as slowness and broken connections.",
            0.2,
        ),
        C.NETWORK_PARTITION: Cause(
            "{component} is cut off from a part of the system",
            "Both sides work, but cannot reach each other.",
            0.2,
        ),
        C.DNS_FAILURE: Cause(
            "{component} cannot resolve names",
            "The resolver fails, is slow, or a record is wrong, so connections do not even begin.",
            0.3,
        ),
        C.TLS_CERTIFICATE: Cause(
            "A certificate of {component} has expired or is not trusted",
            "Handshakes fail, and with them every call over that connection.",
            0.4,
        ),
        C.DEPENDENCY_UNAVAILABLE: Cause(
            "{component}, or something that it cannot work without, is not reachable",
            "A database, broker or service on the path does not answer, and its callers fail with it.",
            0.8,
        ),
        C.DEPENDENCY_SLOW: Cause(
            "{component} waits for a slow dependency",
            "Something on the path answers late, and its callers' time and threads go into waiting.",
            0.6,
        ),
        C.THIRD_PARTY_OUTAGE: Cause(
            "A service outside the organisation fails {component}",
            "A partner's interface is down or degraded.",
            0.3,
        ),
        C.LOCK_CONTENTION: Cause(
            "Work in {component} waits for locks",
            "One long holder, or many short ones, make the others queue.",
            0.3,
        ),
        C.SLOW_QUERY: Cause(
            "A slow query holds {component} back",
            "A statement reads far more than it should: a lost index, a changed plan, more data.",
            0.5,
        ),
        C.REPLICATION_LAG: Cause(
            "A replica of {component} is behind its source",
            "Readers of the replica see old data, and a failover would lose some.",
            0.3,
        ),
        C.STORAGE_VOLUME_FAILURE: Cause(
            "A volume of {component} cannot be attached, mounted or written",
            "The storage itself fails, not the space on it.",
            0.3,
        ),
        C.QUEUE_BACKLOG: Cause(
            "Work for {component} piles up in a queue",
            "Consumers are too few, too slow or stopped, so messages wait.",
            0.4,
        ),
        C.CACHE_FAILURE: Cause(
            "The cache of {component} is away or useless",
            "Reads that the cache used to answer fall on the stores behind it.",
            0.4,
        ),
        C.TRAFFIC_SPIKE: Cause(
            "{component} gets more traffic than it can serve",
            "Demand has grown beyond capacity: a campaign, a retry storm, an abuse.",
            0.6,
        ),
        C.SCHEDULED_JOB_FAILURE: Cause(
            "The scheduled job {component} did not do its work",
            "A periodic job failed, hung or was never started.",
            0.3,
        ),
        C.CLOUD_OUTAGE: Cause(
            "The cloud provider fails {component}",
            "A zone, region or managed service is impaired.",
            0.2,
        ),
        C.DATA_CORRUPTION: Cause(
            "Stored data of {component} is damaged",
            "Blocks, indexes or records no longer hold what was written.",
            0.1,
        ),
        C.CLOCK_SKEW: Cause(
            "The clock of {component} is wrong",
            "Tokens, certificates, leases and ordering fail between machines that disagree about the time.",
            0.1,
        ),
        C.NONE: Cause(
            "{component} has no incident, or has recovered by itself",
            "Nothing needs repair: the alert was a test, noise or a gap in the monitoring, or the problem is over.",
            0.3,
        ),
    }
)
