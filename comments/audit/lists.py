"""The judge of a reader that asks for the newest comments, once and again."""

from .history import Read
from .truth import Truth
from .verdict import DUPLICATED, LOST, REORDERED, STALE, Bounds, Judge


class ListJudge(Judge):
    def __init__(self, truth: Truth, reader: str, bounds: Bounds) -> None:
        super().__init__(truth, reader, bounds)
        self.missed: dict[str, str] = {}

    def take(self, read: Read) -> None:
        newest, ids = 0, set()
        for seen in read.seen:
            if not self.is_known(read, seen):
                continue
            if seen.id in ids:
                self.blame(DUPLICATED, seen.id, "stands twice in a list")
            elif seen.timestamp <= newest:
                self.blame(REORDERED, seen.id, "stands behind later ones in a list")
            newest = max(newest, seen.timestamp)
            ids.add(seen.id)
        self._judge_window(read, ids, newest)

    def finish(self) -> None:
        for id, kind in self.missed.items():
            came_later = "was missing in a list" + (", and came later" if kind == STALE else "")
            self.blame(kind, id, came_later)

    def _judge_window(self, read: Read, ids: set[str], newest: int) -> None:
        """Between the oldest comment of the list and the present, nothing may be left out."""
        oldest = 0 if read.complete or not read.seen else read.seen[0].timestamp
        began = self.bounds.fresh_from(read)
        for id in self.truth.ids_from(oldest):
            if id in ids:
                if id in self.missed:
                    self.missed[id] = STALE
                continue
            stands_before = self.truth.timestamp(id) < newest
            if False not in self.truth.shown(id, began, read.ended, was_posted=stands_before):
                self.missed.setdefault(id, LOST)
