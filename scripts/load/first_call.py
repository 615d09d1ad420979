"""Run as a program: import the app and call one function twice. Prints CPU seconds and seconds as JSON.

    python scripts/load/first_call.py < {"function": "…", "method": "…", "path": "…", "token": "…", "body": "…"}

It stands alone, so that nothing is loaded but the app.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
asked = json.load(sys.stdin)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


import function_app  # noqa: E402 - what is measured

imported = cpu()
import azure.functions as func  # noqa: E402 - the app has loaded it

run = next(
    one.get_user_function() for one in function_app.app.get_functions() if one.get_function_name() == asked["function"]
)


async def call() -> tuple[float, float]:
    request = func.HttpRequest(
        method=asked["method"],
        url=f"http://localhost/api/{asked['path']}",
        headers={"content-type": "application/json", "authorization": f"Bearer {asked['token']}"},
        params={},
        route_params={},
        body=asked["body"].encode(),
    )
    before, start = cpu(), time.perf_counter()
    answered = await run(request)
    told = cpu() - before, time.perf_counter() - start
    if answered.status_code not in (200, 202):
        sys.exit(f"{answered.status_code}: {answered.get_body().decode()}")
    return told


async def calls() -> list[tuple[float, float]]:
    return [await call(), await call()]


told = asyncio.run(calls())
print(json.dumps({"import_cpu": [imported], "cpu": [one[0] for one in told], "seconds": [one[1] for one in told]}))
