"""What was written, as far as its writers can know it; and so, what a reader may have seen at which moment."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from .history import History, Write

FOREVER = math.inf


class Truth:
    """The changes of each comment. One process at a time changes a comment, so their order is the order in which
    they began; whatever else is uncertain about them lies between their beginning and their acknowledgement."""

    def __init__(self, history: History) -> None:
        self.begun: list[Write] = sorted(witnessed(history), key=lambda write: write.began)
        self.changes: dict[str, list[Write]] = defaultdict(list)  # of what is shown
        self.notes: dict[str, list[Write]] = defaultdict(list)  # by bots: readers of changes get the comment again
        for write in self.begun:
            (self.notes if write.op == "note" else self.changes)[write.id].append(write)
        self._ends = {id: list(ends_of(changes)) for id, changes in self.changes.items()}
        self.by_text = {changes[0].text: id for id, changes in self.changes.items()}
        self.by_timestamp = sorted(
            (changes[0].timestamp, id) for id, changes in self.changes.items() if changes[0].timestamp is not None
        )

    def post(self, id: str) -> Write:
        return self.changes[id][0]

    def timestamp(self, id: str) -> int | None:
        return self.post(id).timestamp

    def ids_from(self, timestamp: float) -> list[str]:
        """The comments that were acknowledged with this timestamp or a later one, in their order."""
        return [id for _, id in self.by_timestamp[bisect_left(self.by_timestamp, (timestamp, "")) :]]

    def shown(self, id: str, began: float, ended: float, was_posted: bool = False) -> set[bool]:
        """Whether it can have been visible: what a correct reader can have found at one moment between the two.

        `was_posted`: it is known to have been in the stream then, because something after it was."""
        changes, ends = self.changes[id], self._ends[id]
        possible = set()
        if not was_posted and ends[0] >= began:
            possible.add(False)
        for number, change in enumerate(changes):
            has_begun = change.began <= ended or (was_posted and number == 0)
            is_replaced = number + 1 < len(changes) and ends[number + 1] < began
            if has_begun and not is_replaced:
                possible.add(change.shows)
        return possible

    def shown_at_last(self, id: str) -> set[bool]:
        return self.shown(id, FOREVER, FOREVER)

    def is_settled(self, id: str, began: float, ended: float) -> bool:
        """Whether none of its changes was under way between the two."""
        ends = self._ends[id]
        return all(end < began for change, end in zip(self.changes[id], ends, strict=True) if change.began <= ended)

    def was_changed(self, id: str, after: float, before: float) -> bool:
        """Whether a change certainly happened between the two."""
        changes = [
            *zip(self.changes[id], self._ends[id], strict=True),
            *((note, ended(note)) for note in self.notes[id]),
        ]
        return any(change.began > after and end < before for change, end in changes)

    def changes_begun(self, id: str, until: float) -> int:
        return sum(write.began <= until for write in [*self.changes[id], *self.notes[id]])

    def changes_ended(self, id: str, before: float) -> int:
        return sum(end < before for end in self._ends[id]) + sum(ended(note) < before for note in self.notes[id])


def witnessed(history: History) -> Iterator[Write]:
    """The writes. A post that some reader has seen had happened by then, whether its writer got an answer or not: so
    whoever asks later must see it too."""
    first_seen: dict[str, tuple[int, int]] = {}
    for read in history.reads:
        for seen in read.seen:
            if not seen.removed:
                moment = read.ended, seen.timestamp
                first_seen[seen.id] = min(first_seen.get(seen.id, moment), moment)
    for write in history.writes:
        if write.op == "post" and write.id in first_seen:
            seen_at, timestamp = first_seen[write.id]
            ended = seen_at if write.ended is None else min(write.ended, seen_at)
            write = replace(write, ended=ended, timestamp=write.timestamp or timestamp)
        yield write


def ends_of(changes: list[Write]) -> Iterator[float]:
    """When each change had happened at the latest. A moderator may have hidden a comment before its poster had the
    answer: then the post had happened when the hiding had."""
    ends = [ended(change) for change in changes]
    for number in range(len(ends)):
        yield min(ends[number:])


def ended(write: Write) -> float:
    return FOREVER if write.ended is None else write.ended
