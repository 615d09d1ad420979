"""Reliability bugs as they are made, each a small change of the product's text."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any
from unittest.mock import patch

from sqlalchemy import TextClause, text

from functions import queues as consumers
from functions.hypotheses.propose_hypotheses import propose_hypotheses
from functions.ops.relay_events import relay_events
from shared.incidents import ingest, merge
from shared.integrations import receiving
from shared.notifications import sending
from shared.platform import database, inbox, relay
from shared.platform.queues import Queues
from shared.platform.relay import Relay
from shared.platform.runtime import Runtime


@dataclass(frozen=True)
class Edit:
    """Text that is replaced in a function, or in a statement that a module names."""

    place: Callable[..., Any] | tuple[ModuleType, str]
    old: str
    new: str

    @contextmanager
    def made(self) -> Iterator[None]:
        if isinstance(self.place, tuple):
            module, name = self.place
            statement = getattr(module, name)
            is_text = isinstance(statement, TextClause)
            changed = self._changed(statement.text if is_text else statement)
            with patch.object(module, name, text(changed) if is_text else changed):
                yield
        else:
            function = inspect.unwrap(self.place)
            assert isinstance(function, FunctionType)
            before = function.__code__
            function.__code__ = self._code(function)
            try:
                yield
            finally:
                function.__code__ = before

    def _changed(self, source: str) -> str:
        assert source.count(self.old) == 1, f"{self.old!r} is there {source.count(self.old)} times"
        return source.replace(self.old, self.new)

    def _code(self, function: FunctionType) -> CodeType:
        """Return the function's code, with the change, as its own module would have it."""
        module = inspect.getsource(inspect.getmodule(function))  # type: ignore[arg-type]  # it has a module
        source = inspect.getsource(function)
        assert module.count(source) == 1
        changed = compile(module.replace(source, self._changed(source)), function.__code__.co_filename, "exec")
        return next(one for one in _nested(changed) if one.co_qualname == function.__code__.co_qualname)


def _nested(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _nested(one)


@contextmanager
def planted(*edits: Edit) -> Iterator[None]:
    """Make changes, and take them back."""
    with ExitStack() as made:
        for edit in edits:
            made.enter_context(edit.made())
        yield


_TRANSACTION: Callable[..., Any] = Runtime.transaction
_SEND_ALL = "        to_queues = self._queue_sends(_unsent(claimed, heads), away)\n"
_MARK_ALL = """\
        async with self._database.session(self._database.system) as session:
            await session.execute(_MARK, _keys(claimed))
        fault("relay.after_send")
"""
_RECORD = """\
                if tx.recorded:
                    await session.execute(insert(EventRow), [_row(tx, event) for event in tx.recorded])
        fault("transaction.after_commit")
        if tx.recorded:
"""
_RECORD_LATER = """\
        fault("transaction.after_commit")
        if tx.recorded:
            async with self.database.session(engine) as session:
                await begin_as(session, tx.tenant_id)
                await session.execute(insert(EventRow), [_row(tx, event) for event in tx.recorded])
        if tx.recorded:
"""
_ANSWER_FIRST = """\
    where = "database"
    later = __import__("asyncio").create_task(store_or_spill(runtime, batch, _ROUTE))
    later.add_done_callback(lambda done: done.exception())
"""

PLANTS: dict[str, tuple[Edit, ...]] = {
    "no sweeper": (Edit(relay_events.tick, "await runtime.relay.sweep()", "pass"),),
    "claimed for good": (
        Edit((relay, "_CLAIM"), "now() + make_interval(secs => least(:resend * power(2, e.claims), 600))", "null"),
    ),
    "marked before it is sent": (Edit(Relay._deliver, _SEND_ALL, _MARK_ALL + _SEND_ALL),),
    "a failed send counts as arrived": (Edit(Relay._deliver, "failed[result.title].update(ids)", "failed.clear()"),),
    "sent is as good as finished": (
        Edit((relay, "_MARK"), "due_at = case when awaiting = '{}' then null else due_at end", "due_at = null"),
    ),
    "a new number with each claim": (
        Edit((relay, "_CLAIM"), "coalesce(e.seq, counter.base + live.place)", "counter.base + live.place"),
        Edit((relay, "_CLAIM"), "where seq is null and type", "where type"),
    ),
    "recorded after the commit": (Edit(_TRANSACTION, _RECORD, _RECORD_LATER),),
    "a setting that outlives its transaction": (
        Edit((database, "_TENANT"), "set_config('app.tenant_id', %s, true)", "set_config('app.tenant_id', %s, false)"),
    ),
    "nobody looks into the inbox": (
        Edit(inbox.is_done, "return found is not None", "return False"),
        Edit(inbox.finish, "raise AlreadyDone", "return"),
    ),
    "finished before it is done": (
        Edit(
            propose_hypotheses.consume or str,
            "        run = await",
            "        await __import__('shared.platform.inbox').platform.inbox.finish(tx, 'hypotheses', job.event.id)\n"
            "        run = await",
        ),
        Edit(inbox.finish, "raise AlreadyDone", "return"),
    ),
    "answered before it is stored": (
        Edit(ingest.ingest, "    where = await store_or_spill(runtime, batch, _ROUTE)\n", _ANSWER_FIRST),
    ),
    "a batch that fails is let go": (
        Edit(
            consumers._consume_text,
            "            await consume(runtime, text)\n        except Unavailable:\n            raise\n",
            "            await consume(runtime, text)\n        except Unavailable:\n            raise\n"
            "        except Exception:\n            return\n",
        ),
    ),
    "a batch that waits is let go": (
        Edit(
            receiving.store_spilled,
            "await runtime.queues.send(route.queue, message, delay=_RESEND_SECONDS)",
            "return",
        ),
    ),
    "a queue that is away is no reason to say no": (Edit(Queues.send, "raise QueueAway from error", "return"),),
    "the last one to speak is right": (
        Edit((merge, "MERGE_ALERTS"), "resolved = (a.resolved and not", "resolved = (false and not"),
    ),
    "nobody notices what fires again": (Edit(merge.write, "    if joined:\n", "    if False:\n"),),
    "a lost try is never made again": (
        Edit(
            sending._claim,
            "delivery.attempted_at, delivery.due_at = tx.now, tx.now + _CLAIM",
            "delivery.attempted_at, delivery.due_at = tx.now, None",
        ),
    ),
    "a new id with each try": (Edit(sending._post, "str(delivery_id), int(now", "str(runtime.ids.new()), int(now"),),
}
