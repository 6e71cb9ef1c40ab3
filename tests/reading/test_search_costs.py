"""What a search costs in a large stream. It has a file of its own, for the stream is there until the file ends."""

from urllib.parse import quote

import pytest
from django.db import connection

from comments.reading import table
from comments.wire.params import ListParams
from tests.support.plans import SEARCHED, large_history, plan_of, row, statements_of

pytestmark = pytest.mark.django_db

ROWS = 20_000
TERMS_AND_HITS = {"number": ROWS, "number 19": 1111, "number 777.": 1, "nowhere": 0, "日本": 20, "!!!": 20}


@pytest.fixture(scope="module")
def large_stream(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), large_history(ROWS, line):
        yield


def line(n: int) -> dict:
    return row(n, text=f"number {n}." + (" 日本!!!" if n % 1000 == 7 else ""))


@pytest.mark.parametrize("domain", ["all", "small.example", "large.example"])
@pytest.mark.parametrize("term", TERMS_AND_HITS)
def test_no_search_scans(large_stream, term, domain):
    params = ListParams.of(f"search={quote(term)}&domain={domain}")
    read = statements_of(lambda: table.newest(50, None, 0, params.as_q(), [term]), SEARCHED)
    assert read
    for sql in read:
        plan = plan_of(sql)
        for scanned in ("Seq Scan", "SCAN comments_comment", "SCAN comments_words", "SCAN U0"):
            assert scanned not in plan, (sql, plan)
        if "comments_grams" in sql and connection.vendor == "postgresql":
            assert "comments_words_grams" in plan, plan


@pytest.mark.parametrize("term", TERMS_AND_HITS)
def test_the_large_stream_is_searched_right(large_stream, term):
    hits = [n for n in range(ROWS) if term in line(n)["text"]]
    assert len(hits) == TERMS_AND_HITS[term]
    page = table.newest(50, containing=[term])
    assert [comment.id for comment in page.comments] == [f"row-{n}" for n in hits[-50:]]
    assert page.has_more == (len(hits) > 50)
