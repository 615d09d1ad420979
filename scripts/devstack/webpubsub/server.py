"""The HTTP server around the broker."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

from scripts.devstack.webpubsub import bus, client, rest
from scripts.devstack.webpubsub.broker import Broker
from scripts.devstack.webpubsub.settings import MESSAGE_BYTES, Settings

SHUTDOWN_GRACE = 2.0  # seconds for requests under way


@asynccontextmanager
async def serve(settings: Settings, *, host: str = "127.0.0.1", port: int = 0) -> AsyncGenerator[str]:
    """Listens, once the bus is up, until the block is left; yields the base URL. Port 0 is any free one."""
    async with bus.connect(settings.redis_url) as redis, ClientSession() as session, asyncio.TaskGroup() as tasks:
        broker = Broker(settings, redis, session)
        running = tasks.create_task(broker.run())
        await broker.bus.wait_subscribed()
        # Addresses carry tokens, therefore no access log.
        runner = web.AppRunner(_application(broker), access_log=None, shutdown_timeout=SHUTDOWN_GRACE)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            yield f"http://{host}:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()
            running.cancel()


def _application(broker: Broker) -> web.Application:
    application = web.Application(middlewares=rest.middlewares(broker), client_max_size=MESSAGE_BYTES)
    application.add_routes([*rest.routes(broker), *client.routes(broker)])

    async def say_goodbye(_: web.Application) -> None:
        await broker.close()

    application.on_shutdown.append(say_goodbye)
    return application
