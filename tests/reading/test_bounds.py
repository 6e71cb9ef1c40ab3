"""No read of a visitor holds a thread for long: what it would cost is not what it may cost."""

import pytest
from django.db import connection

from comments.errors import Refused
from comments.reading import bounds, search, table
from comments.reading.bounds import bounded_moment
from comments.stream.clock import one_moment
from comments.stream.queryset import CommentQuerySet

ENDLESS = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT 1 FROM numbers) SELECT count(*) FROM numbers"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def little_time(monkeypatch):
    monkeypatch.setattr(bounds, "MAX_SECONDS", 0.05)


def run(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def read_for_ever():
    with bounded_moment():
        run(ENDLESS)


def test_a_read_without_an_end_is_stopped_and_the_connection_is_as_before(post):
    for _ in range(3):
        with pytest.raises(Refused) as refused:
            read_for_ever()
        assert (refused.value.status, refused.value.code) == (503, "too_costly")
        comment = post()  # no transaction is left open, and no lock
        assert table.newest(1).comments == [comment]
    assert limit_of_connection() in ("0", "none")


def limit_of_connection() -> str:
    return run("SHOW statement_timeout")[0][0] if connection.vendor == "postgresql" else "none"


def test_what_comes_after_a_bounded_read_has_all_the_time_it_needs(post):
    table.newest(1)
    counted = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 600000)"
    with one_moment():
        assert run(f"{counted} SELECT count(*) FROM numbers") == [(600_000,)]


def test_several_statements_share_the_time():
    with pytest.raises(Refused, match="too long"), bounded_moment():
        for _ in range(1_000_000):
            run(
                "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9000) "
                "SELECT count(*) FROM numbers"
            )


def test_R15_a_visitor_is_told_so_and_never_half_of_an_answer(api, post, monkeypatch):
    post("something")
    monkeypatch.setattr(search, "in_text", lambda *args: run(ENDLESS))
    response = api.get("/api/comments?search=something")
    assert (response.status_code, response.json()["code"]) == (503, "too_costly")
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"


def test_R15_the_page_says_so_too(api, post, monkeypatch):
    post()
    monkeypatch.setattr(CommentQuerySet, "newest", lambda rows, count: run(ENDLESS))
    response = api.get("/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("query", ["", "&after=1"])
def test_other_failures_of_the_database_are_not_taken_for_costly_reads(api, post, monkeypatch, query):
    from django.db import OperationalError

    def fail(*args, **options):
        raise OperationalError("gone")

    monkeypatch.setattr(search, "in_text", fail)
    assert api.get(f"/api/comments?search=x{query}").json()["code"] == "unavailable"
