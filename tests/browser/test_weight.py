"""What a first visit costs, as bin/serve sends it; and that the page stays where the visitor asked to be."""

import gzip
import json
import random
import re

import pytest
from playwright.sync_api import expect

from comments.text.color import for_name
from tests.browser.conftest import UNLIMITED, history, import_into, moderate
from tests.browser.test_scrolling import numbers

SENTENCE = "what does a stream of many people say in a while when each of them has something of their own to tell"
AT_MOST_BYTES = 60_000
AT_MOST_REQUESTS = 12


@pytest.fixture(scope="module")
def served_site(make_server):
    """As bin/serve prepares it, with a stream of 2,400 comments of various words."""
    server = make_server("sqlite", **UNLIMITED)
    comments = history(2400)
    for number, comment in enumerate(comments):
        words = random.Random(number).choices(SENTENCE.split(), k=4 + number % 23)
        comment |= {"text": f"{' '.join(words)} {number}", "color": for_name(f"someone {number}")}
    with server:
        import_into(server, comments)
        yield server


VIEW = "/#u=user%201+user%202&-word=zzz&mt=human&filteractive=true"


@pytest.fixture
def sent(visit):
    return visit("/")


@pytest.fixture
def visit(arrive, served_site):
    """A first visit until the page can be used: what was sent for each address, `{path: (bytes, encoding)}`."""
    return lambda address: visit_of(arrive(served_site), served_site, address)


def visit_of(visitor, served_site, address: str) -> dict:
    network = visitor.context.new_cdp_session(visitor.page)
    paths, sizes, encodings = {}, {}, {}
    network.on("Network.requestWillBeSent", lambda event: paths.update({event["requestId"]: event["request"]["url"]}))
    network.on("Network.responseReceived", lambda event: encodings.update({event["requestId"]: headers_of(event)}))
    network.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    network.send("Network.enable")
    visitor.opens(address).is_live()
    visitor.page.wait_for_load_state("networkidle")
    return {
        path.removeprefix(served_site.url): (sizes.get(id, 0), encodings.get(id))
        for id, path in paths.items()
        if not path.startswith("data:")
    }


def headers_of(event) -> str | None:
    return {name.lower(): value for name, value in event["response"]["headers"].items()}.get("content-encoding")


def test_a_first_visit_is_light_and_takes_few_requests(sent):
    assert len(sent) <= AT_MOST_REQUESTS, sent
    assert sum(size for size, _ in sent.values()) <= AT_MOST_BYTES, sent
    assert sum(size for size, _ in sent.values()) > 20_000, "the whole page was counted"


def test_a_first_visit_to_a_view_is_light_too(visit):
    sent = visit(VIEW)
    assert [path for path in sent if path.startswith("/api/comments?") and "view=" not in path] == []
    assert len(sent) <= AT_MOST_REQUESTS, sent
    assert sum(size for size, _ in sent.values()) <= AT_MOST_BYTES, sent


def test_html_script_and_styles_are_compressed(sent):
    encodings = {re.sub(r"\.[0-9a-f]{12}", "", path): encoding for path, (_, encoding) in sent.items()}
    for path in ("/", "/static/js/linked.js", "/static/css/linked.css", "/static/favicon.svg"):
        assert encodings[path] == "gzip", encodings


def test_the_comments_of_the_page_are_not_sent_again(sent):
    assert [path for path in sent if path.startswith("/api/comments")] == []


def test_a_collected_file_is_compressed_once_and_is_the_same(served_site):
    path = re.search(r'src="(/static/js/[^"]+)"', served_site.get("/").text)[1]
    packed = served_site.get(path, **{"Accept-Encoding": "gzip"})
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == served_site.get(path).body


def test_page_and_feed_name_the_version_of_the_collected_files_R71(served_site):
    build = json.loads((served_site.folder / "static/staticfiles.json").read_text())["hash"]
    assert f'data-build="{build}"' in served_site.get("/").text
    assert served_site.get("/api/changes?after=0&limit=1").json()["build"] == build


def test_the_linked_script_does_all_that_the_modules_do(arrive, served_site):
    visitor = arrive(served_site).opens().is_live().is_named("Ada")
    visitor.says("by the linked script")
    visitor.sees("by the linked script")
    served_site.post({"text": "from somewhere else", "username": "Eve"})
    visitor.sees("from somewhere else")
    visitor.scrolls_to(100_000)
    expect(visitor.page.locator("#comments .comment")).not_to_have_count(50)


# Where the visitor asked to be


@pytest.fixture(scope="module")
def long_site(make_server):
    with make_server("sqlite", **UNLIMITED) as server:
        import_into(server, history(1200))
        yield server


def timestamp_of(site, number: int) -> int:
    return site.get(f"/api/comments/history-{number}").json()["timestamp"]


def test_an_older_page_stays_where_it_was_asked_for_P1(arrive, long_site):
    before = timestamp_of(long_site, 600)
    visitor = arrive(long_site).opens(f"/?before={before}").is_live()
    expect(visitor.comment("comment 599")).to_be_in_viewport()
    visitor.waits_for("() => document.querySelectorAll('#comments .comment').length > 50")
    expect(visitor.comment("comment 599")).to_be_in_viewport()
    shown = numbers(visitor)
    assert shown == list(range(shown[0], shown[-1] + 1))
    assert 1199 not in shown
    visitor.page.get_by_role("button", name="Newest").click()
    expect(visitor.comment("comment 1199")).to_be_in_viewport()


@pytest.mark.parametrize("number", [3, 400, 1160, 1190])
def test_an_address_of_a_comment_leads_to_it_with_what_stands_around_it_P31(arrive, long_site, number):
    visitor = arrive(long_site).opens(f"/#comment-history-{number}").is_live()
    asked = visitor.page.locator(f"#comment-history-{number}")
    expect(asked).to_be_in_viewport()
    expect(asked).to_have_class(re.compile("comment--asked"))
    expect(visitor.comment(f"comment {number + 1}")).to_be_in_viewport()
    expect(visitor.comment(f"comment {number - 1}")).to_be_in_viewport()
    long_site.post({"text": f"beside {number}", "username": "Eve"})
    expect(visitor.page.locator("#pill")).to_contain_text("new comment", timeout=8000)
    expect(asked).to_be_in_viewport()
    assert visitor.page.url.endswith(f"#comment-history-{number}")


def test_an_address_that_is_followed_on_the_page_leads_there_too_P30(arrive, long_site):
    visitor = arrive(long_site).opens().is_live()
    visitor.page.evaluate("location.hash = 'comment-history-200'")
    expect(visitor.page.locator("#comment-history-200")).to_be_in_viewport()
    visitor.page.evaluate("location.hash = 'comment-history-900'")
    expect(visitor.page.locator("#comment-history-900")).to_be_in_viewport()
    visitor.page.go_back()
    expect(visitor.page.locator("#comment-history-200")).to_be_in_viewport()


@pytest.mark.parametrize("hash", ["comment-nobody", "comment-", "%E0%A4%A", "text", "comment-history-77"])
def test_an_address_of_nothing_is_ignored_and_said_so_P30_P31(arrive, long_site, hash):
    if hash == "comment-history-77":
        moderate(long_site, "hide", "history-77")
    visitor = arrive(long_site)
    visitor.expects_failing_requests()
    visitor.opens(f"/#{hash}").is_live()
    expect(visitor.comment("comment 1199")).to_be_in_viewport()
    if hash.startswith("comment-"):
        expect(visitor.page.locator("#said")).to_contain_text("The comment that this address names cannot be shown")
