"""A stream in memory with its writers and readers, small enough to be seen through: what the checker is tested on.

Everybody is a generator, and each `yield` lets the others go on, in an order that the seed decides. The server's side
and the clients' are methods of one class, so that a planted bug is one method done differently.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from comments.audit.history import CHANGES, LIST, LONG_POLL, POLL, WEBSOCKET, History, Read, Seen, Write

MS = 1_000_000
STEP_MS = 40
POSTS_EACH = 14
MODERATIONS = 24
NOTED = 0.15
PATIENCE_MS = 20_000
LAST = "last"


@dataclass
class Row:
    id: str
    text: str
    domain: str
    timestamp: int
    version: int
    shown: bool = True


class Page(NamedTuple):
    seen: list[Seen]
    cursor: int
    has_more: bool


class Model:
    """The product as it should be."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = MS
        self.history = History()
        self.rows: dict[str, Row] = {}
        self.version = self.timestamp = 0
        self.writing = 0
        self.last_posted_at: int | None = None

    def run(self) -> History:
        writers = [self.poster(f"poster {number}") for number in range(3)] + [self.moderator()]
        self.writing = len(writers)
        everybody = [
            *writers,
            self.noting_bot(),
            self.last_poster(),
            self.feed_reader("changes", CHANGES),
            self.feed_reader("changes after a list", CHANGES, loads=True),
            self.feed_reader("long poll", LONG_POLL, loads=True),
            self.socket_reader("websocket"),
            self.poll_reader("poll"),
            self.list_reader("list"),
        ]
        while everybody:
            somebody = self.dice.choice(everybody)
            self.now += self.dice.randrange(1, STEP_MS) * MS
            try:
                next(somebody)
            except StopIteration:
                everybody.remove(somebody)
        return self.history

    # The server

    def tick(self) -> tuple[int, int]:
        self.timestamp = max(self.timestamp + 1, self.now // MS)
        self.version = max(self.version + 1, self.now // 1000)
        return self.timestamp, self.version

    def store(self, id: str, text: str, domain: str) -> Row:
        self.rows[id] = Row(id, text, domain, *self.tick())
        return self.rows[id]

    def post(self, id: str, text: str, domain: str, client_ms: int) -> Iterator[None]:
        """Its value is the timestamp in the answer."""
        yield
        row = self.rows.get(id) or self.store(id, text, domain)
        yield
        return row.timestamp

    def moderate(self, row: Row, shown: bool) -> Iterator[None]:
        yield
        row.shown = shown
        row.version = self.tick()[1]
        yield

    def changed(self, after: int) -> list[Row]:
        return sorted((row for row in self.rows.values() if row.version > after), key=lambda row: row.version)

    def page(self, after: int, limit: int) -> Page:
        found = self.changed(after)
        page = found[:limit]
        has_more = len(found) > limit
        return Page(self.passing(page), page[-1].version if has_more else self.version, has_more)

    def changes(self, after: int, limit: int) -> Iterator[None]:
        yield
        page = self.page(after, limit)
        yield
        return page

    def pushed(self, after: int, limit: int, is_new: bool) -> Iterator[None]:
        """The next envelope of a connection."""
        return (yield from self.changes(after, limit))

    def passing(self, rows: list[Row]) -> list[Seen]:
        return [as_change(row) for row in rows if row.domain == "audit"]

    def visible(self) -> list[Row]:
        visible = (row for row in self.rows.values() if row.shown and row.domain == "audit")
        return sorted(visible, key=lambda row: row.timestamp)

    def newer(self, timestamp: int, limit: int) -> list[Row]:
        return [row for row in self.visible() if row.timestamp > timestamp][:limit]

    def poll(self, after: int, limit: int) -> Iterator[None]:
        yield
        rows = self.newer(after, limit)
        yield
        return rows

    def newest(self, limit: int) -> tuple[list[Row], bool]:
        """The rows, and whether there are older ones."""
        visible = self.visible()
        return visible[-limit:], len(visible) > limit

    # Those who write

    def poster(self, name: str) -> Iterator[None]:
        skew = self.dice.choice([-3_600_000, 0, 3_600_000])
        for number in range(POSTS_EACH):
            write = Write(name, "post", f"{name}/{number}", self.now, None, text=f"{name} says {number}")
            self.history.add(write)
            is_answered = False
            while not is_answered:  # a lost answer is asked for again, under the same id
                write.timestamp = yield from self.post(write.id, write.text, "audit", self.now // MS + skew)
                is_answered = self.dice.random() < 0.8
            write.ended = self.now
            if self.dice.random() < 0.5:
                yield from self.load(name)
            yield from self.post(f"{write.id} elsewhere", "", "elsewhere", self.now // MS)
        self.writing -= 1

    def moderator(self) -> Iterator[None]:
        for _ in range(MODERATIONS):
            while not (rows := [row for row in self.rows.values() if row.domain == "audit"]):
                yield
            row = self.dice.choice(rows)
            write = Write("moderator", "hide" if row.shown else "restore", row.id, self.now, None)
            self.history.add(write)
            yield from self.moderate(row, write.shows)
            write.ended = self.now
        self.writing -= 1

    def noting_bot(self) -> Iterator[None]:
        """Notes some comments, once each; of the others, more can be said about how often they came."""
        passed: set[str] = set()
        while self.writing:
            yield
            posted = [write.id for write in self.history.writes if write.op == "post" and write.id in self.rows]
            for id in [id for id in posted[-2:] if id not in passed]:
                passed.add(id)
                if self.dice.random() < NOTED:
                    yield from self.note(self.rows[id])

    def note(self, row: Row) -> Iterator[None]:
        self.writing += 1
        write = Write("bot", "note", row.id, self.now, None)
        self.history.add(write)
        yield
        if row.shown:
            row.version = self.tick()[1]
            yield
            write.ended = self.now
        self.writing -= 1

    def last_poster(self) -> Iterator[None]:
        while self.writing:
            yield
        write = Write("last poster", "post", LAST, self.now, None, text="the last words")
        self.history.add(write)
        write.timestamp = yield from self.post(write.id, write.text, "audit", self.now // MS)
        write.ended = self.last_posted_at = self.now

    # Those who read, until they have seen the last comment or given up

    def is_over(self, seen: list[Seen]) -> bool:
        gave_up = self.last_posted_at is not None and self.now > self.last_posted_at + PATIENCE_MS * MS
        return gave_up or any(one.id == LAST for one in seen)

    def limit(self) -> int:
        return self.dice.choice([1, 3, 50])

    def record(self, by: str, form: str, began: int, seen: list[Seen], **more) -> list[Seen]:
        self.history.add(Read(by, form, began, self.now, seen, **{"listening": began, **more}))
        return seen

    def load(self, name: str) -> Iterator[None]:
        """A list as a page loads it first; its value is the cursor where the change feed goes on."""
        began, limit = self.now, self.limit()
        yield
        (rows, has_more), cursor = self.newest(limit), self.version
        yield
        self.record(name, LIST, began, [as_comment(row) for row in rows], complete=not has_more)
        return cursor

    def list_reader(self, name: str) -> Iterator[None]:
        while not self.history.reads or not self.is_over(self.history.reads[-1].seen):
            yield from self.load(name)

    def feed_reader(self, name: str, form: str, loads: bool = False) -> Iterator[None]:
        cursor, seen = 0, []
        if loads:
            cursor = yield from self.load(name)
            seen = self.history.reads[-1].seen
        while not self.is_over(seen):
            began, limit = self.now, self.limit()
            page = yield from self.changes(cursor, limit)
            if form == LONG_POLL and not page.seen:
                continue
            if self.dice.random() < 0.2:  # the connection breaks before the answer has been read
                continue
            seen = self.record(name, form, began, page.seen, after=cursor, complete=not page.has_more)
            cursor = page.cursor

    def socket_reader(self, name: str) -> Iterator[None]:
        cursor, seen = 0, []
        while not self.is_over(seen):
            began = listening = self.now
            limit, is_new = self.limit(), True
            while not self.is_over(seen) and (is_new or self.dice.random() < 0.9):
                page = yield from self.pushed(cursor, limit, is_new)
                if page.seen or is_new:
                    more = {"after": cursor, "complete": not page.has_more, "listening": listening}
                    seen = self.record(name, WEBSOCKET, began, page.seen, **more)
                    cursor = page.cursor
                listening = self.now if page.has_more else listening
                is_new = False

    def poll_reader(self, name: str) -> Iterator[None]:
        after, seen = 0, []
        while not self.is_over(seen):
            began, limit = self.now, self.limit()
            rows = yield from self.poll(after, limit)
            seen = [as_comment(row) for row in rows]
            self.record(name, POLL, began, seen, after=after, complete=len(rows) < limit)
            after = self.next_timestamp(after, seen)

    def next_timestamp(self, after: int, seen: list[Seen]) -> int:
        return seen[-1].timestamp if seen else after


def as_comment(row: Row) -> Seen:
    return Seen(row.id, None, row.timestamp, row.text)


def as_change(row: Row) -> Seen:
    if row.shown:
        return Seen(row.id, row.version, row.timestamp, row.text)
    return Seen(row.id, row.version, removed=True)
