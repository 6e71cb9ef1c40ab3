"""The language of views as the server has it; tests/browser/test_view_language.py has the same table in the script."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.folding import folded
from comments.history import importing
from comments.wire.views import View, parsed

TABLE = json.loads((Path(__file__).parent / "cases.json").read_text())
CASES = [pytest.param(case, id=case["says"]) for case in TABLE["cases"]]


@pytest.fixture
def said(db):
    """The comments of the table, in the stream."""
    read = importing.LineReader().comment
    importing.store([(number, read(comment)) for number, comment in enumerate(TABLE["comments"], 1)])


def ids_in(response) -> list[str]:
    shown = response.content.decode().split("<template")[0]
    return re.findall(r'<li class="comment[^>]* id="comment-([^"]+)"', shown)


def as_browsers_ask(address: str) -> str:
    return quote(address, safe="%&+=:\\'()*,")


@pytest.mark.once
@pytest.mark.parametrize("case", CASES)
def test_an_address_means_what_the_table_says(case):
    view = parsed(case["address"])
    assert view.written() == case["written"]
    assert view.broken == case["broken"]
    assert parsed(view.written()).written() == view.written()


@pytest.mark.parametrize("case", CASES)
def test_page_and_api_show_the_same_set_R27_R29(api, said, case):
    """The API refuses what is broken in an address, so it is asked for what remains."""
    view = parsed(case["written"])
    view.others = []
    assert ids_in(api.get(f"/?{as_browsers_ask(case['address'])}")) == case["shown"]
    listed = api.get(f"/api/comments?view={quote(view.written())}").json()
    assert [comment["id"] for comment in listed["comments"]] == case["shown"]
    polled = api.get(f"/api/comments?after=5&view={quote(view.written())}").json()
    assert [comment["id"] for comment in polled] == case["shown"]


def test_a_view_is_read_page_by_page(api, said):
    shown, before = [], ""
    while True:
        page = api.get(f"/api/comments?limit=2{before}&view={quote('word=hello+мир&-u=bob')}").json()
        shown = [comment["id"] for comment in page["comments"]] + shown
        if not page["hasMore"]:
            break
        before = f"&before={page['comments'][0]['timestamp']}"
    assert shown == ["alice", "alice-blue", "olga", "bot"]


@pytest.mark.parametrize("view", ["word=%FF", "x=1", "u=a:999999999", "mt=robots", "from=2018-02-30"])
def test_a_program_is_told_what_it_asks_for_in_vain_R11(api, db, view):
    response = api.get(f"/api/comments?view={quote(view)}")
    assert (response.status_code, response.json()["code"]) == (422, "invalid_view")


def test_the_page_says_what_it_has_left_out_R32(api, said):
    html = api.get("/?u=bob&from=2018-02-30&word=%00").content.decode()
    assert "Left out of this address, because it cannot be read: from=2018-02-30" in html


def test_older_pages_keep_the_view_and_show_everything_leaves_it_P34(api, post):
    for number in range(120):
        post(f"{'odd' if number % 2 else 'even'} {number}", "Ada" if number % 3 else "Eve")
    response, shown = api.get("/?word=odd&u=ada"), []
    while True:
        html = response.content.decode()
        assert 'href="/">Show everything</a>' in html
        shown = ids_in(response) + shown
        older = re.search(r'href="(\?[^"]*before=[0-9]+)"', html)
        if not older:
            break
        response = api.get(f"/{older[1].replace('&amp;', '&')}")
    assert len(shown) == len(set(shown)) == len([n for n in range(120) if n % 2 and n % 3])


ANYTHING = st.text(st.sampled_from("u-wordmtfsearch=&+:%25FF0\\\0\udcff\ufdd1é日1é2- #?"), max_size=60) | st.text(
    max_size=60
)


@given(ANYTHING)
def test_no_address_raises_and_what_is_written_means_the_same_R32(address):
    view = parsed(address)
    again = parsed(view.written())
    assert again.written() == view.written()
    assert [again.users, again.words, again.search] == [view.users, view.words, view.search]


@pytest.mark.once
def test_folding_knows_no_case_no_width_and_no_way_of_composing():
    assert folded("ﾀｲﾜｰ ΌΣΟΣ STRASSE é") == folded("タイワー όσος straße e\u0301")
    assert View().is_everything
