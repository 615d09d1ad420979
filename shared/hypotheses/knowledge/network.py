"""Names, certificates, permissions, connections and providers."""

from typing import Final

from shared.hypotheses.knowledge.wording import wording
from shared.hypotheses.values import CauseCode as C

NETWORK: Final = (
    wording(
        "name-unresolved",
        r"no such host|nxdomain|servfail|\bdns~(fail\w*|error\w*|latency|timeout|down|lookup|resol\w*)"
        r"|(core|kube) ?dns~(fail\w*|error\w*|down|latency|timeout|unavailable|crash\w*|panic)|name (resolution"
        r"|or service not known)|could not resolve|getaddrinfo|unable to resolve|failed to resolve|enotfound"
        r"|eai again",
        "A name cannot be resolved.",
        {C.DNS_FAILURE: 0.9, C.NETWORK_PARTITION: 0.25},
        against=(C.SLOW_QUERY,),
    ),
    wording(
        "certificate",
        r"(cert\w*|tls|ssl|x509)~(expir\w*|invalid|unknown authority|not valid|verif\w*|fail\w*|error|handshake)"
        r"|expir\w*~(cert\w*|tls|ssl)|handshake fail",
        "A certificate has expired or is not trusted.",
        {C.TLS_CERTIFICATE: 0.9, C.WRONG_CONFIGURATION: 0.2},
    ),
    wording(
        "access-denied",
        r"permission denied|access denied|\bforbidden\b|unauthori[sz]ed"
        r"|(http|status|code|returns?|returned)~40[13]|auth\w*~(fail\w*|denied|error)|rbac"
        r"|insufficient (privilege|scope|permission)|credentials?~(expired|invalid|rejected)",
        "Something may not do what it needs to do.",
        {C.PERMISSION_DENIED: 0.8, C.MISSING_CONFIG_OR_SECRET: 0.35, C.WRONG_CONFIGURATION: 0.3},
    ),
    wording(
        "connection-refused",
        r"connection (refused|reset)|connect\w*~(refused|timed out|timeout)|host unreachable|bad gateway"
        r"|(http|status|code|returns?|returned)~50[23]"
        r"|upstream~(down|unavailable|unhealthy|connect error|reset)|no healthy upstream|service unavailable"
        r"|circuit ?breaker~(open|tripped)",
        "The other end of a connection is not there.",
        {C.DEPENDENCY_UNAVAILABLE: 0.65, C.WRONG_PORT_OR_SELECTOR: 0.35, C.CRASH_LOOP: 0.25, C.NETWORK_PARTITION: 0.25},
    ),
    wording(
        "gateway-timeout",
        r"gateway time ?out|(http|status|code|returns?|returned)~504|upstream~(slow|latency|timed? ?out)"
        r"|(request|context) (timeout|deadline)|(depend\w*|downstream|backend)~(slow|latency|timed? ?out)"
        r"|work in~took [1-9]",
        "The other end of a connection answers too late.",
        {C.DEPENDENCY_SLOW: 0.65, C.DEPENDENCY_UNAVAILABLE: 0.3, C.NETWORK_LATENCY: 0.3, C.SLOW_QUERY: 0.25},
    ),
    wording(
        "packets-lost",
        r"packets?~(loss|lost|drop\w*)|network~(errs|errors|receive errs|transmit errs)|tcp~retrans\w*"
        r"|retransmi\w*|interface~(down|flapping|errors)|bonding degraded",
        "Packets do not arrive.",
        {C.PACKET_LOSS: 0.85, C.NETWORK_LATENCY: 0.35, C.NETWORK_PARTITION: 0.3},
    ),
    wording(
        "network-slow",
        r"network~(latency|slow|delay|saturat\w*)|round ?trip|\brtt\b|bandwidth~(saturat\w*|high|limit)",
        "The network is slow.",
        {C.NETWORK_LATENCY: 0.8, C.PACKET_LOSS: 0.35},
    ),
    wording(
        "partitioned",
        r"network (partition|unreachable)|split brain|(lost|no) quorum|no route to host|partitioned",
        "Parts of the system cannot reach each other.",
        {C.NETWORK_PARTITION: 0.85, C.NODE_FAILURE: 0.3},
    ),
    wording(
        "provider-outage",
        r"(availability )?zone~(outage|down|impair\w*|unavailable)|region~(outage|down|impair\w*)"
        r"|(aws|azure|gcp|cloud)~(outage|incident|degrad\w*|health event)|spot~(interrupt\w*|reclaim\w*)",
        "The cloud provider has a problem.",
        {C.CLOUD_OUTAGE: 0.85, C.NODE_FAILURE: 0.3},
    ),
    wording(
        "partner-outage",
        r"(third party|external|partner|vendor|provider|payment gateway|stripe|twilio|sendgrid)"
        r"~(down|outage|errors?|unavailable|fail\w*|degrad\w*|timeouts?)",
        "A service outside the house fails.",
        {C.THIRD_PARTY_OUTAGE: 0.75, C.DEPENDENCY_UNAVAILABLE: 0.4},
    ),
)
