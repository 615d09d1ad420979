"""What language models cost: US dollars for a million tokens, as their providers list them.

Sources: the price pages of OpenAI and of Azure OpenAI, global deployments. Retired models stay: old calls name them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from types import MappingProxyType
from typing import Final

VERSION: Final = "2026-11"
"""Raised with each change of the table: a stored cost belongs to one version."""

_MILLION: Final = 1_000_000
_SMALLEST: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens: read, read from the provider's cache, written."""

    input: Decimal
    cached: Decimal
    output: Decimal


def _price(read: str, cached: str, written: str) -> Price:
    return Price(Decimal(read), Decimal(cached), Decimal(written))


TABLE: Final[Mapping[str, Price]] = MappingProxyType(
    {
        "o1": _price("15", "7.50", "60"),
        "gpt-4o": _price("2.50", "1.25", "10"),
        "gpt-4o-mini": _price("0.15", "0.075", "0.60"),
        "gpt-4.1": _price("2", "0.50", "8"),
        "gpt-4.1-mini": _price("0.40", "0.10", "1.60"),
        "gpt-4.1-nano": _price("0.10", "0.025", "0.40"),
        "o4-mini": _price("1.10", "0.275", "4.40"),
        "gpt-5": _price("1.25", "0.125", "10"),
        "gpt-5-mini": _price("0.25", "0.025", "2"),
        "gpt-5-nano": _price("0.05", "0.005", "0.40"),
        "gpt-5.4-mini": _price("0.75", "0.075", "4.50"),
        "gpt-5.4-nano": _price("0.20", "0.02", "1.25"),
    }
)
DEAREST: Final = max(TABLE.values(), key=lambda price: price.output)
"""What a model that nobody lists is taken to cost: a budget is rather ended too early."""


def price_of(*names: str) -> Price:
    """Return the price of the first name that is listed; dated versions (`gpt-5-mini-2025-08-07`) are their model."""
    for name in names:
        for listed in sorted(TABLE, key=len, reverse=True):
            if name == listed or name.startswith(f"{listed}-20"):
                return TABLE[listed]
    return DEAREST


def cost(price: Price, *, read: int, cached: int, written: int) -> Decimal:
    """Return what so many tokens cost in dollars, rounded up to a millionth. `cached` ones are among those `read`."""
    dollars = price.input * (read - cached) + price.cached * cached + price.output * written
    return (dollars / _MILLION).quantize(_SMALLEST, rounding=ROUND_UP)
