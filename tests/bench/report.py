"""What came out: for each case medians with minimum and maximum, the ratio, and whether it is what was demanded."""

import os
import platform
import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from tests.bench.cases import Case

HEADINGS = ["case", "server", "this", "baseline", "ratio", "demanded", ""]
ROW = "{:<42} {:<8} {:<26} {:<46} {:>7} {:>9}  {}"


@dataclass(frozen=True)
class Result:
    case: Case
    program: str
    ours: list[float]
    baseline: list[float]  # empty where there is none

    @property
    def ratio(self) -> float | None:
        return median(self.ours) / median(self.baseline) if self.baseline else None

    @property
    def value(self) -> float:
        """What the demand is on: the ratio of the medians, or the median itself."""
        return median(self.ours) if self.ratio is None or self.case.of_number else self.ratio

    @property
    def demanded(self) -> float | None:
        return self.case.demands.get(self.program)

    @property
    def is_met(self) -> bool:
        if self.demanded is None:
            return True
        return self.value <= self.demanded if self.case.at_most else self.value >= self.demanded

    def cells(self) -> list[str]:
        baseline = f"{self.case.baseline}: {spread(self.baseline)}" if self.baseline else "–"
        sign = "≤" if self.case.at_most else "≥"
        demanded = "–" if self.demanded is None else f"{sign} {self.demanded:g}"
        return [
            self.case.title,
            self.program,
            f"{spread(self.ours)} {self.case.unit}",
            baseline,
            "–" if self.ratio is None else f"{self.ratio:.2f}",
            demanded,
            "–" if self.demanded is None else "met" if self.is_met else "MISSED",
        ]


def spread(values: list[float]) -> str:
    return f"{number(median(values))} ({number(min(values))}–{number(max(values))})"


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def as_text(cells: list[str]) -> str:
    return ROW.format(*cells).rstrip()


def as_markdown(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def machine() -> str:
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())[1]
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "daphne", "uvicorn", "granian"))
    return f"{os.cpu_count()} × {model}, Python {platform.python_version()}, {packages}"
