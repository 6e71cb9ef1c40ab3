"""The judge of a reader that follows the change feed: by polling, long poll or WebSocket, from a list or a cursor.

It keeps what such a reader shows: comments that came, less those that came as removed. After an answer that was said
to be complete this must be a state in which the stream was after the question; and at the end, the state it is in.
"""

from .history import LIST, Read, Seen
from .truth import FOREVER, Truth
from .verdict import DUPLICATED, HIDE, LATE, LOST, REORDERED, RESTORE, STALE, Bounds, Judge


class FeedJudge(Judge):
    def __init__(self, truth: Truth, reader: str, bounds: Bounds) -> None:
        super().__init__(truth, reader, bounds)
        self.shown: set[str] = set()
        self.versions: dict[str, set[int]] = {}  # by id, of what was delivered
        self.newest = 0
        self.open: set[str] = set()  # may differ from the stream: changed since it was last known to agree
        self.missed: dict[str, str] = {}  # by id, how it was found to differ from the stream
        self.loaded: Read | None = None  # the list it began with
        self.loaded_ids: set[str] = set()
        self._begun = 0

    def take(self, read: Read) -> None:
        self._open_until(read.ended)
        if read.form == LIST:
            self._restart(read)
        else:
            self._judge_delay(read)
            for seen in read.seen:
                self._apply(read, seen)
        if read.complete or read.form == LIST:
            self._judge_state(read)

    def finish(self) -> None:
        """The reader has seen the last comment of all, so it must have seen the rest."""
        for id in self.truth.changes:
            if self._is_followed(id, FOREVER) and (id in self.shown) not in self.truth.shown_at_last(id):
                self._blame_loss(id)
            elif id in self.missed:
                self.blame(self.missed[id], id, "was missing in an answer, and came later")

    # What the reader shows

    def _restart(self, read: Read) -> None:
        self.loaded = read
        self.loaded_ids = {seen.id for seen in read.seen}
        self.shown = set(self.loaded_ids)
        self.newest = 0
        self.versions = {}
        self.open.update(change.id for change in self.truth.begun[: self._begun])

    def _apply(self, read: Read, seen: Seen) -> None:
        if not self.is_known(read, seen):
            return
        known = self.versions.setdefault(seen.id, set())
        if seen.version <= max(self.newest, read.after):
            again = seen.version in known or (not known and (seen.id in self.shown) != seen.removed)
            self.blame(
                DUPLICATED if again else REORDERED, seen.id, f"came with version {seen.version} after later ones"
            )
        known.add(seen.version)
        if len(known) + self._loaded_changes(seen.id) > self.truth.changes_begun(seen.id, read.ended):
            self.blame(DUPLICATED, seen.id, "came more often than it was changed")
        self.newest = max(self.newest, seen.version)
        self.open.add(seen.id)
        (self.shown.discard if seen.removed else self.shown.add)(seen.id)

    def _loaded_changes(self, id: str) -> int:
        """How many changes of this comment the list must have contained, so that the feed may not bring them again."""
        if self.loaded is None:
            return 0
        ended = self.truth.changes_ended(id, self.bounds.fresh_from(self.loaded))
        return max(ended, id in self.loaded_ids)

    # Whether that is right

    def _open_until(self, moment: int) -> None:
        begun = self.truth.begun
        while self._begun < len(begun) and begun[self._begun].began <= moment:
            self.open.add(begun[self._begun].id)
            self._begun += 1

    def _judge_delay(self, read: Read) -> None:
        """What was acknowledged long before this answer, to a reader that was listening, had to be there before."""
        deadline = read.ended - self.bounds.late_ns
        if read.listening is not None and read.listening <= deadline:
            self._compare_with_stream(deadline, read.ended, LATE)

    def _judge_state(self, read: Read) -> None:
        began = self.bounds.fresh_from(read)
        for id in self._compare_with_stream(began, read.ended, STALE):
            if self.truth.is_settled(id, began, read.ended):
                self.open.discard(id)

    def _compare_with_stream(self, began: int, ended: int, kind: str) -> list[str]:
        """The open comments that are as they should be; the others are remembered as missed."""
        agreeing = []
        for id in self.open:
            if not self._is_followed(id, began) or (id in self.shown) in self.truth.shown(id, began, ended):
                agreeing.append(id)
            else:
                self.missed.setdefault(id, kind)
        return agreeing

    def _is_followed(self, id: str, moment: float) -> bool:
        """Whether the reader can be expected to know of it. Not if it is older than the list that it began with,
        unless it has changed between that and this moment."""
        if self.loaded is None or self.loaded.complete or id in self.versions or id in self.shown:
            return True
        timestamp = self.truth.timestamp(id)
        if timestamp is not None and self.loaded.seen and timestamp >= self.loaded.seen[0].timestamp:
            return True
        return self.truth.was_changed(id, self.loaded.ended, moment)

    def _blame_loss(self, id: str) -> None:
        if id in self.shown:
            self.blame(HIDE, id, "was hidden, and is still shown at the end")
        elif self.versions.get(id):
            self.blame(RESTORE, id, "was restored, and is not shown at the end")
        else:
            self.blame(LOST, id, "never came")
