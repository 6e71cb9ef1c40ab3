"""A database that stores nothing is told from one that does not answer, and nobody is told a success."""

import sqlite3
from itertools import takewhile

import pytest
from django.db import InternalError, OperationalError, ProgrammingError, connection

from comments.outage import database, is_unwritable, storing
from comments.writing.bans import BanQuerySet

HELLO = {"text": "Hello", "username": "Ada"}
LONG = "".join(map(chr, range(0x4E00, 0x4E00 + 990)))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_away():
    yield
    storing.broken.clear(), database.broken.clear()


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("config.getoption('postgres')", reason="SQLite's own limit")
def test_a_database_that_may_grow_no_more_stores_nothing_and_says_so_once(api, no_limits, caplog):
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # other tests may have left much room
        [most] = cursor.execute("PRAGMA max_page_count").fetchone()
        cursor.execute("PRAGMA max_page_count=1")
        filling = (api.post({**HELLO, "text": f"{number} {LONG}"}) for number in range(1000))
        until_full = list(takewhile(lambda answer: answer.status_code == 201, filling))
        answers = [*until_full, *(api.post({**HELLO, "text": LONG}) for _ in range(3))]
        cursor.execute(f"PRAGMA max_page_count={most}")
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} >= {(503, "unwritable")}
    assert api.get("/api/ready").json() == {"status": "read_only"}
    assert len([record for record in caplog.records if "stores nothing" in record.message]) == 1


@pytest.mark.parametrize("kind", [OperationalError, InternalError, ProgrammingError])
def test_a_page_of_the_desk_says_that_it_is_away_and_not_that_something_went_wrong(kind, desk, monkeypatch):
    def away(*_):
        raise kind("away")

    monkeypatch.setattr(BanQuerySet, "running", away)
    answer = desk.get("/admin/bans/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


@pytest.mark.once
def test_what_a_lock_says_is_no_full_disk():
    locked = OperationalError("database is locked")
    locked.__cause__ = sqlite3.OperationalError("database is locked")
    assert not is_unwritable(locked)
