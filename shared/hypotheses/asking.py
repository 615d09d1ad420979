"""Asking the language model about a case: once at a time, within the budget, and never inside a transaction.

An answer is kept for a day, for the same prompt, model and tenant. Whoever comes while another asks waits for that
answer. Where Redis or the budget cannot say yes, the model is not asked.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from shared.hypotheses import budget, prices, prompting
from shared.hypotheses.ai_tables import AiRequestRow
from shared.hypotheses.analysis import Ask
from shared.hypotheses.budget import Outcome, Subject
from shared.hypotheses.model_candidates import FORM, RULES_ALONE, SCHEMA, Asked, Malformed, read_answer
from shared.hypotheses.prompting import Prompt
from shared.hypotheses.running import Begun
from shared.hypotheses.values import Candidate, Case, Evidence
from shared.kernel.canonical import canonical
from shared.kernel.events import Recorded
from shared.kernel.values import system_actor
from shared.platform import health
from shared.platform.faults import fault
from shared.platform.language_model import Message, Reply, Result
from shared.platform.locks import LocksAway
from shared.platform.metrics import AI_CALLS, AI_COST, AI_TOKENS, CACHE_REQUESTS, LOCK_WAIT_SECONDS
from shared.platform.runtime import Runtime

KEPT_SECONDS: Final = 24 * 60 * 60
WAIT: Final = 75.0
"""Seconds for another's answer: longer than a call and its repair may take."""

_OVERHEAD: Final = 200  # tokens around the messages
_MAX_REPAIRED: Final = 4_000  # characters of an answer that cannot be used


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inquiry:
    """One question: a prompt about a subject. Answers from before `since` are too old."""

    runtime: Runtime
    subject: Subject
    prompt: Prompt
    since: datetime | None

    @property
    def key(self) -> str:
        """Where the answer is kept."""
        asked = (prompting.VERSION, self.subject.model, self.prompt.instructions, self.prompt.question)
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        return f"ai:answer:{self.subject.tenant_id}:{digest}"

    @property
    def messages(self) -> tuple[Message, ...]:
        return (Message(role="system", text=self.prompt.instructions), Message(role="user", text=self.prompt.question))

    @property
    def allowance(self) -> Decimal:
        """What a tenant may spend that has set no limit, in dollars."""
        return self.runtime.settings.ai_monthly_budget


def lock_of(incident_id: object) -> str:
    """Return the lock that whoever generates hypotheses holds, by the incident that is analysed."""
    return f"ai:generating:{incident_id}"


def for_run(runtime: Runtime, event: Recorded, run: Begun) -> Ask:
    """Return how the model is asked in a run that an event set off: once for all incidents that share the run."""

    async def ask(case: Case, evidence: Sequence[Evidence]) -> Asked:
        if not run.asks_model:
            return RULES_ALONE
        if not runtime.model.name:
            return _unasked("not_configured")
        inquiry = _Inquiry(
            runtime=runtime,
            subject=Subject(
                tenant_id=event.tenant_id,
                project_id=event.project_id,
                incident_id=run.incident_id,
                model=runtime.model.name,
            ),
            prompt=prompting.prompt_of(case, evidence),
            since=event.at if event.data.get("refresh") else None,
        )
        return await _one_at_a_time(inquiry)

    return ask


async def _one_at_a_time(inquiry: _Inquiry) -> Asked:
    locks, owner = inquiry.runtime.locks, str(inquiry.runtime.ids.new())
    lock = lock_of(inquiry.subject.incident_id)
    loop = asyncio.get_running_loop()
    began, why = loop.time(), ""
    try:
        async with asyncio.timeout(WAIT):
            await locks.wait(lock, owner)
    except LocksAway:
        why = "locks_away"
    except TimeoutError:
        why = "busy"
    waited = loop.time() - began
    inquiry.runtime.metrics.observe(LOCK_WAIT_SECONDS, "ai_generating", why or "taken", seconds=waited)
    if why:
        return _unasked(why)
    async with locks.keeping(lock, owner):
        return await _answered(inquiry)


async def _answered(inquiry: _Inquiry) -> Asked:
    kept = await _recalled(inquiry)
    inquiry.runtime.metrics.add(CACHE_REQUESTS, "ai_answers", "miss" if kept is None else "hit")
    if kept is not None:
        async with _transaction(inquiry) as tx:
            await budget.note_reused(tx, inquiry.subject, inquiry.allowance)
        detail = {"asked": False, "why": Outcome.REUSED.value, "candidates": len(kept)}
        return Asked(candidates=kept, answered=True, detail=detail)
    asked, unusable = await _called(inquiry, inquiry.messages)
    if unusable is None:
        return asked
    text, reason = unusable
    wrong = f"That cannot be used: {reason}. Answer again, as JSON of the given schema and nothing else."
    again = (Message(role="assistant", text=text[:_MAX_REPAIRED]), Message(role="user", text=wrong))
    return (await _called(inquiry, (*inquiry.messages, *again)))[0]


async def _called(inquiry: _Inquiry, messages: Sequence[Message]) -> tuple[Asked, tuple[str, str] | None]:
    """Ask once, on the budget; an answer that cannot be used comes back with what is wrong with it."""
    async with _transaction(inquiry) as tx:
        request_id = await budget.reserve(tx, inquiry.subject, _most(inquiry, messages), inquiry.allowance)
    if request_id is None:
        _count(inquiry, Outcome.OVER_BUDGET, None)
        return _unasked(Outcome.OVER_BUDGET.value), None
    fault("model.after_reserve")
    reply = await inquiry.runtime.model.ask(messages, form=FORM, schema=SCHEMA)
    await health.note_model(inquiry.runtime, reply)
    fault("model.before_settle")
    found: tuple[Candidate, ...] = ()
    outcome: Outcome | Result = reply.result
    unusable = None
    if reply.result is Result.ANSWERED:
        try:
            found = read_answer(reply.text, inquiry.prompt)
        except Malformed as error:
            outcome, unusable = Outcome.MALFORMED, (reply.text, str(error))
        else:
            await _keep(inquiry, reply)
    async with _transaction(inquiry) as tx:
        settled = await budget.settle(tx, request_id, reply, outcome)
    fault("model.after_settle")
    _count(inquiry, outcome, settled)
    detail: dict[str, Any] = {"asked": True, "outcome": outcome.value, "candidates": len(found)}
    if settled is not None:
        detail |= {
            "model": settled.model,
            "input_tokens": settled.input_tokens,
            "output_tokens": settled.output_tokens,
            "cost_usd": float(settled.cost_usd),
        }
    return Asked(candidates=found, answered=outcome is Result.ANSWERED, detail=detail), unusable


def _count(inquiry: _Inquiry, outcome: Outcome | Result, settled: AiRequestRow | None) -> None:
    metrics, model = inquiry.runtime.metrics, inquiry.subject.model
    metrics.add(AI_CALLS, model, outcome.value)
    if settled is not None:
        metrics.add(AI_TOKENS, model, "input", amount=settled.input_tokens)
        metrics.add(AI_TOKENS, model, "cached", amount=settled.cached_tokens)
        metrics.add(AI_TOKENS, model, "output", amount=settled.output_tokens)
        metrics.add(AI_COST, model, amount=float(settled.cost_usd))


def _transaction(inquiry: _Inquiry) -> Any:
    return inquiry.runtime.transaction(system_actor(inquiry.subject.tenant_id))


def _most(inquiry: _Inquiry, messages: Sequence[Message]) -> Decimal:
    """What a call may cost at most: no token is shorter than a byte."""
    read = sum(len(message.text.encode()) for message in messages) + len(canonical(SCHEMA)) + _OVERHEAD
    price = prices.price_of(inquiry.subject.model)
    return prices.cost(price, read=read, cached=0, written=inquiry.runtime.model.max_completion_tokens)


async def _recalled(inquiry: _Inquiry) -> tuple[Candidate, ...] | None:
    """What an answer that was kept proposed; None without one, or where it is too old."""
    kept = await inquiry.runtime.patient_cache.get(inquiry.key)
    if kept is None:
        return None
    found = json.loads(kept)
    if inquiry.since is not None and datetime.fromisoformat(found["at"]) < inquiry.since:
        return None
    return read_answer(found["text"], inquiry.prompt)


async def _keep(inquiry: _Inquiry, reply: Reply) -> None:
    kept = json.dumps({"at": inquiry.runtime.clock.now().isoformat(), "text": reply.text})
    await inquiry.runtime.patient_cache.set(inquiry.key, kept, seconds=KEPT_SECONDS)


def _unasked(why: str) -> Asked:
    return Asked(detail={"asked": False, "why": why})
