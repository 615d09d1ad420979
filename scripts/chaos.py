"""Messages in any order, at length. See `scripts/chaos --help`."""

import argparse
import asyncio
import json
import sys
import time
from pprint import pformat
from typing import Final

from scripts.proof.disorder import Counterexample, search
from scripts.proof.scratch import scratch_settings

_TOLD_EVERY: Final = 25  # cases


async def property_holds(*, examples: int, seed: int, as_json: bool) -> bool:
    """Try many histories and print what came of it; says whether all is well."""
    began = time.monotonic()

    def progress(tried: int) -> None:
        if tried % _TOLD_EVERY == 0:
            seconds = time.monotonic() - began
            print(f"{tried:>7} lived through {seconds:>7.1f} s", file=sys.stderr, flush=True)

    async with scratch_settings() as (settings, _):
        began = time.monotonic()
        # In a thread, for the search has a loop of its own.
        found = await asyncio.to_thread(search, settings, examples=examples, seed=seed, told=progress)
    seconds = time.monotonic() - began
    if as_json:
        told = {"history": pformat(found.case), "difference": found.difference} if found else None
        print(json.dumps({"examples": examples, "seed": seed, "seconds": round(seconds, 1), "counterexample": told}))
    elif found:
        print(_shown(found))
    else:
        print(f"{examples} histories from seed {seed} came to the same in any order, in {seconds:.1f} s")
    return found is None


def _shown(found: Counterexample) -> str:
    return f"This history comes to something else in disorder:\n{pformat(found.case, width=120)}\n\n{found.difference}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--property", type=int, required=True, metavar="N", help="how many histories")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="what they are made up from")
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    given = parser.parse_args()
    held = asyncio.run(property_holds(examples=given.property, seed=given.seed, as_json=given.json))
    sys.exit(0 if held else 1)
