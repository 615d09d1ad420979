"""A TCP line to a service, which a test can cut and mend."""

import asyncio
from contextlib import suppress

from scripts.devstack.ports import HOST, free_port


class Line:
    """Begins cut. While `swallows_answers`, what is asked is done and nobody hears of it."""

    def __init__(self, service_port: int) -> None:
        self.port = free_port()
        self.swallows_answers = False
        self._service_port = service_port
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, HOST, self.port)

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            for call in self._calls:
                call.cancel()
            await asyncio.gather(*self._calls, return_exceptions=True)
            await self._server.wait_closed()

    async def _carry(self, caller: asyncio.StreamReader, to_caller: asyncio.StreamWriter) -> None:
        call = asyncio.current_task()
        assert call is not None
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        service, to_service = await asyncio.open_connection(HOST, self._service_port)
        try:
            asking = asyncio.create_task(_pump(caller, to_service))
            while answer := await service.read(65_536):
                if self.swallows_answers:
                    break
                to_caller.write(answer)
                await to_caller.drain()
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        finally:
            for writer in (to_caller, to_service):
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()
