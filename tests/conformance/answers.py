"""What a server answers, and how it is said that it answers wrongly."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PATIENCE_SECONDS = 60.0


class Violation(Exception):
    """What the server does and must not do, as a sentence."""


def must(condition: object, sentence: str) -> None:
    if not condition:
        raise Violation(sentence)


def soon(holds: Callable[[], bool], sentence: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        must(time.monotonic() < deadline, sentence)
        time.sleep(0.2)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # their names in lower case
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Violation(f"status {self.status} has a body that is no JSON: {self.body[:80]!r}") from error

    def of(self, status: int, code: str = "", to: str = "") -> Any:
        """Its JSON, if it is what it should be. `to` says what was asked."""
        asked = f"{to[:100]} is answered" if to else "answered"
        told = f"{asked} {self.status} {self.body[:120].decode(errors='replace')}"
        must(self.status == status, f"{told}, and not {status} {code}")
        content = self.json()
        must(not code or content.get("code") == code, f"{told}, and not the code {code}")
        return content
