from typing import Final

import pytest

from shared.hypotheses.knowledge.signatures import SIGNATURES, read
from shared.hypotheses.knowledge.wording import Signature

# For each signature: texts as alerts, events and probes write them, and a near miss.
EXAMPLES: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "oom-killed": (("PodOOMKilled", "java.lang.OutOfMemoryError: Java heap space", "exit code 137"), "exit code 1"),
    "crash-looping": (
        ("KubePodCrashLooping", "CrashLoopBackOff", "Back-off restarting failed container"),
        "PodCrashed",
    ),
    "restarting": (("PodRestarting", "Pod cart-0 has restarted 6 times"), "The queue was restarted"),
    "image-pull": (("ImagePullBackOff", "ErrImagePull", 'Failed to pull image "cart:latest"'), "ImageResized"),
    "command-unusable": (
        (
            'exec: "wge": executable file not found in $PATH',
            '/bin/sh: syntax error: unexpected "fi"',
            "exec format error",
        ),
        "The command has run",
    ),
    "ready": (
        ("phase=Running container=cart ready=True restarts=0", "deployment cart: 3/3 ready"),
        "phase=Pending ready=False",
    ),
    "came-back": (
        ("node cart-1 recovered: status now Ready", "rollback successful", "No further restarts since"),
        "the node is away",
    ),
    "routine": (("Scheduled health check of cart", "routine maintenance"), "schedule changed"),
    "config-missing": (("CreateContainerConfigError", 'secret "db-password" not found'), "secret rotated"),
    "config-invalid": (("PrometheusBadConfig", "AlertmanagerFailedReload: config reload failed"), "ConfigMapCreated"),
    "unschedulable": (("FailedScheduling", "0/3 nodes are available: insufficient cpu"), "JobScheduled"),
    "pod-pending": (("KubePodPending", "2 pods are pending"), "PaymentsPending"),
    "overcommit": (("KubeCPUOvercommit", "KubeHpaMaxedOut"), "HpaScaledDown"),
    "quota": (
        ("KubeQuotaExceeded", "HTTP status 429 from the API", "ThrottlingException: rate limit"),
        "429 orders today",
    ),
    "pod-not-ready": (("KubePodNotReady", "KubeContainerWaiting"), "PodReady"),
    "replicas-missing": (("KubeDeploymentReplicasMismatch", "KubeDaemonSetMisScheduled"), "ReplicaSetScaledUp"),
    "rollout-stuck": (("KubeDeploymentRolloutStuck", "ProgressDeadlineExceeded"), "Rollout completed"),
    "probe-failing": (("Liveness probe failed", "TargetGroupUnhealthy"), "ProbeStarted"),
    "no-endpoints": (("ServiceHasNoEndpoints", "selector does not match any pod: selector mismatch"), "EndpointAdded"),
    "node-not-ready": (("KubeNodeNotReady", "KubeNodeUnreachable", "HostDown"), "NodeReady"),
    "node-pressure": (("NodeHasMemoryPressure", "NodeMemoryMajorPagesFaults: memory major pages"), "MemoryReleased"),
    "pid-pressure": (("NodeHasPIDPressure",), "PIDController"),
    "evicted": (("PodEvicted", "The node had to evict 3 pods: evicting cart-0"), "EvidenceFiled"),
    "throttled-cpu": (("CPUThrottlingHigh", "container throttled by cpu limit"), "ThrottleOpened"),
    "volume-failing": (("FailedMount", "Multi-Attach error for volume", "Read-only file system"), "VolumeCreated"),
    "job-failed": (("KubeJobFailed", "Backup is too old: backup stale"), "JobStarted"),
    "cpu-high": (("HostHighCpuLoad", "CPUUtilization above 80%", "NodeSystemSaturation"), "CPUReplaced"),
    "memory-high": (("HostOutOfMemory: memory usage is high", "JVMHeapUsageHigh"), "MemoryAdded"),
    "gc-pressure": (("JvmGcPauseTooLong", "long garbage collection"), "GCDone"),
    "disk-filling": (("NodeFilesystemSpaceFillingUp", "DiskFillingUp", "no space left on device"), "DiskReplaced"),
    "disk-slow": (("NodeDiskIOSaturation", "WriteLatency above 100 ms", "HostHighIOWait: iowait"), "DiskReplaced"),
    "fds-threads": (("too many open files", "NodeFileDescriptorLimit"), "FileUploaded"),
    "clock-wrong": (("NodeClockSkewDetected", "NodeClockNotSynchronising"), "ClockIn"),
    "connections-exhausted": (
        (
            "PostgresqlTooManyConnections",
            "remaining connection slots are reserved",
            "DatabaseConnections near the maximum",
            "HikariPool-1 - Connection is not available, request timed out after 30000ms",
            "QueuePool limit of size 5 overflow 10 reached",
            "Unable to acquire JDBC Connection",
        ),
        "ConnectionOpened",
    ),
    "slow-queries": (("PostgresqlSlowQueries", "MySQL long-running transactions"), "QueryAdded"),
    "deadlocks": (("PostgresqlDeadLocks", "deadlock detected"), "LockerRented"),
    "locks": (("PostgresqlTooManyLocksAcquired: too many locks", "lock wait timeout exceeded"), "LockerRented"),
    "replication-behind": (("MysqlReplicationLag", "PostgresqlReplicaLagging"), "ReplicaAdded"),
    "queue-growing": (
        ("RabbitmqQueueDepthHigh", "KafkaConsumerLag", "1200 messages ready: dead letter"),
        "QueueCreated",
    ),
    "broker-unhealthy": (("KafkaUnderReplicatedPartitions", "RabbitmqNodeDown: RabbitMQ node down"), "BrokerAdded"),
    "cache-unhealthy": (("RedisDown", "MemcachedLowCacheHitRate: low cache hit rate"), "CacheWarmed"),
    "database-down": (
        ("PostgresqlDown", "etcdNoLeader", "lost connections to MongoDB: connections lost"),
        "DatabaseCreated",
    ),
    "data-damaged": (("checksum mismatch in block 7", "PostgresqlDataCorruption"), "DataExported"),
    "name-unresolved": (("dial tcp: lookup db: no such host", "CoreDNSErrorsHigh"), "HostAdded"),
    "certificate": (("BlackboxSslCertificateWillExpireSoon", "x509: certificate has expired"), "CertificateIssued"),
    "access-denied": (("permission denied for table orders", "HTTP 403 from storage"), "403 orders today"),
    "connection-refused": (("connect: connection refused", "503 Service Unavailable", "no healthy upstream"), "Refund"),
    "gateway-timeout": (("504 Gateway Timeout", "context deadline exceeded", "upstream timed out"), "GatewayAdded"),
    "packets-lost": (("NodeNetworkReceiveErrs", "12% packet loss", "high TCP retransmission rate"), "PacketShipped"),
    "network-slow": (("NetworkLatencyHigh", "round-trip time doubled"), "NetworkCreated"),
    "partitioned": (("RabbitMQ cluster is partitioned", "no route to host", "lost quorum"), "PartitionAdded"),
    "provider-outage": (("Availability zone 1 outage", "AWS health event"), "ZoneCreated"),
    "partner-outage": (("Payment gateway errors", "external API unavailable"), "PartnerAdded"),
    "after-release": (("Errors after the deployment of 2.4.1", "CanaryFailing: canary failed"), "ReleaseNotes"),
    "after-flag": (("feature flag new-cart enabled",), "FlagDay"),
    "errors": (("HighErrorRate", "KubeAPIErrorBudgetBurn", "High 5xx ratio", "HTTP 500 responses"), "above 500 ms"),
    "latency": (("CheckoutLatencyP95", "slow responses"), "Throughput"),
    "target-down": (("TargetDown", "BlackboxProbeFailed", "The service is down"), "TargetReached"),
    "traffic-high": (("HighRequestRate", "traffic spike of bots", "retry storm"), "TrafficLight"),
    "traffic-low": (("RequestRateTooLow: low request rate", "traffic dropped"), "TrafficLight"),
    "widespread": (("HighErrorRate on 20 components (a, b, …), critical",), "on 1 component"),
    "heartbeat": (("Watchdog", "DeadMansSwitch", "DeadMansSnitch", "this is a test"), "TestFailed"),
    "monitoring-gap": (("DatasourceNoData", "PrometheusRuleFailures"), "DataExported"),
    "recovered": (("latency is back to normal", "The service recovered"), "recovering"),
}


def test_signatures_have_names_of_their_own_and_examples() -> None:
    names = [signature.name for signature in SIGNATURES]
    assert len(names) == len(set(names))
    assert set(names) == set(EXAMPLES)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (texts, _) in EXAMPLES.items() for text in texts])
def test_a_signature_is_read_in_the_wordings_of_the_trade(name: str, text: str) -> None:
    assert name in {signature.name for signature in read(text)}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (_, text) in EXAMPLES.items()])
def test_a_signature_is_not_read_into_a_near_miss(name: str, text: str) -> None:
    assert name not in {signature.name for signature in read(text)}


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda signature: signature.name)
def test_a_signature_points_at_causes_with_a_strength_and_contradicts_only_others(signature: Signature) -> None:
    assert signature.points
    assert all(0 < strength < 1 for strength in signature.points.values())
    assert not set(signature.points) & set(signature.against)
    assert signature.meaning.endswith(".")


def test_ordinary_text_shows_nothing() -> None:
    assert read("Order 1200 of the casino was shipped by Ana on Monday.") == ()


def test_what_is_denied_is_not_read() -> None:
    assert "errors" not in {signature.name for signature in read("Running with no error rate above normal")}
