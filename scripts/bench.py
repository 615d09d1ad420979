"""Measure the product on services of its own."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scripts import audit_bench, fanout_bench, ingest_bench, prompt_bench, server_bench, soak_bench, startup_bench
from scripts.load.notifications import Mode
from scripts.load.poster import Target

type Given = argparse.Namespace


def main() -> int:
    parser = argparse.ArgumentParser(prog="./scripts/bench", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for name, about, run, options in (
        ("ingest", "alerts in, beside upserts and a function that does nothing", _ingest, _ingest_options),
        ("startup", "CPU time until a process can serve", _startup, _startup_options),
        ("fanout", "time from an alert's post to browsers", _fanout, _fanout_options),
        ("api", "server times of lists, searches, the incident page and a change", _server, _sizes(20_000, 200_000)),
        ("search", "server times of each search", _server, _sizes(100_000, 1_000_000)),
        ("analytics", "server times of the incident analytics", _server, _sizes(200_000, 400_000)),
        ("soak", "what grows under half the load", _soak, _soak_options),
        ("audit", "server time of calls with and without the audit", _audit, _audit_options),
        ("export", "memory that an export of the audit takes", _export, _export_options),
        ("prompt", "tokens of what a language model is asked", _prompt, _prompt_options),
    ):
        kind = kinds.add_parser(name, help=about)
        kind.set_defaults(run=run)
        options(kind)
        kind.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    run_it: Callable[[Given], bool] = given.run
    return 1 if run_it(given) else 0


def _show(found: Any, table: str, *, as_json: bool) -> None:
    print(json.dumps(found, indent=1) if as_json else table)


def _ingest_options(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("--modes", nargs="+", type=Mode, choices=list(Mode), default=list(Mode), metavar="MODE")
    kind.add_argument("--connections", nargs="+", type=int, default=list(ingest_bench.CONNECTIONS), metavar="C")
    kind.add_argument("--count", type=int, default=ingest_bench.SINGLES, help="alerts of a case (default %(default)s)")
    kind.add_argument("--rounds", type=int, default=ingest_bench.ROUNDS, help="turns of each (default %(default)s)")
    kind.add_argument("--quick", action="store_true", help="few alerts and one round: whether it works")
    kind.add_argument("--url", help="another receiver, in place of the product")
    kind.add_argument("--token", default="", help="bearer token that it takes")
    kind.add_argument("--cpu", nargs="*", type=_process, default=[], metavar="NAME=PID", help="its processes")


def _process(text: str) -> tuple[str, int]:
    name, _, pid = text.partition("=")
    return name, int(pid)


def _ingest(given: Given) -> bool:
    cases = [ingest_bench.Case(mode, connections) for mode in given.modes for connections in given.connections]
    effort = ingest_bench.QUICK if given.quick else ingest_bench.Effort(singles=given.count, rounds=given.rounds)
    if given.url:
        receiver = ingest_bench.Receiver(target=Target(given.url, given.token), pids=dict(given.cpu))
        found = asyncio.run(ingest_bench.measure(receiver, cases, {}, effort))
    else:
        found = asyncio.run(ingest_bench.run(cases, effort))
    _show(asdict(found), ingest_bench.table(found), as_json=given.json)
    return bool(found.missed) or any(one.failures for one in found.cases)


def _startup_options(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("--times", type=int, default=10, help="processes of each kind (default %(default)s)")
    kind.add_argument("--calls", action="store_true", help="what follows: the first call of a process, and the second")


def _startup(given: Given) -> bool:
    if given.calls:
        calls = asyncio.run(startup_bench.first_calls(times=given.times))
        _show([asdict(one) for one in calls], startup_bench.calls_table(calls), as_json=given.json)
        return False
    found = startup_bench.measure(times=given.times)
    _show([asdict(one) for one in found], startup_bench.table(found), as_json=given.json)
    return startup_bench.misses(found)


def _fanout_options(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("--sockets", nargs="+", type=int, default=[1, 1_000], help="how many (default %(default)s)")
    kind.add_argument("--seconds", type=float, default=20, help="of alerts (default %(default)s)")


def _fanout(given: Given) -> bool:
    found = asyncio.run(fanout_bench.run(given.sockets, seconds=given.seconds))
    _show([asdict(one) for one in found], fanout_bench.table(found), as_json=given.json)
    return fanout_bench.misses(found)


def _soak_options(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("--minutes", type=float, default=30, help="(default %(default)s)")


def _soak(given: Given) -> bool:
    found = asyncio.run(soak_bench.run(minutes=given.minutes))
    _show(asdict(found), soak_bench.table(found), as_json=given.json)
    return soak_bench.misses(found)


def _sizes(incidents: int, alerts: int) -> Callable[[argparse.ArgumentParser], None]:
    def add(kind: argparse.ArgumentParser) -> None:
        kind.add_argument("--incidents", type=int, default=incidents, help="(default %(default)s)")
        kind.add_argument("--alerts", type=int, default=alerts, help="(default %(default)s)")
        kind.add_argument("--times", type=int, default=100, help="calls of each kind (default %(default)s)")

    return add


def _server(given: Given) -> bool:
    measured = {"api": server_bench.api, "search": server_bench.search, "analytics": server_bench.analytics}[given.kind]
    figures = asyncio.run(measured(incidents=given.incidents, alerts=given.alerts, times=given.times))
    _show([asdict(one) for one in figures], server_bench.table(figures), as_json=given.json)
    return any(one.p95 >= server_bench.LIMITS_MS[given.kind] for one in figures)


def _audit_options(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("--blocks", type=int, default=20, help="blocks of calls each way (default %(default)s)")
    kind.add_argument("--calls", type=int, default=100, help="calls of a block (default %(default)s)")


def _audit(given: Given) -> bool:
    found = asyncio.run(audit_bench.compare(blocks=given.blocks, calls=given.calls))
    _show(asdict(found), audit_bench.comparison_table(found), as_json=given.json)
    return max(found.time_ratio, found.cpu_ratio) > audit_bench.LIMIT


def _export_options(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("--rows", type=int, default=1_000_000, help="(default %(default)s)")


def _export(given: Given) -> bool:
    found: Sequence[audit_bench.Export] = asyncio.run(audit_bench.exports(rows=given.rows))
    _show([asdict(one) for one in found], audit_bench.export_table(found), as_json=given.json)
    return any(one.growth_mb > audit_bench.GROWTH_LIMIT_MB for one in found)


def _prompt_options(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("--cases", type=Path, default=prompt_bench.CASES, help="(default %(default)s)")


def _prompt(given: Given) -> bool:
    found = prompt_bench.summary(prompt_bench.measure(given.cases))
    _show(found, prompt_bench.table(found), as_json=given.json)
    return bool(found["median_share"] > prompt_bench.LIMIT)


if __name__ == "__main__":
    sys.exit(main())
