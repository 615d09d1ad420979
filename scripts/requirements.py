"""The exported lock that Azure's remote build installs: no development groups, every file with its hash."""

import os
import subprocess
import sys

HEADER = "# Exported from uv.lock by ./scripts/lock; do not edit.\n"


def requirements() -> str:
    """The text that requirements.txt must have.

    Raises:
        subprocess.CalledProcessError: the lock does not fit pyproject.toml.

    """
    words = [
        "export",
        "--locked",
        "--no-default-groups",
        "--no-header",
        "--no-annotate",
        "--format",
        "requirements.txt",
    ]
    exported = subprocess.run([os.environ.get("UV", "uv"), *words], check=True, stdout=subprocess.PIPE, text=True)
    return HEADER + exported.stdout


if __name__ == "__main__":
    sys.stdout.write(requirements())
