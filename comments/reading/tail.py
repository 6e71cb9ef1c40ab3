"""The tail: the newest changes and the newest comments of the stream, in memory, as JSON bytes.

The table is the truth; the tail follows it. It learns of news by one look at the clock, and then reads in one moment
the clock and what has changed since. Reads are coalesced: whoever wants fresh data waits for a read that *starts after
it asked*, and all who ask meanwhile share the next one (single flight). So an answer contains every write that was
acknowledged before the question, and ten thousand questions at the same moment cost one indexed read.

What the tail does not hold, it says so (`None`): then `reading.table` asks the table.
"""

import math
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import Error, connection

from comments import meters
from comments.outage import DATABASE, database
from comments.stream.clock import StreamClock, one_moment
from comments.stream.comment import Comment
from comments.wire.entry import Entry
from comments.wire.params import MAX_INTEGER, MAX_LIST

CHANGES_KEPT = 2000
COMMENTS_KEPT = 2 * MAX_LIST
MAX_REPRESENTATIONS = 64
MAX_RESPONSES = 256  # a representation is sent in several forms: compressed or not, "not modified" …
RECENT_SECONDS = 2.0
MISSING = object()


class Kept(dict):
    """What is made once for all who ask the same. Bounded; when it is full it begins anew. Several threads may ask at
    the same moment: then it may be made twice."""

    def __init__(self, most: int) -> None:
        self.most = most

    def made_once(self, question: Hashable, make: Callable[[], Any]) -> Any:
        if (kept := self.get(question, MISSING)) is not MISSING:
            return kept
        made = make()
        if len(self) >= self.most:
            self.clear()
        self[question] = made
        return made


@dataclass(frozen=True)
class Snapshot:
    """The tail at one moment. Nothing in it changes any more, so readers need no lock."""

    clock: StreamClock
    changes: list[Entry]  # by version: all that are above `start`
    changes_for_bots: list[Entry]  # by the version for bots, who learn of notes too
    start: int
    comments: list[Entry]  # by timestamp: the newest that are visible
    is_whole: bool  # there are no older visible comments
    # What is told from it: by the question; and as it is sent, by the request.
    representations: Kept = field(default_factory=lambda: Kept(MAX_REPRESENTATIONS))
    responses: Kept = field(default_factory=lambda: Kept(MAX_RESPONSES))

    def changes_after(self, cursor: int, for_bots: bool) -> list[Entry] | None:
        if cursor < self.start:
            return None
        changes, version = (self.changes_for_bots, bots_version_of) if for_bots else (self.changes, version_of)
        return changes[bisect_right(changes, cursor, key=version) :]

    def asks_bots_after(self, cursor: int) -> bool:
        """Whether there may be news that asks bots for an answer."""
        found = self.changes_after(cursor, for_bots=True)
        return found is None or any(entry.is_work for entry in found)

    @property
    def newest_change(self) -> int:
        """The version of the last change for everybody, of a comment or the announcement; 0 if that is not held."""
        return max(self.changes[-1].version if self.changes else 0, self.clock.announced)

    def comments_after(self, timestamp: int) -> list[Entry] | None:
        at = bisect_right(self.comments, timestamp, key=timestamp_of)
        return self.comments[at:] if at or self.is_whole else None


NOTHING = Snapshot(StreamClock(), [], [], start=MAX_INTEGER, comments=[], is_whole=False)  # before the first read


class Tail:
    """Follows the table. `fresh()` may be called from any thread; the table is read by one."""

    def __init__(self) -> None:
        self.executor: Executor = ThreadPoolExecutor(1, "tail")
        # Called from the reading thread, with whether there is news for everybody, or for bots alone.
        self.on_news: Callable[[bool], None] = lambda for_all: None
        self.snapshot = NOTHING
        self.read_at = -math.inf  # by the monotonic clock: when the last read began that the table answered
        self._lock = threading.Lock()
        self._next_read: Future | None = None
        self._questions = 0  # that were not yet counted
        self._state: _State | None = None

    def fresh(self) -> "Future[Snapshot]":
        """The tail as a read finds it that has not begun yet. Fails with the database's error if that read does, or
        already if the one before it does: whoever asked meanwhile need not wait for the database to fail again."""
        with self._lock:
            self._questions += 1
            if self._next_read is not None:
                return self._next_read
            future = self._next_read = Future()
            future.set_running_or_notify_cancel()  # many share it: one that loses patience must not cancel it
        self.executor.submit(self._read)
        return future

    def recent(self) -> Snapshot:
        """A fresh tail; or if the database fails, the last one, if that was recent when it was asked for.

        A database that is slow is waited for: who has just posted must find it, on every path."""
        last = self.last_if_recent()
        try:
            return self.fresh().result()
        except Error:
            if last is None:
                raise
            return last

    def last_if_recent(self) -> Snapshot | None:
        return self.snapshot if self.recent_seconds_left > 0 else None

    @property
    def recent_seconds_left(self) -> float:
        """For how long the last tail is still recent."""
        return self.read_at + RECENT_SECONDS - time.monotonic()

    def forget(self) -> None:
        self._state, self.snapshot, self.read_at = None, NOTHING, -math.inf

    def _read(self) -> None:
        future = self._take_next()  # who asks from here on needs a read that starts later
        if future is None:
            return  # those who waited for it have been told that the one before it failed
        began, before = time.monotonic(), self.snapshot
        try:
            with meters.tail_reads.time():
                news = self._follow()
        except BaseException as error:
            self._fail(error, future, self._take_next())
            return
        self.read_at = began
        meters.tail_read_at.set_to_current_time()
        database.works(DATABASE)
        future.set_result(self.snapshot)
        if news:
            is_for_all = self.snapshot.newest_change > before.newest_change
            self.on_news(is_for_all or self.snapshot.clock.past != before.clock.past)

    def _take_next(self) -> Future | None:
        with self._lock:
            future, self._next_read = self._next_read, None
            questions, self._questions = self._questions, 0
        meters.tail_questions.inc(questions)
        return future

    def _fail(self, error: BaseException, *futures: Future | None) -> None:
        self._state = None
        connection.close()  # the next read begins with a connection that works, or fails again
        for future in filter(None, futures):
            future.set_exception(error)

    def _follow(self) -> bool:
        """Bring the tail up to the table; whether there was news. 1 query if there was none."""
        if self._state is not None and self._state.stands_at(StreamClock.now()):
            return False
        with one_moment() as clock:
            if self._state is None or not self._state.catch_up(clock):
                self._state = _State.load(clock)
        self.snapshot = self._state.snapshot()
        return True


class _State:
    """What the tail holds, while it is being changed. Only the reading thread sees it."""

    def __init__(self, clock: StreamClock, changes: list[Entry], start: int, comments: list[Entry], is_whole: bool):
        self.clock = clock
        self.changes = {entry.id: entry for entry in changes}  # in the order of versions for bots: each change is one
        self.start = start
        self.comments = comments
        self.is_whole = is_whole

    @classmethod
    def load(cls, clock: StreamClock) -> "_State":
        """Everything at the moment of this clock."""
        comments = list(Comment.objects.visible().newest(COMMENTS_KEPT + 1))
        is_whole = len(comments) <= COMMENTS_KEPT
        rows = list(Comment.objects.changed_after(0, for_bots=True).reverse()[:CHANGES_KEPT])[::-1]
        start = rows[0].bots_version - 1 if len(rows) == CHANGES_KEPT else 0
        changes = [Entry.of(row) for row in rows if row.was_seen]
        return cls(clock, changes, start, [Entry.of(row) for row in comments[:COMMENTS_KEPT][::-1]], is_whole)

    def stands_at(self, clock: StreamClock) -> bool:
        return clock.version == self.clock.version and clock.past == self.clock.past

    def catch_up(self, clock: StreamClock) -> bool:
        """Apply what has changed up to the moment of this clock. False if it is better to load afresh: after an
        import, a restore or retention, after very much, or when the clock has gone back."""
        if clock.past != self.clock.past or clock.version < self.clock.version:
            return False
        rows = list(Comment.objects.changed_after(self.clock.version, for_bots=True)[: CHANGES_KEPT + 1])
        if len(rows) > CHANGES_KEPT:
            return False
        for row in rows:
            if row.was_seen:
                self._apply(Entry.of(row))
        self.clock = clock
        self._trim()
        return len(self.comments) >= MAX_LIST or self.is_whole

    def _apply(self, entry: Entry) -> None:
        self.changes.pop(entry.id, None)
        self.changes[entry.id] = entry
        at = bisect_left(self.comments, entry.timestamp, key=timestamp_of)
        if at < len(self.comments) and self.comments[at].id == entry.id:
            del self.comments[at]
        if entry.is_visible and (at > 0 or self.is_whole):
            self.comments.insert(at, entry)

    def _trim(self) -> None:
        while len(self.changes) > CHANGES_KEPT:
            oldest = self.changes.pop(next(iter(self.changes)))
            self.start = oldest.bots_version
        if len(self.comments) > COMMENTS_KEPT:
            del self.comments[: len(self.comments) - COMMENTS_KEPT]
            self.is_whole = False

    def snapshot(self) -> Snapshot:
        for_bots = list(self.changes.values())
        # Those that were only noted stand further back for everybody else, or further than the tail reaches.
        for_all = sorted((entry for entry in for_bots if entry.version > self.start), key=version_of)
        return Snapshot(self.clock, for_all, for_bots, self.start, list(self.comments), self.is_whole)


def version_of(entry: Entry) -> int:
    return entry.version


def bots_version_of(entry: Entry) -> int:
    return entry.bots_version


def timestamp_of(entry: Entry) -> int:
    return entry.timestamp


tail = Tail()
