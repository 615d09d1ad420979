"""What browsers wait is measured on real sockets."""

import json
import subprocess
from pathlib import Path

PROGRAM = str(Path(__file__).parents[2] / "scripts" / "bench")


def test_every_socket_has_every_alert_once() -> None:
    words = ["fanout", "--sockets", "3", "--seconds", "2", "--json"]
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False, timeout=300)
    (found,) = json.loads(done.stdout)
    assert (found["sockets"], found["alerts"], found["missed"], found["doubled"]) == (3, 40, 0, 0)
    assert 0 < found["p50"] <= found["p95"] <= found["longest"]
