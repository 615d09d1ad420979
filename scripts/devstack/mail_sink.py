"""Takes all e-mail of the local stack, for whomever, and keeps it in a Maildir: one file a mail, below `new`."""

import argparse
import asyncio
from pathlib import Path

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP

from scripts.devstack.ports import HOST


async def serve(folder: Path, port: int) -> None:
    loop = asyncio.get_running_loop()
    handler = Mailbox(folder)
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", loop=loop), HOST, port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="mail_sink", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.folder, options.port))
