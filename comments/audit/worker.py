"""What writers and readers have in common: a plan, dice, a clock, a file of history, and patience."""

import json
import random
import select
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, TextIO

from .history import SECOND_NS, Read, Trouble, Write, to_line
from .site import LOST, Answer, Site

RETRY_SECONDS = (0.05, 0.3)


@dataclass(frozen=True)
class Plan:
    """What a worker is told on the first line of its standard input. When that is closed, it is told to stop."""

    name: str
    seed: str
    urls: list[str]
    domain: str
    last_id: str  # of the comment with which the audit ends
    cursor: int  # of the stream when the audit began
    timestamp: int
    file: str  # its part of the history
    posts: int = 0
    pause_seconds: float = 0.2
    patience_seconds: float = 60  # with a site that does not answer, and with the last comment
    token: str = ""
    notes_token: str = ""  # a bot's, with which each comment is noted as soon as it is posted
    moderators: int = 0

    @classmethod
    def from_line(cls, line: str) -> Self:
        return cls(**json.loads(line))

    def to_line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


class GaveUp(Exception):
    """The site refused what it should not refuse, or did not answer for longer than the plan has patience."""


class Worker:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.name = plan.name
        self.dice = random.Random(plan.seed)
        self.site = Site(plan.urls, self.dice, plan.token)
        self.file: TextIO = Path(plan.file).open("w")  # noqa: SIM115, it is open as long as the process lives
        self.skew_ms = self.dice.choice([0, 0, -3_600_000, 3_600_000, 400, -400])
        self.told_at: int | None = None

    def run(self) -> None:
        raise NotImplementedError

    # Time

    def now(self) -> int:
        return time.monotonic_ns()

    def wall_ms(self) -> int:
        """What this worker takes for the time; it must not matter."""
        return time.time_ns() // 1_000_000 + self.skew_ms

    def is_told_to_stop(self, within_seconds: float = 0) -> bool:
        if self.told_at is None and select.select([sys.stdin], [], [], within_seconds)[0]:
            self.told_at = self.now()
        elif self.told_at is not None and within_seconds:
            time.sleep(within_seconds)
        return self.told_at is not None

    def pause(self) -> bool:
        """For a random time, now and then a long one; whether it is told to stop."""
        longest = self.plan.pause_seconds * (10 if self.dice.random() < 0.05 else 1)
        return self.is_told_to_stop(self.dice.uniform(0, longest))

    # What is written down

    def note(self, record: Write | Read | Trouble) -> None:
        print(to_line(record), file=self.file, flush=True)

    def note_trouble(self, what: str) -> None:
        self.note(Trouble(self.name, self.now(), what))

    # Asking until there is an answer

    def insist(self, ask: Callable[[], Answer], expected: tuple[int, ...] = (200,)) -> Answer:
        """Ask until the site answers as expected. Being turned away for a while is trouble, and no more."""
        deadline = self.now() + self.plan.patience_seconds * SECOND_NS
        while True:
            wait = self.dice.uniform(*RETRY_SECONDS)
            try:
                answer = ask()
            except LOST:
                what = "connection lost"
            else:
                if answer.status in expected:
                    return answer
                what = f"{answer.status} {answer.code}"
                if answer.status not in (429, 503):
                    raise GaveUp(f"{self.name}: {what}: {answer.value}")
                wait = max(wait, answer.retry_after)
                if answer.status == 429:  # a site that tells us to slow down does answer
                    deadline = self.now() + self.plan.patience_seconds * SECOND_NS
            self.note_trouble(what)
            if self.now() > deadline:
                raise GaveUp(f"{self.name}: no answer for {self.plan.patience_seconds} s, at last: {what}")
            time.sleep(wait)
