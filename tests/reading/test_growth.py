"""Looking costs the same however much has been said: plans and rows at 200,000 comments, or at GROWTH_ROWS of them.

GROWTH_ROWS=10000000 bin/test tests/reading/test_growth.py
"""

import os

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from comments.models import Comment
from comments.reading import table
from comments.reading.tail import COMMENTS_KEPT, Tail, _State
from comments.stream.clock import StreamClock
from comments.wire.params import MAX_LIST
from tests.support.cast import SameThread
from tests.support.plans import plan_of, rows_touched, scans, sorts, statements_of, steps_of

ROWS = int(os.environ.get("GROWTH_ROWS", "200_000"))
LIMIT = 200
FIRST_MS = 1_500_000_000_000
MIDDLE = ROWS // 2
# SQLite does not tell how many rows it has looked at. A row with all its columns takes it less than this, and what
# surrounds the rows (parsing the filter, opening indexes) less than that.
STEPS_PER_ROW = 40
STEPS_AROUND = 200

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def grown_stream(django_db_setup, django_db_blocker):
    """Comments as an import would leave them, clock included, every hundredth hidden. They are scenery, so one
    statement makes them; through the import door ten million would take an hour."""
    with django_db_blocker.unblock():
        make_rows()
        assert StreamClock.now().visible_total == Comment.objects.visible().count()
        yield
        call_command("flush", interactive=False, verbosity=0)


def make_rows() -> None:
    hidden = ROWS // 100
    StreamClock.objects.create(pk=1, timestamp=FIRST_MS + (ROWS - 1) * 100, visible_total=ROWS - hidden, history=ROWS)
    with connection.cursor() as cursor:
        cursor.execute(f"{NUMBERS[connection.vendor]} {INSERT}")
        for statement in STATISTICS[connection.vendor]:
            cursor.execute(statement)


NUMBERS = {
    "sqlite": f"""WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})""",
    "postgresql": f"""WITH numbers(n) AS (SELECT generate_series(1, {ROWS}))""",
}
# Indexes that other tests have filled and emptied are larger than a site's, and pass for costly.
STATISTICS = {
    "sqlite": ["ANALYZE"],
    "postgresql": ["REINDEX TABLE comments_comment", "VACUUM ANALYZE comments_comment"],
}
INSERT = f"""
    INSERT INTO comments_comment (
        id, text, username, username_key, color, domain, language, message_type, misc, reply_to, state, author_key,
        timestamp, version, bots_version
    )
    SELECT
        'row-' || n, 'number ' || n, 'user ' || n % 500, 'user ' || n % 500, '255000000',
        CASE WHEN n % 1000 = 0 THEN 'small.example' ELSE 'large.example' END, 'en',
        CASE WHEN n % 10 = 0 THEN 'AI' ELSE 'human' END, '', '',
        CASE WHEN n % 100 = 0 THEN 'hidden' ELSE 'visible' END, '',
        {FIRST_MS} + (n - 1) * 100, n, n
    FROM numbers
"""

POLLS = {
    "changes at the head": lambda: table.changes(StreamClock.HISTORY_END, LIMIT),
    "changes near the head": lambda: table.changes(ROWS - 10, LIMIT),
    "changes from the middle": lambda: table.changes(MIDDLE, LIMIT),
    "changes from the beginning": lambda: table.changes(0, LIMIT),
    "changes for bots": lambda: table.changes(MIDDLE, LIMIT, for_bots=True),
    "poll at the head": lambda: table.after(FIRST_MS + ROWS * 100, LIMIT),
    "poll from the middle": lambda: table.after(FIRST_MS + MIDDLE * 100, LIMIT),
}
LOADS = {
    "first load": lambda: table.newest(LIMIT),
    "scrolled back": lambda: table.newest(LIMIT, before=FIRST_MS + MIDDLE * 100),
    "first load of a small domain": lambda: table.newest(LIMIT, matching=Q(domain="small.example")),
    "first load of a type": lambda: table.newest(LIMIT, matching=Q(message_type="AI")),
    "first load of a user": lambda: table.newest(LIMIT, matching=Q(username_key="user 7")),
}
READS = POLLS | LOADS


@pytest.mark.parametrize("name", READS)
def test_no_read_sorts_scans_or_counts(grown_stream, name):
    for sql in statements_of(READS[name]):
        plan = plan_of(sql)
        assert not sorts(plan), plan
        assert not scans(plan), plan
        assert "COUNT(" not in sql.upper()


@pytest.mark.postgres
@pytest.mark.parametrize("name", READS)
def test_a_read_touches_no_more_than_the_limit_and_one_row(grown_stream, name):
    for sql in statements_of(READS[name]):
        assert rows_touched(sql) <= LIMIT + 1, plan_of(sql)


@pytest.mark.skipif("config.getoption('postgres')", reason="about SQLite")
@pytest.mark.parametrize("name", READS)
def test_a_read_takes_no_more_steps_than_the_limit_and_one_row(grown_stream, name):
    for sql in statements_of(READS[name]):
        assert steps_of(sql) <= STEPS_PER_ROW * (LIMIT + 1) + STEPS_AROUND, plan_of(sql)


def test_total_is_right_and_read_without_looking_at_the_comments(grown_stream):
    page = table.newest(1)
    assert page.total == ROWS - ROWS // 100
    assert statements_of(StreamClock.now) == []


def test_a_process_that_starts_reads_the_end_of_the_stream_only(grown_stream):
    for sql in statements_of(lambda: _State.load(StreamClock.now())):
        plan = plan_of(sql)
        assert not sorts(plan) and not scans(plan), plan
        if connection.vendor == "postgresql":
            assert rows_touched(sql) <= COMMENTS_KEPT + 1, plan
        else:
            assert steps_of(sql) <= STEPS_PER_ROW * (COMMENTS_KEPT + 1) + STEPS_AROUND, plan


def test_an_idle_poll_does_not_look_at_the_comments(grown_stream, monkeypatch):
    tail = Tail()
    monkeypatch.setattr(tail, "executor", SameThread())
    assert len(tail.fresh().result().comments) >= MAX_LIST
    with CaptureQueriesContext(connection) as queries:
        tail.fresh().result()
    assert len(queries) == 1
    assert "comments_streamclock" in queries[0]["sql"]
