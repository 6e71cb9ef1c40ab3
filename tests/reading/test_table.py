"""The read door: what it costs, on both databases."""

import json
import re

import pytest
from django.db import connection
from django.db.models import Q

from comments.api import reads
from comments.models import Comment
from comments.reading import table
from comments.stream.clock import StreamClock
from comments.wire.params import ChangesParams
from tests.support.plans import large_history, plan_of, row, rows_touched, scans, sorts, statements_of

ROWS = 20_000
LIMIT = 200

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def large_stream(django_db_setup, django_db_blocker):
    """20,000 comments of history; every tenth hidden, every thousandth from a small domain."""
    with django_db_blocker.unblock(), large_history(ROWS, line):
        yield


def line(n: int) -> dict:
    return row(n, state="hidden" if n % 10 == 9 else "visible")


READS = {
    "newest": lambda: table.newest(LIMIT),
    "newest before": lambda: table.newest(LIMIT, before=1_505_000_000_000),
    "around a moment": lambda: table.at(1_505_000_000_000, LIMIT),
    "newest of a domain": lambda: table.newest(10, matching=Q(domain="small.example")),
    "newest of a type": lambda: table.newest(LIMIT, matching=Q(message_type="human")),
    "newest of a user": lambda: table.newest(LIMIT, matching=Q(username_key="user 7")),
    "poll": lambda: table.after(1_505_000_000_000, LIMIT),
    "idle poll": lambda: table.after(1_600_000_000_000, LIMIT),
    "changes": lambda: table.changes(5_000, LIMIT),
    "idle changes": lambda: table.changes(StreamClock.now().version, LIMIT),
}


@pytest.mark.parametrize("name", READS)
def test_R13_R14_no_read_sorts_counts_or_scans(large_stream, name):
    for sql in statements_of(READS[name]):
        plan = plan_of(sql)
        assert "COUNT(" not in sql.upper()
        assert not sorts(plan), plan
        assert not scans(plan), plan
        assert all(int(most) <= LIMIT + 1 for most in re.findall(r"LIMIT (\d+)", sql))


@pytest.mark.postgres
@pytest.mark.parametrize("name", READS)
def test_R13_a_read_touches_the_rows_it_returns_one_more_and_the_hidden_between_them(large_stream, name):
    for sql in statements_of(READS[name]):
        assert rows_touched(sql) <= (LIMIT + 1) * 10 // 9 + 1, sql


def test_the_large_stream_is_read_right(large_stream):
    page = table.newest(3)
    assert [comment.id for comment in page.comments] == ["row-19996", "row-19997", "row-19998"]
    assert (page.total, page.has_more) == (ROWS * 9 // 10, True)
    changes = table.changes(0, 10)
    assert [comment.version for comment in changes.comments] == list(range(1, 11))
    assert not changes.comments[9].is_visible


def test_a_page_of_nothing_has_the_cursor_of_the_stream(post):
    comment = post(domain="a.example")
    page = table.newest(10, matching=Q(domain="b.example"))
    assert (page.comments, page.cursor, page.has_more) == ([], comment.version, False)


def test_reads_open_no_transaction_that_would_take_the_writers_lock(post):
    post()
    for read in (lambda: table.newest(1), lambda: table.after(0, 1), lambda: table.changes(0, 1)):
        for sql in statements_of(read):
            assert sql.startswith("SELECT")
            assert "FOR UPDATE" not in sql


def test_one_comment_is_found_while_it_is_visible(post):
    comment = post()
    assert table.one(comment.id) == comment
    Comment.objects.filter(pk=comment.pk).hide()
    with pytest.raises(Exception, match="no comment with this id"):
        table.one(comment.id)


# A quiet room in a busy stream


@pytest.mark.parametrize("written", ["small.example", "Small.Example"])
def test_the_changes_of_a_quiet_room_are_found_among_its_own_rows(large_stream, written):
    params = ChangesParams.of(f"after=0&limit=8&domain={written}")
    seen, after, has_more, pages = [], 0, True, 0
    while has_more:
        page = json.loads(reads.changes_from_table(params, after).body)
        seen += [change["id"] for change in page["changes"]]
        after, has_more, pages = page["cursor"], page["hasMore"], pages + 1
    assert seen == [f"row-{n}" for n in range(0, ROWS, 1000)]
    assert (pages, after) == (3, StreamClock.now().version)


def test_R13_the_changes_of_a_room_are_neither_sorted_nor_looked_for_elsewhere(large_stream):
    [sql] = statements_of(lambda: table.changes(10, LIMIT, ["small.example"]))
    assert not sorts(plan := plan_of(sql)) and not scans(plan), plan
    assert "comment_room" in plan
    if connection.vendor == "postgresql":
        assert rows_touched(sql) <= ROWS // 1000 + 1


def test_a_room_is_told_of_what_was_hidden_there_and_of_nothing_else(post, changes):
    ours, theirs = post("ours", domain="a.example"), post("theirs", domain="b.example")
    cursor = StreamClock.now().version
    Comment.objects.filter(pk__in=[ours.pk, theirs.pk]).hide()
    answer = json.loads(reads.changes_from_table(ChangesParams.of(f"after={cursor}&domain=a.example"), cursor).body)
    assert [(change["id"], change["removed"]) for change in answer["changes"]] == [(ours.id, True)]
    assert answer["cursor"] == StreamClock.now().version
    assert answer["changes"] == changes(cursor, domain="a.example")["changes"]
