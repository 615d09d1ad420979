"""Hostile input, in full: every value of the corpus in every place of every operation, then schemathesis."""

import argparse
import asyncio
import sys
import time
import traceback
from itertools import batched
from typing import Final

from functions.openapi import endpoints
from functions.requests import MAX_BODY
from scripts.proof import bodies
from scripts.proof.contract import contract
from scripts.proof.hostile import cases, complaints
from scripts.proof.scratch import scratch_world

_OF_A_WORLD: Final = 8  # operations: Azurite, which keeps the audit of all their calls, becomes slow as it fills


async def fuzz(*, every: int, only: str) -> int:
    """Print a line for each operation, and what is wrong with its answers; returns how much is."""
    wrong = 0
    for some in batched((one for one in endpoints() if only in one.name), _OF_A_WORLD, strict=False):
        async with scratch_world() as world:
            for endpoint in some:
                began = time.monotonic()
                found = await complaints(world, endpoint, every=every)
                number = sum(1 for _ in cases(endpoint, world.objects, every=every))
                took = f"{number:>7} requests {time.monotonic() - began:>7.1f} s"
                print(f"{endpoint.name:<28}{took}", *found, sep="\n  ", flush=True)
                wrong += len(found)
    print(f"{wrong} answers are wrong", flush=True)
    return wrong


async def run(*, every: int, only: str, seconds: int) -> bool:
    """Say whether all is well."""
    wrong = await fuzz(every=every, only=only)
    complaints = await contract(seconds=seconds) if seconds and not only else []
    print(*complaints, f"schemathesis complains in {len(complaints)} modes", sep="\n")
    return not wrong and not complaints


def fuzz_parsers(examples: int) -> bool:
    """Say whether every webhook parser takes or refuses so many bodies, and the costliest within its means."""
    wrong = []
    for name, parser in bodies.PARSERS.items():
        began = time.monotonic()
        try:
            bodies.fuzz(parser, examples)
        except Exception:  # noqa: BLE001 - whatever a parser raises is what was looked for
            wrong.append(f"{name}: {traceback.format_exc()}")
        print(f"{name:<28}{examples:>7} bodies   {time.monotonic() - began:>7.1f} s", flush=True)
    for name, what, body in bodies.endless(MAX_BODY):
        if found := bodies.greed(bodies.PARSERS[name], body):
            wrong.append(f"{name}: {what}: {found}")
    print(*wrong, f"{len(wrong)} parsers or bodies are wrong", sep="\n")
    return not wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take only every Nth value of each place")
    parser.add_argument("--only", default="", metavar="TEXT", help="take only operations with this in their name")
    parser.add_argument("--seconds", type=int, default=300, metavar="N", help="of schemathesis, in each of three modes")
    parser.add_argument("--parsers", type=int, metavar="N", help="instead of this, N bodies for each webhook parser")
    chosen = vars(parser.parse_args())
    examples = chosen.pop("parsers")
    sys.exit(0 if (fuzz_parsers(examples) if examples else asyncio.run(run(**chosen))) else 1)
