"""What can be checked, and in which order."""

from collections.abc import Callable
from dataclasses import dataclass

from .site import Site


@dataclass(frozen=True)
class Check:
    hazards: str  # as in "R01"; of the wire itself: "wire"
    run: Callable[[Site], None]
    is_live: bool  # it races, waits or opens a WebSocket, for which there has to be a server

    @property
    def name(self) -> str:
        return f"{self.hazards} {self.run.__name__.replace('_', ' ')}"


CHECKS: list[Check] = []


def check(hazards: str, is_live: bool = False) -> Callable[[Callable[[Site], None]], Callable[[Site], None]]:
    def add(run: Callable[[Site], None]) -> Callable[[Site], None]:
        CHECKS.append(Check(hazards, run, is_live))
        return run

    return add
