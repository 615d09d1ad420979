"""Who gets in where: every endpoint tried by every caller, beside what its declaration says."""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from itertools import groupby
from typing import Final

from functions.http import Admission, Endpoint
from functions.openapi import endpoints
from functions.problems import type_of
from scripts.proof.cast import Caller, Standing
from scripts.proof.examples import JSON_BODY, example_bytes, path_of
from scripts.proof.functions import Response
from scripts.proof.policy import Outcome, acts_at_home, expected
from scripts.proof.scratch import scratch_world
from scripts.proof.world import World
from shared.access.errors import PeopleOnly
from shared.kernel.errors import Forbidden, Unauthenticated

_NO_ID: Final = "01890000-0000-7000-8000-000000000000"
_GATE: Final = {
    type_of(Unauthenticated): Outcome.NOBODY,
    type_of(Forbidden): Outcome.FORBIDDEN,
    type_of(PeopleOnly): Outcome.FORBIDDEN,  # where a declaration shuts programs out
}
_OF_TENANT: Final = {"list_users"}  # whom to give a role in a project: everybody of the tenant
_OF_CALLS: Final = {"search_audit", "list_audited_calls"}
_OF_ALL_PROJECTS: Final = {"list_audited_changes", "show_audit_stats", "export_audit", *_OF_CALLS}
_OWN_HEADERS: Final = {"x-request-id", "ratelimit"}
_NOT_FOUND: Final = 404
_BROKEN: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One call. `got` is an outcome, or in words what is wrong with the answer."""

    endpoint: str
    caller: str
    expected: str
    got: str
    status: int

    @property
    def is_right(self) -> bool:
        return self.expected == self.got


async def matrix(world: World, chosen: Iterable[Endpoint], callers: Sequence[Caller] = ()) -> list[Row]:
    """Try each endpoint as each caller (all of the world's by default); the world is left as it was."""
    return [await _row(world, endpoint, caller) for endpoint in chosen for caller in callers or world.callers]


async def _row(world: World, endpoint: Endpoint, caller: Caller) -> Row:
    answer = await _call(world, endpoint, caller, world.objects)
    return Row(
        endpoint=endpoint.name,
        caller=caller.name,
        expected=expected(endpoint, caller),
        got=await _judged(world, endpoint, caller, answer),
        status=answer.status,
    )


async def _call(world: World, endpoint: Endpoint, caller: Caller, objects: Mapping[str, str]) -> Response:
    return await world.functions.invoke(
        endpoint.name,
        endpoint.method,
        url=endpoint.route,
        path=path_of(endpoint, objects),
        query={},
        body=example_bytes(endpoint, objects),
        headers=JSON_BODY | ({"authorization": f"Bearer {caller.credential}"} if caller.credential else {}),
    )


async def _judged(world: World, endpoint: Endpoint, caller: Caller, answer: Response) -> str:
    outcome = _outcome(answer)
    wrote = endpoint.method != "GET" and (outcome is Outcome.ADMITTED or not await world.is_untouched())
    if wrote:
        await world.restore()
    if wrote and outcome is not Outcome.ADMITTED:
        return f"{outcome}, and yet something was written"
    if not _may_show_more(endpoint, caller) and _shows(endpoint, answer, caller.never_sees):
        return f"{outcome}, and it shows what is not the caller's"
    if outcome is Outcome.NOT_FOUND and caller.standing is Standing.ELSEWHERE:
        missing = await _call(world, endpoint, caller, dict.fromkeys(world.objects, _NO_ID))
        if _comparable(missing) != _comparable(answer):
            return f"{outcome}, but unlike for a thing that does not exist"
    return outcome


def _may_show_more(endpoint: Endpoint, caller: Caller) -> bool:
    """Whether an answer may go beyond the caller's project: whoever signs in with a body, and lists of the tenant."""
    is_of_tenant = endpoint.name in _OF_TENANT and caller.standing is Standing.HOME
    is_at_home = acts_at_home(endpoint) and caller.role_at_home is not None
    is_owner = caller.owns_tenant and caller.standing is Standing.HOME
    is_audit = endpoint.name in _OF_ALL_PROJECTS and is_owner
    return endpoint.needs is Admission.EVERYONE or is_of_tenant or is_at_home or is_audit


def _shows(endpoint: Endpoint, answer: Response, ids: Iterable[str]) -> bool:
    content = answer.content
    if endpoint.name in _OF_CALLS and answer.status == HTTPStatus.OK:
        # Callers meet the ids again that they asked for, if in vain: a call's path is what they said themselves.
        told = [{name: value for name, value in entry.items() if name != "path"} for entry in answer.json["items"]]
        content = json.dumps(told).encode()
    return any(each.encode() in content for each in ids)


def _outcome(answer: Response) -> str:
    """Name what the answer means; only the gate's own refusals count as such, and not a wrong password."""
    if answer.status >= _BROKEN:
        return f"broken ({answer.status})"
    if answer.status == _NOT_FOUND:
        return Outcome.NOT_FOUND
    if answer.media_type == "application/problem+json":
        return _GATE.get(answer.json["type"], Outcome.ADMITTED)
    return Outcome.ADMITTED


def _comparable(answer: Response) -> tuple[object, ...]:
    """Return the answer without what names the request itself."""
    own_id = answer.json["trace_id"].encode()
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in _OWN_HEADERS}
    return answer.status, answer.media_type, headers, answer.content.replace(own_id, b"")


def table(rows: Sequence[Row]) -> str:
    """Return a line for each endpoint with what its callers came to, and one for each difference."""
    lines = []
    for name, found in groupby(rows, key=lambda row: row.endpoint):
        counts = Counter(row.got for row in found)
        lines.append(f"{name:<28}" + "  ".join(f"{got}: {count}" for got, count in sorted(counts.items())))
    wrong = [row for row in rows if not row.is_right]
    lines += [f"WRONG  {row.endpoint} as {row.caller}: expected {row.expected}, got {row.got}" for row in wrong]
    return "\n".join([*lines, f"{len(rows)} calls, {len(wrong)} of them wrong"])


async def _main(*, as_json: bool) -> int:
    async with scratch_world() as world:
        rows = await matrix(world, endpoints())
    print(json.dumps([asdict(row) for row in rows], indent=1) if as_json else table(rows))
    return 0 if all(row.is_right for row in rows) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="matrix", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    sys.exit(asyncio.run(_main(as_json=parser.parse_args().json)))
