"""Every mapped table, for migrations and for the tests that compare them."""

from typing import Final

from shared.platform.tables import Base

METADATA: Final = Base.metadata
