"""What the tests of analytics share."""

from tests.functions.incidents.conftest import board

__all__ = ["board"]
