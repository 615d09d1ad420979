import shlex
import subprocess

import pytest

from shared.hypotheses.knowledge.checks import CHECKS, check_for
from shared.hypotheses.values import CauseCode

HOSTILE = "x'; touch /tmp/owned; $(id) `id` \n -rf"


def test_every_cause_can_be_refuted() -> None:
    assert set(CHECKS) == set(CauseCode)


@pytest.mark.parametrize("code", CauseCode)
def test_a_check_says_what_to_do_and_what_each_result_means(code: CauseCode) -> None:
    check = check_for(code, "cart")
    assert check.instruction.endswith((".", "?"))
    assert check.supports.endswith(".")
    assert check.refutes.endswith(".")
    assert check.supports != check.refutes
    assert "{component}" not in (check.command or "")


@pytest.mark.parametrize("code", [code for code in CauseCode if "{component}" in (CHECKS[code].command or "")])
def test_a_command_stays_one_command_whatever_a_label_holds(code: CauseCode) -> None:
    command = check_for(code, HOSTILE).command
    assert command is not None
    assert shlex.quote(HOSTILE) in command
    assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0


def test_a_check_may_need_no_command() -> None:
    assert check_for(CauseCode.NONE, "cart").command is None
