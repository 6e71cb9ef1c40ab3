"""The judge of a reader that polls for comments after a timestamp, as the first version's pages and bots do.

Such a reader learns of no removals. It may miss a comment that was hidden when it passed its place and restored later.
It may not miss one that was merely not acknowledged yet: who sees a comment can see all that stand before it.
"""

from .history import Read
from .truth import Truth
from .verdict import DUPLICATED, LATE, LOST, REORDERED, STALE, Bounds, Judge


class PollJudge(Judge):
    def __init__(self, truth: Truth, reader: str, bounds: Bounds) -> None:
        super().__init__(truth, reader, bounds)
        self.seen: set[str] = set()
        self.passed = -1  # all up to here was seen, or was legally absent, or is blamed
        self.missed: dict[str, str] = {}
        self._waiting = truth.by_timestamp[::-1]  # above `passed`

    def take(self, read: Read) -> None:
        if self.passed < 0:
            self._pass(read.after)  # where it starts; what is older is none of its business
        reached = max([self.passed, read.after, *(seen.timestamp for seen in read.seen)])
        self._apply(read)
        self._judge_delay(read)
        self._judge_passed(read, reached)
        if read.complete:
            self._judge_newer(read)

    def finish(self) -> None:
        for _, id in self._waiting:
            if id not in self.seen and self.truth.shown_at_last(id) == {True}:
                self.missed[id] = LOST
        for id, kind in self.missed.items():
            self.blame(kind, id, "never came" if kind == LOST else "was missing in an answer, and came later")

    def _pass(self, timestamp: int) -> list[str]:
        """Move on to a timestamp; the comments that are between."""
        between = []
        while self._waiting and self._waiting[-1][0] <= timestamp:
            between.append(self._waiting.pop()[1])
        self.passed = max(self.passed, timestamp)
        return between

    def _apply(self, read: Read) -> None:
        newest = max(self.passed, read.after)
        for seen in read.seen:
            if not self.is_known(read, seen):
                continue
            if seen.id in self.seen:
                self.blame(DUPLICATED, seen.id, "came twice")
            elif seen.timestamp <= newest:
                self.blame(REORDERED, seen.id, "came after later ones")
            newest = max(newest, seen.timestamp)
            self.seen.add(seen.id)

    def _judge_passed(self, read: Read, reached: int) -> None:
        began = self.bounds.fresh_from(read)
        for id in self._pass(reached):
            if id not in self.seen and False not in self.truth.shown(id, began, read.ended, was_posted=True):
                self.missed[id] = LOST

    def _judge_newer(self, read: Read) -> None:
        """A complete answer contains all that was acknowledged before the question."""
        began = self.bounds.fresh_from(read)
        for _, id in reversed(self._waiting):
            if self.truth.post(id).began > read.ended:
                break
            if id not in self.seen and self.truth.shown(id, began, read.ended) == {True}:
                self.missed.setdefault(id, STALE)

    def _judge_delay(self, read: Read) -> None:
        deadline = read.ended - self.bounds.late_ns
        if read.listening is None or read.listening > deadline:
            return
        for seen in read.seen:
            if seen.id in self.truth.changes and False not in self.truth.shown(seen.id, deadline, read.ended):
                self.missed.setdefault(seen.id, LATE)
