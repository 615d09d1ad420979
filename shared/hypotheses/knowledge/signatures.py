"""How alerts speak: every wording that operators know.

Sources are the public alert vocabularies: the Kubernetes, node-exporter, Prometheus and AlertManager mixins, kubelet
and scheduler event reasons, blackbox, PostgreSQL, MySQL, Redis, Kafka, RabbitMQ, ingress controllers, the JVM, cloud
databases, DNS and TLS libraries. A strength is a judgement, not a measurement: how often the cause holds where the
wording is seen. A symptom points at several causes weakly, a cause at one strongly.
"""

from functools import lru_cache
from typing import Final

from shared.hypotheses.knowledge.datastores import DATASTORES
from shared.hypotheses.knowledge.kubernetes import KUBERNETES
from shared.hypotheses.knowledge.network import NETWORK
from shared.hypotheses.knowledge.resources import RESOURCES
from shared.hypotheses.knowledge.states import STATES
from shared.hypotheses.knowledge.symptoms import SYMPTOMS
from shared.hypotheses.knowledge.wording import Signature, words

DECISIVE: Final = 0.8
"""From this strength on, a wording names the cause by itself."""

SIGNATURES: Final[tuple[Signature, ...]] = (*KUBERNETES, *RESOURCES, *DATASTORES, *NETWORK, *SYMPTOMS, *STATES)


@lru_cache(maxsize=512)  # the same text is read for candidates, for scores, and again at each run of the incident
def read(text: str) -> tuple[Signature, ...]:
    """The signatures that a text shows, in the table's order."""
    spelled = words(text)
    return tuple(signature for signature in SIGNATURES if signature.shows_in(spelled))
