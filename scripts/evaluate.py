"""Takes cases through the product and says how good its hypotheses were. See `scripts/eval --help`."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from functions.subscriptions import ROUTES
from scripts.evaluation.cases import Case, Result, read_cases, read_truths
from scripts.evaluation.figures import figures, judged
from scripts.evaluation.fitting import fit
from scripts.evaluation.pipeline import Pipeline
from scripts.proof.carried import Carried
from scripts.proof.clock import SetClock
from scripts.proof.functions import QuietRelay
from scripts.proof.scratch import scratch_settings
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings


async def evaluate(cases: Sequence[Case], generator: str) -> list[Result]:
    """Take cases through the product, one after the other, on services of their own."""
    named = _model_settings() if generator == "model" else {}
    async with scratch_settings(**named) as (settings, _):
        clock = SetClock(datetime.now(UTC))
        built = Runtime.start(settings, ROUTES, clock=clock)
        quiet = QuietRelay(built.database, built.queues, built.realtime, built.responses, ROUTES)
        functions = Carried(replace(built, relay=quiet))
        try:
            pipeline = await Pipeline.start(functions, clock)
            return [await _timed(pipeline, case, generator) for case in cases]
        finally:
            await functions.mailbox.close()
            await built.close()


def _model_settings() -> dict[str, str]:
    """The language model that the environment names."""
    names = {field.alias for name, field in Settings.model_fields.items() if name.startswith("model_")}
    return {name: value for name, value in os.environ.items() if name in names}


async def _timed(pipeline: Pipeline, case: Case, generator: str) -> Result:
    result = await pipeline.run(case, generator)
    lead = result.hypotheses[0] if result.hypotheses else None
    shown = f"{lead.cause_code} of {lead.component}, {lead.confidence:.0%}" if lead else "no hypothesis"
    print(f"  {case.id:<32} {result.seconds:5.2f} s  {result.outcome:<12} {shown}", file=sys.stderr)
    return result


def main() -> int:
    given = _arguments()
    cases = read_cases(given.cases)
    if not cases:
        print(f"There are no cases in {given.cases}.", file=sys.stderr)
        return 2
    if given.generator == "model" and not _model_settings():
        print("No model is named: set MODEL_BASE_URL, MODEL_DEPLOYMENT and MODEL_API_KEY.", file=sys.stderr)
        return 2
    results = asyncio.run(evaluate(cases, given.generator))
    given.out.write_text(
        "".join(f"{one.model_dump_json(exclude={'hypotheses': {'__all__': {'score'}}})}\n" for one in results)
    )
    if given.truth is None:
        return 0
    truths = read_truths(given.truth)
    found = figures(results, truths)
    given.out.with_suffix(".figures.json").write_text(json.dumps(found, indent=1) + "\n")
    print(table(found))
    if given.fit:
        scored = [
            one.model_copy(
                update={"hypotheses": tuple(h.model_copy(update={"confidence": h.score}) for h in one.hypotheses)}
            )
            for one in results
        ]
        knots = fit(judged([(one, truths[one.id]) for one in scored if one.id in truths]))
        print("\nTABLE for shared/hypotheses/knowledge/calibration.py:", *knots, sep="\n    ")
    return 0


def _arguments() -> Any:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--generator", choices=("rules", "model"), default="rules")
    parser.add_argument("--fit", action="store_true")
    return parser.parse_args()


def table(found: Mapping[str, Any]) -> str:
    """Return figures as a table for people."""
    rows = [f"{'':<22}{'A@1':>18}{'A@3':>18}{'A@5':>18}{'MRR':>7}"]
    for name in ("component_and_cause", "component", "cause", "change"):
        one = found[name]
        cells = "".join(f"{_share(one[f'a@{depth}']):>18}" for depth in (1, 3, 5))
        rows.append(f"{name.replace('_', ' '):<22}{cells}{_number(one['mrr']):>7}")
    abstention, calibration = found["abstention"], found["calibration"]
    rows += [
        "",
        f"{'healthy, recall':<22}{_share(abstention['recall']):>18}",
        f"{'healthy, precision':<22}{_share(abstention['precision']):>18}",
        f"{'no change blamed':<22}{_share(found['no_change']):>18}",
        f"{'ruled out, yet first':<22}{_share(found['ruled_out_first']):>18}",
        f"{'citations that exist':<22}{_share(found['citations']):>18}",
        f"{'calibration error':<22}{_number(calibration['expected_error']):>18}",
        f"{'seconds a case':<22}{_number(found['seconds']['mean']):>18} (at most {_number(found['seconds']['max'])})",
        f"{'tokens, dollars':<22}{found['tokens_in']:>12}, {found['cost_usd']:.4f}",
        "",
        "confidence   hypotheses   right",
    ]
    rows += [
        f"{row['from']:>4.0%} - {row['to']:>4.0%} {row['hypotheses']:>11} {row['right']:>9.0%}"
        for row in calibration["reliability"]
    ]
    return "\n".join(rows)


def _share(one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return "-"
    low, high = one["interval_95"]
    return f"{one['value']:.0%} ({low:.0%}-{high:.0%})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
