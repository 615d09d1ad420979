"""What a deployment costs: prices times amounts, both in infra/cost.json. Prints the table of infra/README.md."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

COSTS: Final = Path(__file__).parents[2] / "infra" / "cost.json"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a deployment: by scenario, how much of what it takes a month."""

    name: str
    why: str
    amounts: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Costs:
    """Prices in US dollars by what is sold, and the parts of each scenario."""

    prices: Mapping[str, float]
    scenarios: tuple[str, ...]
    parts: tuple[Part, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file of the form of infra/cost.json."""
        given = json.loads(path.read_text())
        prices = {name: one["usd"] for name, one in given["prices"].items()}
        return cls(prices, tuple(given["scenarios"]), tuple(Part(**one) for one in given["parts"]))

    def of(self, part: Part, scenario: str) -> float:
        """Dollars a month."""
        return sum(self.prices[sold] * amount for sold, amount in part.amounts[scenario].items())

    def total(self, scenario: str) -> float:
        """Dollars a month, of all parts."""
        return sum(self.of(part, scenario) for part in self.parts)

    def table(self) -> Iterator[str]:
        """Lines of Markdown, in whole dollars."""
        yield f"| Part | {' | '.join(self.scenarios)} | Why |"
        yield f"|---|{'---:|' * len(self.scenarios)}---|"
        for part in self.parts:
            amounts = " | ".join(f"{self.of(part, scenario):,.0f}" for scenario in self.scenarios)
            yield f"| {part.name} | {amounts} | {part.why} |"
        totals = " | ".join(f"**{self.total(scenario):,.0f}**" for scenario in self.scenarios)
        yield f"| **Together** | {totals} | |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in Costs.read(COSTS).table())
