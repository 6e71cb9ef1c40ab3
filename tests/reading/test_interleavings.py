"""Two writers and a poller on PostgreSQL, in every order of their steps that the locks allow.

Each is a session of its own that stops before each step of the product's real code and goes on when the schedule says
so. A writer ticks, writes and commits; a poller reads the clock, then the rows. A writer whose turn to tick comes
while the other holds the clock stands in the database's queue until the other has committed: that is real too.
"""

import itertools
import zlib
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import pytest
from django.db import connection

from comments.models import Comment
from comments.reading import table
from comments.reading.tail import Tail
from comments.stream.clock import StreamClock
from comments.text.cleaning import Draft
from comments.writing import posting
from tests.support import needs
from tests.support.cast import SameThread
from tests.support.sessions import WAIT_SECONDS, Session

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

WRITER_STEPS = 3
TICK, WRITE, CLOCK_SAVED = "FOR UPDATE", ('INSERT INTO "comments_comment"', 'UPDATE "comments_comment"'), "UPDATE"
CLOCK_TABLE, COMMENT_TABLE = '"comments_streamclock"', '"comments_comment"'


class Writer(Session):
    """tick, write, commit"""

    def stops_before(self, sql: str) -> bool:
        return sql.endswith(TICK) or sql.startswith(WRITE)

    def stops_after(self, sql: str) -> bool:
        return sql.startswith(f"UPDATE {CLOCK_TABLE}")


class Poller(Session):
    """reads the clock, reads the rows"""

    def stops_before(self, sql: str) -> bool:
        return sql.startswith("SELECT") and (CLOCK_TABLE in sql or COMMENT_TABLE in sql)


# What the poller does: each of these is one poll, that notes the changes it got and moves on.


class FeedPolls:
    steps = 2
    limit = 200

    def __init__(self) -> None:
        self.cursor = StreamClock.now().version
        self.got: list[tuple[str, int, bool]] = []

    def poll(self) -> None:
        page = table.changes(self.cursor, self.limit)
        self.got += [(comment.id, comment.version, comment.is_visible) for comment in page.comments]
        self.cursor = page.cursor


class FeedPollsOneByOne(FeedPolls):
    limit = 1


class PollsThatReadTheClockLast(FeedPolls):
    """Wrong: what is committed between the two reads is passed over."""

    def poll(self) -> None:
        rows = Comment.objects.filter(version__gt=self.cursor).order_by("version")
        self.got += [(comment.id, comment.version, comment.is_visible) for comment in rows]
        self.cursor = StreamClock.now().version


class TailPolls(FeedPolls):
    """From a tail in memory, as a server process keeps one."""

    def __init__(self) -> None:
        super().__init__()
        self.tail = Tail()
        self.tail.executor = SameThread()
        self.tail.fresh()

    def poll(self) -> None:
        snapshot = self.tail.fresh().result()
        self.got += [
            (entry.id, entry.version, entry.is_visible)
            for entry in snapshot.changes_after(self.cursor, for_bots=False)
        ]
        self.cursor = snapshot.clock.version


class PollsOfTheFirstVersion:
    steps = 1

    def __init__(self) -> None:
        self.cursor = StreamClock.now().timestamp
        self.got: list[tuple[str, int, bool]] = []

    def poll(self) -> None:
        comments = table.after(self.cursor, 200)
        self.got += [(comment.id, comment.timestamp, True) for comment in comments]
        self.cursor = comments[-1].timestamp if comments else self.cursor


# The orders


def schedules(poller_steps: int) -> Iterator[str]:
    """All orders of the steps of two writers, A and B, and a poller, P, in which nobody steps who waits for a lock."""
    steps = "A" * WRITER_STEPS + "B" * WRITER_STEPS
    writers = {order for order in itertools.permutations(steps) if is_possible("".join(order))}
    length = len(steps) + poller_steps
    for order in sorted(writers):
        for places in itertools.combinations(range(length), poller_steps):
            turns = iter(order)
            yield "".join("P" if place in places else next(turns) for place in range(length))


def played(poller_steps: int) -> Iterator[str]:
    return itertools.islice(schedules(poller_steps), 0, None, needs.EACH)


def is_possible(order: str) -> bool:
    """Who asks for the clock second does not get beyond asking before the first has committed."""
    first = order[0]
    second = "B" if first == "A" else "A"
    return order.find(second, order.find(second) + 1) > order.rfind(first)


def test_all_orders_are_there():
    assert sorted("".join(order) for order in {schedule.replace("P", "") for schedule in schedules(0)}) == [
        "AAABBB",
        "AABABB",
        "ABAABB",
        "BABBAA",
        "BBABAA",
        "BBBAAA",
    ]
    assert len(set(schedules(4))) == 6 * 210


class Stage:
    """The three sessions, for as many schedules as the test plays."""

    def __init__(self) -> None:
        self.writers = {"A": Writer(), "B": Writer()}
        self.poller = Poller()
        self.sessions = [*self.writers.values(), self.poller]
        for session in self.sessions:
            session.start()
            session.wait()

    def close(self) -> None:
        for session in self.sessions:
            session.tasks.put(None)
            session.join(WAIT_SECONDS)

    def play(self, schedule: str, tasks: dict[str, Callable], polls) -> None:
        for name, writer in self.writers.items():
            writer.begin(tasks[name])
        self.holder, self.waiting = None, None
        for name in schedule:
            if name == "P":
                self.step_of_poller(polls)
            else:
                self.step_of_writer(self.writers[name])
        for session in self.sessions:
            while session.is_busy:  # a poll that was begun and not finished
                session.step()
                session.wait()

    def step_of_writer(self, writer: Writer) -> None:
        writer.step()
        if self.holder not in (None, writer):
            self.waiting = writer
            self.wait_for_lock(writer)
            return
        writer.wait()
        self.holder = writer
        if not writer.is_busy:  # it has committed, so who waited goes on
            self.holder, self.waiting = self.waiting, None
            if self.holder:
                self.holder.wait()

    def step_of_poller(self, polls) -> None:
        if not self.poller.is_busy:
            self.poller.begin(polls.poll)
        self.poller.step()
        self.poller.wait()

    def wait_for_lock(self, writer: Writer) -> None:
        question = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
        with connection.cursor() as cursor:
            while cursor.execute(question, [writer.pid]).fetchone() != (True,):
                assert not writer.stands.is_set(), "it took the clock while the other held it"


@pytest.fixture
def stage(transactional_db, no_limits):
    StreamClock.objects.get_or_create(pk=1)
    stage = Stage()
    yield stage
    stage.close()


def posts(id: str) -> Callable:
    """From an address of its own each time, so that what the limits count stays little."""
    return lambda: posting.post(Draft(text=id, username="Ada", id=id), ip_address(zlib.crc32(id.encode())))


def hides(id: str) -> Callable:
    return lambda: Comment.objects.filter(pk=id).hide()


def assert_each_came_once_in_order(schedule: str, polls, expected: set[tuple[str, bool]]) -> None:
    numbers = [number for _, number, _ in polls.got]
    assert numbers == sorted(set(numbers)), schedule
    assert sorted((id, is_visible) for id, _, is_visible in polls.got) == sorted(expected), schedule


def drain(polls) -> None:
    """Poll to the end, while no writer is at work."""
    before = None
    while before != (before := (polls.cursor, len(polls.got))):
        polls.poll()


@pytest.mark.parametrize("form", [FeedPolls, FeedPollsOneByOne, TailPolls, PollsOfTheFirstVersion])
def test_R01_two_posts_reach_a_poller_once_and_in_order_whatever_the_interleaving(stage, form):
    play_two_posts(stage, form())


def test_a_poller_that_reads_the_clock_last_is_caught(stage):
    with pytest.raises(AssertionError, match="P"):
        play_two_posts(stage, PollsThatReadTheClockLast())


def play_two_posts(stage: Stage, polls) -> None:
    for number, schedule in enumerate(played(2 * polls.steps)):
        if schedule.replace("P", "")[0] == "B":
            continue  # the same with the names changed
        polls.got.clear()
        stage.play(schedule, {"A": posts(f"a{number}"), "B": posts(f"b{number}")}, polls)
        drain(polls)
        assert_each_came_once_in_order(schedule, polls, {(f"a{number}", True), (f"b{number}", True)})


@pytest.mark.parametrize("form", [FeedPolls, TailPolls])
def test_a_post_and_a_hide_reach_a_poller_once_and_in_order_whatever_the_interleaving(stage, post, form):
    polls = form()
    for number, schedule in enumerate(played(2 * form.steps)):
        post(id=f"hidden{number}", address=str(ip_address(number)))
        drain(polls)
        polls.got.clear()
        stage.play(schedule, {"A": posts(f"a{number}"), "B": hides(f"hidden{number}")}, polls)
        drain(polls)
        assert_each_came_once_in_order(schedule, polls, {(f"a{number}", True), (f"hidden{number}", False)})
