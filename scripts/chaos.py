"""Faults under traffic, and messages in any order, at length. See `scripts/chaos --help`."""

import argparse
import asyncio
import json
import sys
import time
from pprint import pformat
from typing import Final

from scripts.proof.chaos.report import Wanted, table
from scripts.proof.chaos.run import run
from scripts.proof.disorder import Counterexample, search
from scripts.proof.scratch import scratch_settings

_TOLD_EVERY: Final = 25  # cases


async def property_holds(*, examples: int, seed: int, as_json: bool) -> bool:
    """Try many histories and print what came of it; says whether all is well."""
    began = time.monotonic()

    def progress(tried: int) -> None:
        if tried % _TOLD_EVERY == 0:
            seconds = time.monotonic() - began
            _tell(f"{tried:>7} lived through {seconds:>7.1f} s")

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


async def survives(wanted: Wanted, *, as_json: bool) -> bool:
    """Strike a stack under traffic and print what came of it; says whether all is well."""
    report = await run(wanted, _tell)
    print(json.dumps(report.as_dict()) if as_json else table(report))
    return report.findings.is_right


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _shown(found: Counterexample) -> str:
    return f"This history comes to something else in disorder:\n{pformat(found.case, width=120)}\n\n{found.difference}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--alerts", type=int, metavar="N", help="how many alerts are posted")
    kind.add_argument("--property", type=int, metavar="N", help="how many histories")
    parser.add_argument("--kills", type=int, default=0, metavar="K", help="how many blows fall meanwhile")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="what all is made up from")
    parser.add_argument("--hurry", action="store_true", help="shorten what the product waits for")
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    given = parser.parse_args()
    if given.property is not None:
        work = property_holds(examples=given.property, seed=given.seed, as_json=given.json)
    else:
        wanted = Wanted(alerts=given.alerts, blows=given.kills, seed=given.seed, hurries=given.hurry)
        work = survives(wanted, as_json=given.json)
    sys.exit(0 if asyncio.run(work) else 1)
