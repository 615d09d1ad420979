"""The product's functions with the queues between them, carried by hand."""

from scripts.proof.functions import Functions
from scripts.proof.mailbox import Mailbox
from shared.platform.runtime import Runtime


class Carried(Functions):
    """The mounted functions, with the queues between them."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.mailbox = Mailbox(runtime.settings)

    async def carry(self) -> None:
        """Relay what is due and deliver what that put on the queues, until nothing is left."""
        while await self.runtime.relay.sweep() + await self.deliver():
            pass

    async def deliver(self) -> int:
        """Deliver what waits on the queues, each message once; returns how many messages there were."""
        delivered = 0
        for one in list(self.functions.values()):
            for binding in one.get_dict_repr()["bindings"]:
                if binding["type"] == "queueTrigger" and not binding["queueName"].endswith("-poison"):
                    for text in await self.mailbox.take(binding["queueName"]):
                        await self.hand(str(one.get_function_name()), text)
                        delivered += 1
        return delivered
