"""The read door: what it costs, on both databases."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q

from comments.history import importing as history
from comments.models import Comment
from comments.reading import table as reading
from comments.stream.clock import StreamClock
from tests.support.plans import plan_of, rows_touched, scans, sorts, statements_of

ROWS = 20_000
LIMIT = 200

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def large_stream(django_db_setup, django_db_blocker):
    """20,000 comments of history; every tenth hidden, every thousandth from a small domain."""
    with django_db_blocker.unblock():
        reader = history.LineReader()
        for start in range(0, ROWS, history.CHUNK):
            history.store((n, reader.comment(line(n))) for n in range(start, start + history.CHUNK))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
        call_command("flush", interactive=False, verbosity=0)


def line(n: int) -> dict:
    return {
        "id": f"row-{n}",
        "timestamp": 1_500_000_000_000 + n * 1000,
        "username": f"user {n % 50}",
        "text": f"number {n}",
        "domain": "small.example" if n % 1000 == 0 else "large.example",
        "state": "hidden" if n % 10 == 9 else "visible",
    }


READS = {
    "newest": lambda: reading.newest(LIMIT),
    "newest before": lambda: reading.newest(LIMIT, before=1_505_000_000_000),
    "newest of a domain": lambda: reading.newest(10, matching=Q(domain="small.example")),
    "newest of a type": lambda: reading.newest(LIMIT, matching=Q(message_type="human")),
    "newest of a user": lambda: reading.newest(LIMIT, matching=Q(username_key="user 7")),
    "poll": lambda: reading.after(1_505_000_000_000, LIMIT),
    "idle poll": lambda: reading.after(1_600_000_000_000, LIMIT),
    "changes": lambda: reading.changes(5_000, LIMIT),
    "idle changes": lambda: reading.changes(StreamClock.now().version, LIMIT),
}


@pytest.mark.parametrize("name", READS)
def test_R13_R14_no_read_sorts_counts_or_scans(large_stream, name):
    for sql in statements_of(READS[name]):
        plan = plan_of(sql)
        assert "COUNT(" not in sql.upper()
        assert not sorts(plan), plan
        assert not scans(plan), plan


@pytest.mark.postgres
@pytest.mark.parametrize("name", READS)
def test_R13_a_read_touches_the_rows_it_returns_one_more_and_the_hidden_between_them(large_stream, name):
    for sql in statements_of(READS[name]):
        assert rows_touched(sql) <= (LIMIT + 1) * 10 // 9 + 1, sql


def test_the_large_stream_is_read_right(large_stream):
    page = reading.newest(3)
    assert [comment.id for comment in page.comments] == ["row-19996", "row-19997", "row-19998"]
    assert (page.total, page.has_more) == (ROWS * 9 // 10, True)
    changes = reading.changes(0, 10)
    assert [comment.version for comment in changes.comments] == list(range(1, 11))
    assert not changes.comments[9].is_visible


def test_a_page_of_nothing_has_the_cursor_of_the_stream(post):
    comment = post(domain="a.example")
    page = reading.newest(10, matching=Q(domain="b.example"))
    assert (page.comments, page.cursor, page.has_more) == ([], comment.version, False)


def test_reads_open_no_transaction_that_would_take_the_writers_lock(post):
    post()
    for read in (lambda: reading.newest(1), lambda: reading.after(0, 1), lambda: reading.changes(0, 1)):
        for sql in statements_of(read):
            assert sql.startswith("SELECT")
            assert "FOR UPDATE" not in sql


def test_one_comment_is_found_while_it_is_visible(post):
    comment = post()
    assert reading.one(comment.id) == comment
    Comment.objects.filter(pk=comment.pk).hide()
    with pytest.raises(Exception, match="no comment with this id"):
        reading.one(comment.id)
