"""Kubernetes: scheduling, starting, probing and keeping workloads alive."""

from typing import Final

from shared.hypotheses.knowledge.wording import NEVER_RAN, wording
from shared.hypotheses.values import CauseCode as C

KUBERNETES: Final = (
    wording(
        "oom-killed",
        r"oom ?kill|out of memory|cannot allocate memory|exit code 137|java heap space|heap out of",
        "A process asked for more memory than it may have and was ended.",
        {C.MEMORY_EXHAUSTION: 0.9, C.BAD_RESOURCE_LIMITS: 0.5},
    ),
    wording(
        "crash-looping",
        r"crash ?loop|crash looping|back off restarting|too many restarts",
        "A container ends soon after each start.",
        {
            C.CRASH_LOOP: 0.6,
            C.BAD_RELEASE: 0.4,
            C.MISSING_CONFIG_OR_SECRET: 0.35,
            C.WRONG_CONFIGURATION: 0.35,
            C.MEMORY_EXHAUSTION: 0.35,
        },
        against=(C.UNSCHEDULABLE, C.IMAGE_PULL_FAILURE),
    ),
    wording(
        "restarting",
        r"(pod|container)s?~(restarting|restarts(?! [0-2]\b)|restarted)\b|restarted~times",
        "Containers restart more often than they should.",
        {C.CRASH_LOOP: 0.45, C.MEMORY_EXHAUSTION: 0.35, C.BAD_PROBE: 0.35, C.BAD_RELEASE: 0.3},
        against=(C.UNSCHEDULABLE, C.IMAGE_PULL_FAILURE),
    ),
    wording(
        "image-pull",
        r"(err ?)?image ?pull(?! (policy|secrets?))|(fail\w*|unable|cannot|back ?off|error)~pull~image"
        r"|pull access denied|manifest unknown|invalid image name",
        "The image of a container cannot be fetched.",
        {C.IMAGE_PULL_FAILURE: 0.95, C.WRONG_CONFIGURATION: 0.3},
        against=(*NEVER_RAN, C.PERMISSION_DENIED),
    ),
    wording(
        "command-unusable",
        r"executable file not found|exec format error|command not found|(syntax|parse|usage) error|start error"
        r"|container cannot run|no such file or directory|unknown (flag|option|command|argument)",
        "The command, script or arguments that a container is given cannot run.",
        {C.WRONG_CONFIGURATION: 0.85, C.BAD_RELEASE: 0.35, C.MISSING_CONFIG_OR_SECRET: 0.25},
        against=(C.MEMORY_EXHAUSTION, C.UNSCHEDULABLE),
    ),
    wording(
        "config-missing",
        r"create ?container ?config ?error"
        r"|(secret|config ?map|env(ironment)? var(iable)?|config file|required key|setting)"
        r"~(not found|missing|not set|unset|undefined|not defined|does not exist|empty)"
        r"|missing~(secret|config ?map|env(ironment)? var(iable)?|required)|required env",
        "Something that the process needs at start is not there.",
        {C.MISSING_CONFIG_OR_SECRET: 0.9, C.BAD_RELEASE: 0.3},
        against=(C.UNSCHEDULABLE, C.NODE_FAILURE),
    ),
    wording(
        "config-invalid",
        r"(invalid|bad|wrong|failed to (parse|load|reload))~(config|configuration|setting|argument|flag)"
        r"|config\w*~(invalid|malformed|reload fail\w*|error)|misconfigur",
        "A setting has a value that the process cannot use.",
        {C.WRONG_CONFIGURATION: 0.85, C.BAD_RELEASE: 0.3},
    ),
    wording(
        "unschedulable",
        r"failed scheduling|unschedul|insufficient (cpu|memory|pods|ephemeral)|nodes are available"
        r"|untolerated taint|too many pods",
        "The scheduler finds no node for a pod.",
        {C.UNSCHEDULABLE: 0.9, C.BAD_RESOURCE_LIMITS: 0.35, C.QUOTA_EXCEEDED: 0.2},
        against=(*NEVER_RAN, C.IMAGE_PULL_FAILURE),
    ),
    wording(
        "pod-pending",
        r"pods?~pending|pending~pods?",
        "Pods wait for a place to run.",
        {C.UNSCHEDULABLE: 0.6, C.QUOTA_EXCEEDED: 0.3, C.STORAGE_VOLUME_FAILURE: 0.25},
        against=NEVER_RAN,
    ),
    wording(
        "overcommit",
        r"(cpu|memory) overcommit|cluster~out of capacity|hpa~maxed|maxed out",
        "More is asked for than the cluster or the autoscaler can give.",
        {C.UNSCHEDULABLE: 0.4, C.TRAFFIC_SPIKE: 0.45, C.BAD_RESOURCE_LIMITS: 0.35},
    ),
    wording(
        "quota",
        r"exceeded quota|quota~(exceeded|reached|exhausted|full|almost)|rate limit"
        r"|throttling (exception|error)|too many requests|(http|status|code|returns?|returned)~429"
        r"|(request|api|resource) limit exceeded",
        "A quota or rate limit refuses requests.",
        {C.QUOTA_EXCEEDED: 0.85, C.TRAFFIC_SPIKE: 0.35},
        against=(C.PERMISSION_DENIED,),
    ),
    wording(
        "pod-not-ready",
        r"pods?~(not|non) ready|container waiting|not ready~pods?",
        "Pods run but do not become ready, or do not start.",
        {
            C.CRASH_LOOP: 0.35,
            C.UNSCHEDULABLE: 0.35,
            C.BAD_PROBE: 0.35,
            C.IMAGE_PULL_FAILURE: 0.3,
            C.MISSING_CONFIG_OR_SECRET: 0.25,
        },
    ),
    wording(
        "replicas-missing",
        r"replicas?~(mismatch|unavailable|missing|not matched|not ready)|\b(\d+) (?!\2\b)\d+ ready\b"
        r"|daemon ?set~scheduled|(stateful ?set|deployment)~unavailable|matched~replicas",
        "A workload has fewer ready replicas than it wants.",
        {
            C.ROLLOUT_STUCK: 0.4,
            C.UNSCHEDULABLE: 0.4,
            C.CRASH_LOOP: 0.35,
            C.IMAGE_PULL_FAILURE: 0.3,
            C.QUOTA_EXCEEDED: 0.25,
        },
    ),
    wording(
        "rollout-stuck",
        r"rollout~(stuck|stalled|progress|failed|paused)|progress deadline exceeded|generation mismatch"
        r"|update not rolled out|stuck~rollout",
        "A new version does not finish replacing the old one.",
        {C.ROLLOUT_STUCK: 0.85, C.BAD_RELEASE: 0.5, C.MISSING_CONFIG_OR_SECRET: 0.25, C.UNSCHEDULABLE: 0.25},
    ),
    wording(
        "probe-failing",
        r"(liveness|readiness|startup) ?probe|health ?check~fail|\bunhealthy\b",
        "A health check gets no good answer.",
        {C.BAD_PROBE: 0.6, C.DEPENDENCY_SLOW: 0.3, C.CPU_SATURATION: 0.25, C.CRASH_LOOP: 0.2},
    ),
    wording(
        "no-endpoints",
        r"no (ready |active |available )?endpoints?|selector~(match|mismatch)"
        r"|target ?port~(match|mismatch|wrong)|connection refused~port",
        "A service points at nothing that listens.",
        {C.WRONG_PORT_OR_SELECTOR: 0.7, C.CRASH_LOOP: 0.3, C.WRONG_CONFIGURATION: 0.3},
    ),
    wording(
        "node-not-ready",
        r"nodes?~(not ready|unreachable|unknown|readiness flapping)|kubelet~(down|disappeared|stopped|lost)"
        r"|host~(down|unreachable|lost)|node down|instance~(terminated|reboot\w*|failover)|kernel panic"
        r"|failover~(initiated|in progress|completed)|primary host|^node\b.* ready (unknown|false)"
        r"|hardware~(fault|error|fail)",
        "A machine does not answer.",
        {C.NODE_FAILURE: 0.9, C.NETWORK_PARTITION: 0.3, C.CLOUD_OUTAGE: 0.25},
        against=(C.BAD_RELEASE, C.FEATURE_FLAG),
    ),
    wording(
        "node-pressure",
        r"memory ?pressure|node~memory~(high|pressure)|memory major pages",
        "A machine runs out of memory for all that it hosts.",
        {C.MEMORY_EXHAUSTION: 0.8, C.BAD_RESOURCE_LIMITS: 0.4},
    ),
    wording(
        "pid-pressure",
        r"pid ?pressure|too many processes|fork~resource temporarily unavailable",
        "A machine or container has no process ids left.",
        {C.THREAD_OR_FD_EXHAUSTION: 0.9},
    ),
    wording(
        "evicted",
        r"\bevict(ed|ion|ing)\b",
        "The kubelet removed pods to save the node.",
        {C.MEMORY_EXHAUSTION: 0.45, C.DISK_FULL: 0.45, C.BAD_RESOURCE_LIMITS: 0.35, C.NODE_FAILURE: 0.2},
    ),
    wording(
        "throttled-cpu",
        r"cpu~throttl|throttl\w*~cpu",
        "The kernel holds a container back at its CPU limit.",
        {C.CPU_SATURATION: 0.7, C.BAD_RESOURCE_LIMITS: 0.65},
    ),
    wording(
        "volume-failing",
        r"(failed|unable)~(mount|attach)|failed ?(mount|attach ?volume)|multi ?attach"
        r"|persistent ?volume~(error|fail\w*|lost|pending)|volume~(read only|degraded|fail\w*)"
        r"|read only file ?system|raid~(degraded|failed|disk failure)",
        "A volume cannot be attached, mounted or written.",
        {C.STORAGE_VOLUME_FAILURE: 0.9, C.CLOUD_OUTAGE: 0.2},
        against=(C.BAD_RELEASE, C.FEATURE_FLAG),
    ),
    wording(
        "job-failed",
        r"jobs?~(failed|failure|not completed|missed|overdue|took too long)"
        r"|cron ?job~(running|suspended|fail\w*|stale|late)|backup~(failed|missing|too old|stale)",
        "A job did not do its work.",
        {
            C.SCHEDULED_JOB_FAILURE: 0.75,
            C.DEPENDENCY_UNAVAILABLE: 0.3,
            C.WRONG_CONFIGURATION: 0.3,
            C.PERMISSION_DENIED: 0.2,
        },
    ),
)
