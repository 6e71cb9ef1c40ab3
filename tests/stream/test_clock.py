"""The clock: ticks that only grow, and become visible in their order."""

import threading
import time
from contextlib import ExitStack
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from comments.history import importing
from comments.models import Comment
from comments.stream import clock
from comments.stream.clock import StreamClock, one_moment, writing
from tests.support.private_postgres import wait_until

WAIT_SECONDS = 20


def test_each_tick_is_above_the_last_even_if_the_wall_clock_stands_still_or_goes_back():
    clock = StreamClock(version=5_000_000, timestamp=5_000)
    clock.wall = 4_000_000
    assert [clock.next_version() for _ in range(3)] == [5_000_001, 5_000_002, 5_000_003]
    assert [clock.next_timestamp() for _ in range(3)] == [5_001, 5_002, 5_003]


def test_a_tick_is_wall_time_when_the_wall_clock_is_ahead():
    clock = StreamClock(version=5_000_000, timestamp=5_000)
    clock.wall = 9_000_000
    assert (clock.next_version(), clock.next_timestamp()) == (9_000_000, 9_000)


@pytest.mark.django_db
def test_the_database_tells_the_wall_time_in_microseconds():
    before = time.time_ns() // 1_000_000 - 1
    with writing() as clock:
        wall = clock.wall
    assert before <= wall // 1000 <= time.time_ns() // 1_000_000 + 1


@pytest.mark.django_db(transaction=True)
def test_every_write_transaction_begins_with_the_clock(post):
    with CaptureQueriesContext(connection) as queries:
        comment = post()
        again = Comment.objects.filter(pk=comment.pk)
        again.hide(), again.restore(), again.edit_bot_params(lambda params: {"seen": True}), again.erase()
        importing.store([(1, importing.LineReader().comment({"timestamp": 5, "username": "Ada", "text": "Hi"}))])
    statements = [query["sql"] for query in queries]
    first_statements = [after for before, after in pairwise(statements) if before.startswith("BEGIN")]
    assert len(first_statements) == 6
    assert all('FROM "comments_streamclock"' in statement for statement in first_statements)


@pytest.mark.django_db(transaction=True)
def test_a_write_stands_and_all_other_listeners_hear_of_it_when_one_of_them_fails(post, monkeypatch):
    told = []

    def fails() -> None:
        raise RuntimeError("the loop has ended")

    monkeypatch.setattr(clock, "after_commit", [fails, lambda: told.append(StreamClock.now().version)])
    assert told == [post().version]


@pytest.mark.django_db
def test_a_write_that_fails_leaves_no_tick_behind(post):
    post()
    before = StreamClock.now().version
    with pytest.raises(ZeroDivisionError), transaction.atomic(), writing() as clock:
        clock.next_version()
        raise ZeroDivisionError
    assert StreamClock.now().version == before


@pytest.mark.django_db(transaction=True)
def test_a_read_that_fails_ends_its_moment_and_keeps_its_connection(post):
    post("first")
    connected = connection.connection
    with pytest.raises(ZeroDivisionError), one_moment():
        raise ZeroDivisionError
    assert connection.connection is connected
    assert post("second").version > StreamClock.HISTORY_END


@pytest.mark.django_db
def test_a_site_whose_tables_were_flushed_starts_over(post):
    StreamClock.objects.all().delete()
    assert post("first").version > StreamClock.HISTORY_END
    assert StreamClock.now().visible_total == 1


class Writer(threading.Thread):
    """A session of its own that posts one comment, and commits or rolls back when it is told to."""

    def __init__(self, name: str, rolls_back: bool = False):
        super().__init__(daemon=True)
        self.comment_id = f"comment-{name}"
        self.rolls_back = rolls_back
        self.has_ticked = threading.Event()
        self.may_end = threading.Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                self.write()
                transaction.set_rollback(self.rolls_back)
        finally:
            connection.close()

    def write(self) -> None:
        with writing() as clock:
            comment = Comment(id=self.comment_id, text="Hello", username="Ada", color="000000000")
            comment.version, comment.timestamp = clock.next_version(), clock.next_timestamp()
            Comment.objects.store([comment])
            self.has_ticked.set()
            assert self.may_end.wait(WAIT_SECONDS)


def read_versions() -> list[str]:
    return list(Comment.objects.order_by("version").values_list("id", flat=True))


def sessions_waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first_rolls_back", [False, True])
def test_two_writers_become_visible_in_tick_order_whichever_would_commit_first(first_rolls_back):
    """The second is told to end before the first: it cannot, because it has no tick before the first has ended."""
    StreamClock.objects.get_or_create(pk=1)
    first, second = Writer("first", first_rolls_back), Writer("second")
    with ExitStack() as at_end:
        for writer in (first, second):
            at_end.callback(writer.may_end.set)
        first.start()
        assert first.has_ticked.wait(WAIT_SECONDS)
        second.may_end.set()
        second.start()
        wait_until(lambda: sessions_waiting_for_a_lock() == 1, WAIT_SECONDS, lambda: "the second did not wait")
        assert not second.has_ticked.is_set()
        assert read_versions() == []  # nobody sees the later tick without the earlier one
        first.may_end.set()
        first.join(WAIT_SECONDS)
        second.join(WAIT_SECONDS)
    assert read_versions() == (["comment-second"] if first_rolls_back else ["comment-first", "comment-second"])


@pytest.mark.django_db(transaction=True)
def test_a_second_writer_waits_for_the_first_and_takes_a_later_tick():
    first, second = Writer("first"), Writer("second")
    second.may_end.set()
    first.start()
    assert first.has_ticked.wait(WAIT_SECONDS)
    second.start()
    assert read_versions() == []
    assert not second.has_ticked.is_set()
    first.may_end.set()
    first.join(WAIT_SECONDS)
    second.join(WAIT_SECONDS)
    assert read_versions() == ["comment-first", "comment-second"]


@pytest.mark.django_db(transaction=True)
def test_moderators_of_overlapping_rows_and_posting_visitors_never_deadlock(post):
    ids = [post(f"number {n}").id for n in range(40)]
    failures = []

    def session(work):
        try:
            for _ in range(8):
                work()
        except Exception as error:  # whatever it is, the test must see it
            failures.append(error)
        finally:
            connection.close()

    forward, backward = Comment.objects.filter(pk__in=ids[:30]), Comment.objects.filter(pk__in=ids[10:])
    works = [
        lambda: (forward.hide(), forward.restore()),
        lambda: (backward.order_by("-version").hide(), backward.restore()),
        lambda: post("while they moderate"),
        lambda: post("and another"),
    ]
    sessions = [threading.Thread(target=session, args=[work], daemon=True) for work in works]
    for thread in sessions:
        thread.start()
    for thread in sessions:
        thread.join(60)
    assert failures == []
    assert not any(thread.is_alive() for thread in sessions)
    assert StreamClock.now().visible_total == Comment.objects.visible().count() == 40 + 16
