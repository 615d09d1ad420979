"""The files whose decisions are tried with mutants, and the tests that have to notice: those that need no service."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

TESTS_OF: Final[Mapping[Path, Sequence[Path]]] = {
    Path(f"shared/{file}.py"): [Path(f"tests/shared/{test}.py") for test in tests]
    for file, tests in {
        "incidents/lifecycle": ["incidents/test_lifecycle"],
        "alerts/values": ["alerts/test_values"],
        "alerts/grouping": ["alerts/test_grouping"],
        "alerts/holding": ["alerts/test_holding"],
        "alerts/flapping": ["alerts/test_flapping"],
        "alerts/presence": ["alerts/test_presence"],
        "kernel/canonical": ["kernel/test_canonical"],
        "hypotheses/scoring": ["hypotheses/test_rescoring", "hypotheses/test_scoring"],
        "hypotheses/factors": ["hypotheses/test_explanations", "hypotheses/test_factors"],
        "hypotheses/judging": ["hypotheses/test_judging"],
        "hypotheses/knowledge/calibration": ["hypotheses/knowledge/test_calibration"],
        "hypotheses/accuracy": ["hypotheses/test_accuracy"],
        "platform/tokens": ["platform/test_tokens"],
        "access/opaque_tokens": ["access/test_opaque_tokens"],
        "platform/buckets": ["platform/test_buckets"],
    }.items()
}
