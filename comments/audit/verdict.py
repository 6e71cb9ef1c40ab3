"""What the checker finds, and what it allows."""

from dataclasses import dataclass

from .history import SECOND_NS, Read, Seen
from .truth import Truth

LOST = "lost"
DUPLICATED = "duplicated"
REORDERED = "reordered"
LATE = "late"
PHANTOM = "phantom"
HIDE = "hide that did not arrive"
RESTORE = "restored one that did not return"
STALE = "read-your-writes"


@dataclass(frozen=True)
class Violation:
    kind: str
    reader: str
    id: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.reader}: {self.id} {self.what}"


@dataclass(frozen=True)
class Bounds:
    late_ns: int = 5 * SECOND_NS
    stale_ns: int = 0  # how old the answers of a shared cache in front of the site may be

    def fresh_from(self, read: Read) -> int:
        """The moment from which on a write may be missing in this answer."""
        return read.began - (0 if read.fresh else self.stale_ns)


USUAL = Bounds()


class Judge:
    """What is common to the readers of every form: it takes one reader's answers in the order they were applied."""

    def __init__(self, truth: Truth, reader: str, bounds: Bounds) -> None:
        self.truth = truth
        self.reader = reader
        self.bounds = bounds
        self.violations: list[Violation] = []

    def blame(self, kind: str, id: str, what: str) -> None:
        self.violations.append(Violation(kind, self.reader, id, what))

    def is_known(self, read: Read, seen: Seen) -> bool:
        """Whether somebody wrote this comment; and if so, it must be as it was written and in a state that it had."""
        if seen.id not in self.truth.changes:
            if seen.text in self.truth.by_text:
                self.blame(DUPLICATED, seen.id, f"is {self.truth.by_text[seen.text]} again, under another id")
            else:
                self.blame(PHANTOM, seen.id, "was never posted")
            return False
        self._compare(seen)
        shown = self.truth.shown(seen.id, self.bounds.fresh_from(read), read.ended)
        if (not seen.removed) not in shown:
            self._blame_state(read, seen)
        return True

    def _compare(self, seen: Seen) -> None:
        post = self.truth.post(seen.id)
        if seen.removed:
            return
        if seen.text != post.text:
            self.blame(PHANTOM, seen.id, "has other words than were posted")
        if post.timestamp is not None and seen.timestamp != post.timestamp:
            self.blame(PHANTOM, seen.id, f"has timestamp {seen.timestamp}, but was acknowledged with {post.timestamp}")

    def _blame_state(self, read: Read, seen: Seen) -> None:
        begun = [change.op for change in self.truth.changes[seen.id] if change.began <= read.ended]
        if seen.removed:
            kind = RESTORE if "restore" in begun else PHANTOM
            self.blame(kind, seen.id, "came as removed while it was visible")
        else:
            kind = HIDE if "hide" in begun else PHANTOM
            self.blame(kind, seen.id, "was shown when it was not visible")
