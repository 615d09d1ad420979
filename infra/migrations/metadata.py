"""Every mapped table, for migrations and for the tests that compare them."""

from shared.views.schema import METADATA

__all__ = ["METADATA"]
