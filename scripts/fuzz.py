"""Hostile input, in full: every value of the corpus in every place of every operation, on services of its own."""

import argparse
import asyncio
import sys
import time

from functions.openapi import endpoints
from scripts.proof.hostile import cases, complaints
from scripts.proof.scratch import scratch_world


async def fuzz(*, every: int, only: str) -> int:
    """Print a line for each operation, and what is wrong with its answers; returns how much is."""
    wrong = 0
    async with scratch_world() as world:
        for endpoint in (one for one in endpoints() if only in one.name):
            began = time.monotonic()
            found = await complaints(world, endpoint, every=every)
            number = sum(1 for _ in cases(endpoint, world.objects, every=every))
            print(f"{endpoint.name:<28}{number:>7} requests {time.monotonic() - began:>7.1f} s", *found, sep="\n  ")
            wrong += len(found)
    print(f"{wrong} answers are wrong")
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take only every Nth value of each place")
    parser.add_argument("--only", default="", metavar="TEXT", help="take only operations with this in their name")
    arguments = parser.parse_args()
    sys.exit(1 if asyncio.run(fuzz(every=arguments.every, only=arguments.only)) else 0)
