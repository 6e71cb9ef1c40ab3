"""The hybrid logical clock that orders the stream, the lock under which everything is written, and the moment in which
everything is read.

Every write transaction begins with `writing()`: it takes the clock's row before any comment's, so there is one lock
order, and it holds the row to its commit, so ticks become visible in tick order: whoever can see tick n can see every
tick below n. A reader's cursor therefore misses nothing, without overlap and without waiting, if the rows that it gets
and the clock that vouches for them are of the same moment: that is what `one_moment()` is for.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from django.db import Error, connection, models, transaction

from comments.outage import DATABASE, storing

# A snapshot of all tables, from the first statement on. It waits for no writer, and no writer waits for it.
BEGIN_READING = {"sqlite": "BEGIN DEFERRED", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}

PAUSE_SECONDS = 0.02
DAY_US = 24 * 3600 * 1_000_000
SET_BACK_US = 10_000_000  # less is a wall clock that is kept right

one_writer = Lock()
# Told of each write, in the thread that made it; `reading.news` listens.
after_commit: list[Callable[[], None]] = [lambda: storing.works(DATABASE)]
# Told under the lock that the wall clock was set back: times of theirs that are not yet are of a clock that was ahead.
on_set_back: list[Callable[["StreamClock"], None]] = []


class WallClock(models.Func):
    """Microseconds since 1970 by the database's clock: one wall clock, however many application servers there are."""

    output_field = models.BigIntegerField()

    def as_postgresql(self, compiler, connection, **context):
        return "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint", []

    def as_sqlite(self, compiler, connection, **context):
        return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000", []


class StreamClock(models.Model):
    """One row. Its `version` is the newest tick that is committed.

    Versions below HISTORY_END belong to imported history (see `history.importing`) and have a counter of their own:
    they are below every cursor that a reader of the live stream can hold, so an import is no news to who is here.
    """

    HISTORY_END = 10**15  # µs since 1970, in 2001: no live change is older

    version = models.BigIntegerField(default=HISTORY_END, help_text="µs since 1970 of the newest change")
    timestamp = models.BigIntegerField(default=0, help_text="ms since 1970 at which a comment last became visible")
    visible_total = models.BigIntegerField(default=0)
    history = models.BigIntegerField(default=0, help_text="the newest version below HISTORY_END")
    floor = models.BigIntegerField(default=0, help_text="cursors below this have lost tombstones to retention")
    rotated = models.BigIntegerField(
        default=0, db_default=0, help_text="µs since 1970: when the secrets of authors changed"
    )
    rules = models.JSONField(blank=True, default=dict, help_text="see writing/rules.py")
    # One announcement stands above the stream. It is here because every reader reads this row in every moment already.
    announcement = models.TextField(blank=True, default="", db_default="")
    announced_until = models.BigIntegerField(default=0, db_default=0, help_text="ms since 1970")
    announced = models.BigIntegerField(default=0, db_default=0, help_text="the version of its last change")
    lost = models.JSONField(default=list, help_text="[first, last] versions that a restore took away, once for each")
    pruned = models.BigIntegerField(default=0, help_text="how many comments retention has taken away")
    tended = models.BigIntegerField(default=0, help_text="µs since 1970 at which the work of the day was begun")
    walled = models.BigIntegerField(
        default=0, db_default=0, help_text="µs since 1970: the wall clock of the last write"
    )

    class Meta:
        default_permissions = ()
        permissions = [("set_rules", "Can change the rules of the site")]

    wall = 0  # µs since 1970; set while the row is locked

    @classmethod
    def now(cls) -> "StreamClock":
        """The clock as committed. 1 query."""
        return _only(cls.objects.all()) or cls()

    @property
    def values(self) -> dict[str, Any]:
        """By name. None of them is changed in place, so `writing()` can compare them."""
        return {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}

    @property
    def is_announcing(self) -> bool:
        return bool(self.announcement) and self.announced_until > time.time_ns() // 1_000_000

    @property
    def past(self) -> tuple[int, int, list]:
        """Differs when something below the version has changed: then it is not enough to follow."""
        return self.history, self.pruned, self.lost

    def is_lost(self, cursor: int) -> bool:
        """Whether the stream that gave out this cursor has ended, and gone on from an earlier moment."""
        return any(first <= cursor <= last for first, last in self.lost)

    def is_too_old(self, cursor: int) -> bool:
        """Whether its reader may show what retention has taken away without a tombstone. Zero has seen nothing yet,
        and who is still in the history has only just begun."""
        return self.HISTORY_END <= cursor < self.floor

    def serves(self, cursor: int) -> bool:
        """Whether a reader can go on from here, as far as the past decides."""
        return not (self.is_lost(cursor) or self.is_too_old(cursor))

    def next_version(self) -> int:
        self.version = self._not_lost(max(self.version + 1, self.wall))
        return self.version

    def next_history_version(self) -> int:
        self.history += 1
        return self.history

    def next_timestamp(self) -> int:
        self.timestamp = -(-self._not_lost(max(self.timestamp + 1, self.wall // 1000) * 1000) // 1000)
        return self.timestamp

    def _not_lost(self, version: int) -> int:
        """What was given out by a wall clock that was ahead is never given out again, when its time has come."""
        for first, last in sorted(self.lost):
            if first <= version <= last:
                version = last + 1
        return version


def moment(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1e6, UTC)


def wall_now() -> int:
    """Microseconds since 1970 by the database's clock; by our own, as long as there is no stream. 1 query."""
    return next(iter(StreamClock.objects.values_list(WallClock())), (time.time_ns() // 1000,))[0]


@contextmanager
def writing() -> Iterator[StreamClock]:
    """A write transaction: the clock, locked and running, until the block ends and all is committed at once."""
    with _turn(), ExitStack() as stack:
        clock = _begun(stack)
        before = clock.values
        clock.walled = max(clock.walled, clock.wall)
        yield clock
        clock.save(update_fields=[name for name, value in clock.values.items() if value != before[name]])
        for tell in after_commit:
            transaction.on_commit(tell, robust=True)  # what is committed is acknowledged, whoever fails to hear it


@contextmanager
def together() -> Iterator[int]:
    """Several writes, each of which takes the clock itself, as one: nobody writes between them, or sees one without
    the others. The wall clock in µs, for what depends on it."""
    with _turn(), ExitStack() as stack:
        clock = _begun(stack)
        if clock.wall - clock.walled >= SET_BACK_US:  # often enough to notice when it is set back
            clock.walled = clock.wall
            clock.save(update_fields=["walled"])
        yield clock.wall


@contextmanager
def one_moment() -> Iterator[StreamClock]:
    """A read transaction: the clock, and until the block ends, every row as it was when the clock stood so.

    Two statements without it are two moments. A comment that is changed between them moves above the clock that was
    read and is in neither half; once it is back, with its old timestamp, readers have passed it. So whatever needs the
    clock and rows, or rows twice, reads them here. 3 queries besides those of the block, which should be short.

    Inside of a transaction it is that transaction's moment: in `writing()` the clock is locked and stands still.
    """
    if connection.in_atomic_block:
        yield StreamClock.now()
        return
    with connection.cursor() as cursor:
        cursor.execute(BEGIN_READING[connection.vendor])
        try:
            yield StreamClock.now()
        except BaseException:
            _give_up(cursor)
            raise
        cursor.execute("COMMIT")


def let_others_write() -> None:
    """Between two of many transactions in a row: a lock that is taken again at once may keep the others out, however
    short each is, for on SQLite they only look now and then whether it is free."""
    if not connection.in_atomic_block:
        time.sleep(PAUSE_SECONDS)


def _give_up(cursor) -> None:
    """Whatever went wrong, the next one finds no open transaction."""
    try:
        cursor.execute("ROLLBACK")
    except Error:
        connection.close()


def _turn() -> AbstractContextManager:
    """The writers of this process wait for each other here: SQLite wakes nobody, it lets them sleep and look again,
    and meanwhile nobody writes. Not inside of a transaction, which has the lock that the others wait for already."""
    sleeps = connection.vendor == "sqlite" and not connection.in_atomic_block
    return one_writer if sleeps else nullcontext()


def _begun(stack: ExitStack) -> StreamClock:
    """The clock, locked in a transaction that ends with the stack. If the wall clock was set back since the last
    write, what follows from that is put right first, and stays so whatever becomes of this one."""
    stack.enter_context(transaction.atomic())
    clock = _locked() or _first()
    if clock.walled - clock.wall < SET_BACK_US:
        return clock
    put_right(clock)
    clock.save()
    stack.close()
    return _begun(stack)


def put_right(clock: StreamClock) -> None:
    for put in on_set_back:
        put(clock)
    clock.walled = clock.wall


def _locked() -> Any:
    # SQLite has no row locks and needs none: BEGIN IMMEDIATE has locked the whole database already.
    clock = _only(StreamClock.objects.select_for_update().annotate(wall_now=WallClock()))
    if clock:
        clock.wall = clock.wall_now
    return clock


def _only(clocks: models.QuerySet) -> Any:
    """The one row there is. All looking begins with it, and `first()`, which sorts, would take twice as long."""
    return next(iter(clocks), None)


def _first() -> StreamClock:
    StreamClock.objects.get_or_create(pk=1)
    return _locked()
