"""How to refute each cause: one thing to look at, and what each result means."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from shared.hypotheses.values import CauseCode as C
from shared.hypotheses.values import Check

CHECKS: Final[Mapping[C, Check]] = MappingProxyType(
    {
        C.CPU_SATURATION: Check(
            instruction="Compare processor use with its limit over the hour around the onset.",
            command="kubectl top pods -A --sort-by=cpu | grep -F -- {component}",
            supports="Use rose to the limit before the symptoms began.",
            refutes="Use stayed well below the limit, or rose only after the symptoms.",
        ),
        C.MEMORY_EXHAUSTION: Check(
            instruction="Look for out-of-memory kills and for memory growing up to the limit.",
            command="kubectl get pods -A -o json | jq -r '.items[] | select(any(.status.containerStatuses[]?; "
            '.lastState.terminated.reason == "OOMKilled")) | .metadata.name\' | grep -F -- {component}',
            supports="A container was ended with OOMKilled, or memory reached the limit at the onset.",
            refutes="No kill, and memory was flat and below the limit.",
        ),
        C.DISK_FULL: Check(
            instruction="Read free space and free inodes on the affected mount.",
            command="df -h; df -i",
            supports="Space or inodes are at 95 % or more where the component writes.",
            refutes="There is room on every mount that the component writes to.",
        ),
        C.DISK_IO: Check(
            instruction="Read device utilisation and wait times.",
            command="iostat -x 5 3",
            supports="Utilisation is near 100 % or waits grew at the onset.",
            refutes="Waits are as they were before the onset.",
        ),
        C.CONNECTION_POOL_EXHAUSTED: Check(
            instruction="Count connections by state and compare with the maximum.",
            command="psql -c \"select state, count(*), current_setting('max_connections') from pg_stat_activity "
            'group by state"',
            supports="Connections are at the maximum, or callers wait for a free one.",
            refutes="There are free connections and no one waits.",
        ),
        C.THREAD_OR_FD_EXHAUSTION: Check(
            instruction="Compare open descriptors and threads of the process with their limits.",
            command="ls /proc/\"$(pgrep -o -f -- {component})\"/fd | wc -l; grep -E 'open files|processes' "
            '/proc/"$(pgrep -o -f -- {component})"/limits',
            supports="A count is at its limit.",
            refutes="All counts are far from their limits.",
        ),
        C.QUOTA_EXCEEDED: Check(
            instruction="Read the quotas in force and what is used of them.",
            command="kubectl describe resourcequota -A",
            supports="A quota is used up, or refusals name one.",
            refutes="All quotas have room and no refusal names one.",
        ),
        C.UNSCHEDULABLE: Check(
            instruction="Read the scheduler's reasons for the pending pods.",
            command="kubectl get events -A --field-selector reason=FailedScheduling | grep -F -- {component}",
            supports="Pods are pending and the scheduler says why.",
            refutes="No pod is pending.",
        ),
        C.NODE_FAILURE: Check(
            instruction="Read the conditions and the boot time of the machine.",
            command="kubectl describe node -- {component}",
            supports="The machine is not ready, or started again at the onset.",
            refutes="The machine has been ready throughout.",
        ),
        C.IMAGE_PULL_FAILURE: Check(
            instruction="Read the waiting reason of the newest pods.",
            command="kubectl get pods -A | grep -F -- {component} | grep -E 'ImagePull|ErrImage'",
            supports="Pods wait with ErrImagePull or ImagePullBackOff.",
            refutes="All containers have started.",
        ),
        C.MISSING_CONFIG_OR_SECRET: Check(
            instruction="Read the events and first log lines of the newest pod: which name was not found?",
            command="kubectl get events -A --field-selector type=Warning | grep -F -- {component}",
            supports="A key, file, secret or variable is reported missing.",
            refutes="The process starts and finds all its settings.",
        ),
        C.WRONG_CONFIGURATION: Check(
            instruction="Compare the configuration in force with the one before the onset.",
            command="kubectl get configmap -A -o yaml | grep -F -n -- {component}",
            supports="A value changed before the onset, and setting it back helps.",
            refutes="The configuration has not changed since long before the onset.",
        ),
        C.WRONG_PORT_OR_SELECTOR: Check(
            instruction="Read the endpoints of the service.",
            command="kubectl get endpointslices -A | grep -F -- {component}",
            supports="There are no endpoints, or their port is not the one listened on.",
            refutes="Endpoints exist and answer on their port.",
        ),
        C.BAD_PROBE: Check(
            instruction="Call the health check from inside the pod and compare its time with the probe's timeout.",
            command="kubectl get events -A --field-selector reason=Unhealthy | grep -F -- {component}",
            supports="The probe fails while the component serves requests.",
            refutes="The probe passes, or the component is really not able to serve.",
        ),
        C.BAD_RESOURCE_LIMITS: Check(
            instruction="Compare requests and limits with real use.",
            command="kubectl top pods -A --containers | grep -F -- {component}",
            supports="Use is at a limit while the machine has room, or requests exceed any node.",
            refutes="Limits leave ample room.",
        ),
        C.PERMISSION_DENIED: Check(
            instruction="Look for refusals (401, 403, denied) and for changed roles or expired credentials.",
            command="kubectl auth can-i --list",
            supports="Refusals began at the onset.",
            refutes="No call is refused.",
        ),
        C.BAD_RELEASE: Check(
            instruction="Find out which version runs where and when it arrived.",
            command="kubectl get deployments,statefulsets -A -o wide | grep -F -- {component}",
            supports="A version arrived shortly before the onset, and instances on the previous one are well.",
            refutes="No version changed before the onset, or the previous one fails as well.",
        ),
        C.FEATURE_FLAG: Check(
            instruction="Read the flag changes of the hour before the onset.",
            command=None,
            supports="A flag that this path reads was changed before the onset.",
            refutes="No flag on this path was changed.",
        ),
        C.ROLLOUT_STUCK: Check(
            instruction="Read the rollout's status and the newest pods' reasons.",
            command="kubectl get deployments,replicasets -A | grep -F -- {component}",
            supports="New pods are not ready and the rollout does not advance.",
            refutes="All replicas run the new version and are ready.",
        ),
        C.CRASH_LOOP: Check(
            instruction="Read the exit code and the last log lines of the previous container.",
            command="kubectl get pods -A | grep -F -- {component}",
            supports="The process ends by its own error soon after each start.",
            refutes="It was ended from outside, or it has run since before the onset.",
        ),
        C.DEADLOCK: Check(
            instruction="Look for deadlock reports, or take a thread dump.",
            command='psql -c "select datname, deadlocks from pg_stat_database"',
            supports="Deadlocks are reported or threads wait in a circle.",
            refutes="No deadlock since before the onset.",
        ),
        C.NETWORK_LATENCY: Check(
            instruction="Measure the round trip to the next hop and to the dependencies.",
            command="ping -c 20 -- {component}",
            supports="Round trips are longer than usual on this path only.",
            refutes="Round trips are as usual.",
        ),
        C.PACKET_LOSS: Check(
            instruction="Measure loss on the path.",
            command="ping -c 100 -i 0.2 -- {component}",
            supports="Packets are lost, or retransmissions rose at the onset.",
            refutes="No loss and no more retransmissions than usual.",
        ),
        C.NETWORK_PARTITION: Check(
            instruction="Try to connect from both sides, and from a third place.",
            command="nc -vz -w 3 -- {component} 443",
            supports="It answers from one side and not from the other.",
            refutes="It answers from everywhere, or from nowhere.",
        ),
        C.DNS_FAILURE: Check(
            instruction="Resolve the name from inside the affected network and look at the resolver's errors.",
            command="dig +time=2 +tries=1 -q {component}",
            supports="The answer fails, is late, or is wrong.",
            refutes="The name resolves at once and to the right address.",
        ),
        C.TLS_CERTIFICATE: Check(
            instruction="Read the dates and the issuer of the certificate that is served.",
            command="openssl s_client -connect {component}:443 </dev/null | openssl x509 -noout -dates -issuer",
            supports="It has expired, is not valid yet, or its issuer is not trusted.",
            refutes="It is valid and trusted by the callers.",
        ),
        C.DEPENDENCY_UNAVAILABLE: Check(
            instruction="Call each dependency directly from the component's network.",
            command="kubectl get pods -A -o wide | grep -F -- {component}",
            supports="A dependency refuses or does not answer, since the onset or before.",
            refutes="Every dependency answers.",
        ),
        C.DEPENDENCY_SLOW: Check(
            instruction="Compare the time spent in calls to dependencies with the time before the onset.",
            command=None,
            supports="One dependency's time grew before the component's own.",
            refutes="All dependencies answer as fast as before.",
        ),
        C.THIRD_PARTY_OUTAGE: Check(
            instruction="Read the partner's status page and call its interface directly.",
            command=None,
            supports="The partner reports a problem, or fails from elsewhere too.",
            refutes="The partner answers well from elsewhere.",
        ),
        C.LOCK_CONTENTION: Check(
            instruction="List who waits for whom.",
            command='psql -c "select pid, pg_blocking_pids(pid), wait_event, query from pg_stat_activity where '
            'cardinality(pg_blocking_pids(pid)) > 0"',
            supports="Sessions wait behind a long holder.",
            refutes="No session waits for a lock.",
        ),
        C.SLOW_QUERY: Check(
            instruction="List the longest running statements.",
            command='psql -c "select now() - query_start as age, state, query from pg_stat_activity where '
            "state <> 'idle' order by age desc limit 10\"",
            supports="One statement runs much longer than it used to.",
            refutes="All statements are as fast as before.",
        ),
        C.REPLICATION_LAG: Check(
            instruction="Read how far each replica is behind.",
            command='psql -c "select application_name, replay_lag from pg_stat_replication"',
            supports="A replica is behind and does not catch up.",
            refutes="All replicas are within seconds.",
        ),
        C.STORAGE_VOLUME_FAILURE: Check(
            instruction="Read the events of the volume and the kernel's messages.",
            command="kubectl get events -A | grep -E 'FailedMount|FailedAttachVolume|VolumeFailed'",
            supports="Attaching, mounting or writing fails.",
            refutes="The volume is attached and writable.",
        ),
        C.QUEUE_BACKLOG: Check(
            instruction="Compare arrival and completion rates of the queue, and count its consumers.",
            command=None,
            supports="Arrivals exceed completions, or consumers stopped.",
            refutes="The queue is as short as usual.",
        ),
        C.CACHE_FAILURE: Check(
            instruction="Read hit rate, evictions and memory of the cache.",
            command="redis-cli -h {component} info stats",
            supports="Hits collapsed, evictions rose or the cache restarted at the onset.",
            refutes="Hit rate and evictions are as usual.",
        ),
        C.TRAFFIC_SPIKE: Check(
            instruction="Compare the request rate with the same hour of earlier days, by client.",
            command=None,
            supports="The rate rose before the symptoms.",
            refutes="The rate is as usual.",
        ),
        C.SCHEDULED_JOB_FAILURE: Check(
            instruction="Read the last runs of the job and their logs.",
            command="kubectl get jobs -A | grep -F -- {component}",
            supports="The last run failed or did not take place.",
            refutes="The last run ended well and in time.",
        ),
        C.CLOUD_OUTAGE: Check(
            instruction="Read the provider's health page for the region, and look at neighbours in other zones.",
            command=None,
            supports="The provider reports a problem, or all resources of one zone suffer.",
            refutes="Other resources of the same zone and service are well.",
        ),
        C.DATA_CORRUPTION: Check(
            instruction="Verify checksums or indexes, and read the store's error log.",
            command='psql -c "select datname, checksum_failures from pg_stat_database"',
            supports="Verification fails.",
            refutes="Verification passes.",
        ),
        C.CLOCK_SKEW: Check(
            instruction="Read the clock's offset on the machine.",
            command="chronyc tracking",
            supports="The offset exceeds a second or the clock is not synchronised.",
            refutes="The offset is within milliseconds.",
        ),
        C.NONE: Check(
            instruction="See whether users are affected now, and whether the alert's own condition still holds.",
            command=None,
            supports="No user is affected and the condition has cleared, or was never one of harm.",
            refutes="Users are affected, or the condition comes back.",
        ),
    }
)


def check_for(code: C, component: str) -> Check:
    """The check, with the component filled in. The command quotes it, because labels are written by strangers."""
    template = CHECKS[code]
    command = template.command and template.command.replace("{component}", shlex.quote(component))
    return replace(template, command=command)
