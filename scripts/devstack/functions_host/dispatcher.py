"""One run of a function, from trigger data to written outputs."""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from datetime import timedelta

from azure.core.exceptions import AzureError
from azure_functions_runtime import invocation_id_cv

from scripts.devstack.functions_host.app import Function, Result, invoke
from scripts.devstack.functions_host.messages import TypedData
from scripts.devstack.functions_host.queue_messages import Encoding, encode, output_bodies
from scripts.devstack.functions_host.settings import SettingError
from scripts.devstack.functions_host.storage import Storage, send

logger = logging.getLogger(__name__)


class Dispatcher:
    """Runs functions under the host's time limit and writes their queue outputs."""

    def __init__(self, storage: Storage, *, timeout: timedelta | None, encoding: Encoding) -> None:
        self._storage = storage
        self._seconds = timeout.total_seconds() if timeout else None
        self._encoding = encoding

    async def run(
        self,
        function: Function,
        data: TypedData,
        *,
        metadata: Mapping[str, TypedData] | None = None,
        trace_parent: str = "",
    ) -> Result:
        """Run `function` once. One that raises, takes too long or cannot write its outputs has an error, and is logged.

        Time running out cancels an asynchronous function. A synchronous one cannot be stopped: its answer is dropped,
        and its thread goes on. (Azure ends the whole worker process instead.)
        """
        invocation_id = str(uuid.uuid4())
        # The library sets this for synchronous functions only; with it, every log line can name its invocation.
        token = invocation_id_cv.set(invocation_id)
        try:
            async with asyncio.timeout(self._seconds):
                result = await invoke(
                    function, data, metadata=metadata, trace_parent=trace_parent, invocation_id=invocation_id
                )
            if result.error is None and function.queue_outputs:
                await self._write_outputs(function, result)
        except TimeoutError:
            result = Result(error=f"The time limit of {self._seconds:g} s was exceeded.")
        except (AzureError, SettingError) as error:
            result = Result(error=f"Its queue output could not be written: {error}")
        finally:
            invocation_id_cv.reset(token)
        if result.error is not None:
            logger.error("Function '%s' (%s) failed: %s", function.name, invocation_id, result.error)
        return result

    async def _write_outputs(self, function: Function, result: Result) -> None:
        values = {**(result.outputs or {}), "$return": result.returned}
        for binding in function.queue_outputs:
            if (value := values.get(binding["name"])) is not None:
                queue = self._storage.queue(binding.get("connection", ""), binding["queueName"])
                for body in output_bodies(value):
                    await send(queue, encode(body, self._encoding))
