"""The fast lane: another door to the same answers."""

import asyncio
import json
from ipaddress import ip_network
from unittest import mock
from urllib.parse import quote

import pytest
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.api import fastlane
from comments.api.caller import is_trusted, joined
from comments.api.fastlane import FastLane, fixed_headers
from comments.models import Comment, StreamClock
from comments.reading import news
from comments.reading.news import News
from comments.reading.readers import readers
from comments.reading.tail import tail
from comments.stream import clock
from tests.support.cast import VISITOR

pytestmark = pytest.mark.django_db(transaction=True)

PASSED_ON = object()


@pytest.fixture(autouse=True)
def readers_do_not_change_between_two_doors(monkeypatch):
    monkeypatch.setattr(readers, "count", lambda: 12)


@pytest.fixture(autouse=True)
def headers_of_this_test():
    """Settings change between tests, and never while a site runs."""
    for kept in (is_trusted, fixed_headers, fastlane._Middleware.loaded):
        kept.cache_clear()
    yield
    fastlane._Middleware.loaded.cache_clear()


@pytest.fixture
def fast_lane():
    """Asks the fast lane; returns status, headers and body, or PASSED_ON if Django is left to answer."""

    def ask(
        path: str, query: str = "", scheme: str = "http", method: str = "GET", address: str = VISITOR, **headers: str
    ):
        sent = []

        async def django(*untouched):
            assert untouched == (scope, None, send)
            sent.append(PASSED_ON)

        async def send(message):
            sent.append(message)

        headers = {"host": "testserver", **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode("latin-1"),
            "scheme": scheme,
            "client": (address, 50000),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        }
        asyncio.run(FastLane(django, News(tail))(scope, None, send))
        if sent[0] is PASSED_ON:
            return PASSED_ON
        start, body = sent
        return start["status"], sorted((n.decode(), v.decode()) for n, v in start["headers"]), body["body"]

    return ask


def djangos(path: str, query: str = "", scheme: str = "http", **headers: str):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Client().get(f"{path}?{query}" if query else path, secure=scheme == "https", headers=headers)
    own = sorted((name.lower(), value) for name, value in response.items())
    return (
        response.status_code,
        [pair for pair in own if response.status_code == 200 or pair[0] != "content-length"],
        response.content,
    )


NUMBERS = st.sampled_from(
    ["0", "1", "2", "3", "50", "200", "201", "500", "1000", "1001", "-1", "x", "", "٣", str(2**53)]
)
MOMENTS = st.sampled_from(["first", "middle", "last", "0", "1", str(2**53 - 1)])
QUERIES = st.lists(
    st.one_of(
        st.tuples(st.just("limit"), NUMBERS),
        st.tuples(st.sampled_from(["after", "after", "before"]), MOMENTS),
        st.tuples(st.just("offset"), NUMBERS),
        st.tuples(st.just("domain"), st.sampled_from(["all", "a.example", "b.example", "none.example", ""])),
        st.tuples(st.just("type"), st.sampled_from(["human", "AI", "robot"])),
        st.tuples(st.just("order"), st.sampled_from(["asc", "desc", "up"])),
        st.tuples(st.just("fresh"), st.sampled_from(["true", "false", "1"])),
        st.tuples(st.just("search"), st.sampled_from(["number 1", "é", ""])),
        st.tuples(st.just("uss"), st.sampled_from(["Ada", "Ada+Bob"])),
        st.tuples(st.just("since"), st.just("1")),
    ),
    max_size=4,
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "accept_encoding": st.sampled_from(["gzip", "gzip;q=0", "br, gzip", "*", "identity", "*, gzip;q=0"]),
        "if_none_match": st.sampled_from(["*", '"x"', 'W/"x", "y"', "same", "weak", "broken"]),
        "cookie": st.just("sessionid=x; csrftoken=y"),
        "host": st.sampled_from(["testserver", "localhost", "evil.example"]),
    },
)


@pytest.fixture
def stream(post, settings):
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    comments = [
        post(f"number {n} " + "x" * 90, domain="ab"[n % 2] + ".example", username=["Ada", "Bob"][n % 2])
        for n in range(24)
    ]
    Comment.objects.filter(pk__in=[comment.pk for comment in comments[4:8]]).hide()
    return comments


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(["/api/comments", "/api/changes"]),
    query=QUERIES,
    headers=HEADERS,
    scheme=st.sampled_from(["http", "https"]),
)
def test_both_doors_give_the_same_status_headers_and_body(stream, fast_lane, path, query, headers, scheme):
    known = "version" if path == "/api/changes" else "timestamp"
    moments = {"first": stream[0], "middle": stream[12], "last": stream[-1]}
    query = [(name, str(getattr(moments[value], known)) if value in moments else value) for name, value in query]
    query_string = "&".join(f"{name}={quote(value)}" for name, value in query)
    if headers.get("if_none_match") in ("same", "weak"):
        tag = Client().get(f"{path}?{query_string}").get("ETag", '"none"')
        headers = {**headers, "if_none_match": tag if headers["if_none_match"] == "same" else f"W/{tag}"}
    taken = fast_lane(path, query_string, scheme, **headers)
    if taken is not PASSED_ON:
        assert taken == djangos(path, query_string, scheme, **headers)


def test_the_hot_reads_are_taken(stream, fast_lane):
    for path, query in [
        ("/api/comments", ""),
        ("/api/comments", "limit=500"),
        ("/api/comments", "limit=20&domain=all&sort=timestamp&order=desc&fresh=true"),
        ("/api/comments", f"after={stream[12].timestamp}&limit=200&fresh=true"),
        ("/api/changes", f"after={stream[12].version}"),
        ("/api/changes", "after=0&domain=a.example"),
    ]:
        assert fast_lane(path, query)[0] == 200, (path, query)


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        ("/", "", {}),
        ("/api/stats", "", {}),
        ("/api/comments/health", "", {}),
        ("/api/comments", "search=x", {}),
        ("/api/comments", "uss=Ada", {}),
        ("/api/comments", f"after={2**53 - 1}", {}),
        ("/api/comments", f"before={2**53 - 1}", {}),
        ("/api/comments", "since=1", {}),
        ("/api/changes", "", {}),
        ("/api/changes", f"after={2**53 - 1}", {}),
        ("/api/changes", "after=0", {"authorization": "Bearer x"}),
        ("/api/changes", "after=0", {"host": "evil.example"}),
    ],
)
def test_the_rest_is_left_to_django(stream, fast_lane, path, query, headers):
    assert fast_lane(path, query, **headers) is PASSED_ON


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "PUT"])
def test_only_get_is_taken(stream, fast_lane, method):
    assert fast_lane("/api/comments", method=method) is PASSED_ON


def test_bots_by_network_are_left_to_django_and_nobody_else_is(stream, fast_lane, settings):
    settings.TRUSTED_BOT_NETWORKS = [ip_network("198.51.100.0/24"), ip_network("2001:db8::/32")]
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    assert fast_lane("/api/comments", address="198.51.100.7") is PASSED_ON
    assert fast_lane("/api/comments", address="10.0.0.1", x_forwarded_for="2001:db8::5") is PASSED_ON
    assert fast_lane("/api/comments", address="10.0.0.1", x_forwarded_for="9.9.9.9, 198.51.100.7:80") is PASSED_ON
    assert fast_lane("/api/comments")[0] == 200
    assert fast_lane("/api/comments", x_forwarded_for="198.51.100.7")[0] == 200  # which anybody may write
    assert fast_lane("/api/comments", address="10.0.0.1", x_forwarded_for="198.51.100.7, 203.0.113.9")[0] == 200
    assert fast_lane("/api/changes", f"after={stream[-1].version - 1}&wait=5")[0] == 200


@pytest.fixture
def behind_tls(settings):
    """A proxy of ours takes what comes by HTTPS and passes it on."""
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")


def test_what_came_to_the_proxy_by_https_is_answered_and_all_else_left_to_django(stream, fast_lane, behind_tls):
    assert fast_lane("/api/comments", x_forwarded_proto="https")[0] == 200
    assert fast_lane("/api/comments", x_forwarded_proto="http") is PASSED_ON
    assert fast_lane("/api/comments") is PASSED_ON


def test_who_asks_the_same_by_another_scheme_is_told_what_holds_for_that(stream, fast_lane, settings):
    settings.SECURE_HSTS_SECONDS = 60
    told = [dict(fast_lane("/api/comments", scheme=scheme)[1]) for scheme in ("http", "https")]
    assert ["strict-transport-security" in headers for headers in told] == [False, True]


def test_who_asks_the_same_later_is_told_how_many_read_by_then(stream, fast_lane, monkeypatch):
    told = []
    for count in (12, 30):
        monkeypatch.setattr(readers, "count", lambda count=count: count)
        told.append(json.loads(fast_lane("/api/changes", f"after={stream[-1].version - 1}")[2])["readers"])
    assert told == [12, 30]


def test_who_polls_is_counted_and_neither_who_waits_nor_who_asks_for_the_list(stream, fast_lane, monkeypatch):
    polled = []
    monkeypatch.setattr(readers, "polled", lambda: polled.append(1))
    behind = f"after={stream[-1].version - 1}"
    for path, query in (("/api/comments", ""), ("/api/changes", f"{behind}&wait=5"), ("/api/comments", "after=1")):
        fast_lane(path, query)
    assert polled == []
    fast_lane("/api/changes", behind)
    assert polled == [1]


# A database that does not answer


@pytest.fixture
def away(monkeypatch):
    def away() -> None:
        monkeypatch.setattr(StreamClock, "now", mock.Mock(side_effect=OperationalError("secret detail")))

    return away


@pytest.mark.parametrize(("path", "query"), [("/api/changes", "after=0"), ("/api/comments", "fresh=true")])
def test_R15_the_fast_lane_says_503_itself_in_the_words_of_django(stream, fast_lane, away, path, query):
    """Django would ask the database again, and wait for it again."""
    away()
    status, headers, body = fast_lane(path, query)
    assert (status, json.loads(body)["code"]) == (503, "unavailable")
    assert ("retry-after", "5") in headers and ("cache-control", "no-store") in headers
    theirs = djangos(path, query)
    assert (status, body) == (theirs[0], theirs[2])
    assert [pair for pair in headers if pair[0] != "content-length"] == theirs[1]


def test_R15_a_list_is_given_as_it_was_a_moment_ago_and_a_fresh_one_is_not(stream, fast_lane, away):
    before = fast_lane("/api/comments")
    away()
    assert fast_lane("/api/comments") == before
    assert fast_lane("/api/comments", "fresh=true")[0] == 503


def test_R15_a_long_poll_whose_time_is_up_asks_the_table_once_more_before_it_says_that_there_is_nothing(
    stream, fast_lane, away, monkeypatch
):
    waits = fastlane.FastLane._news_for

    async def until_the_database_is_gone(*waiting):
        away()
        return await waits(*waiting)

    monkeypatch.setattr(fastlane.FastLane, "_news_for", until_the_database_is_gone)
    cursor = StreamClock.now().version
    status, _, body = fast_lane("/api/changes", f"after={cursor}&wait=1")
    assert (status, json.loads(body)["code"]) == (503, "unavailable")


def test_who_waits_is_listened_for_and_for_as_long_as_it_asks(stream, fast_lane, monkeypatch):
    """As long as nobody listens nobody looks."""
    listeners, seconds = [], []
    waits, timeout = fastlane.FastLane._news_for, asyncio.timeout

    async def seen_to_wait(lane, *asked):
        listeners.append(lane.news.listeners)
        return await waits(lane, *asked)

    def for_so_long(delay):
        seconds.append(delay)
        return timeout(0)

    monkeypatch.setattr(fastlane.FastLane, "_news_for", seen_to_wait)
    monkeypatch.setattr(fastlane.asyncio, "timeout", for_so_long)
    assert fast_lane("/api/changes", f"after={StreamClock.now().version}&wait=7")[0] == 200
    assert (listeners, seconds) == ([1], [7])


def test_who_waits_is_told_how_many_read_and_an_idle_poll_is_kept_small(stream, fast_lane):
    head = f"after={StreamClock.now().version}"
    told = [json.loads(fast_lane("/api/changes", question)[2]) for question in (head, f"{head}&wait=1", head)]
    assert ["readers" in envelope for envelope in told] == [False, True, False]


def test_a_long_poll_whose_time_is_up_tells_of_what_nobody_hinted_at(stream, fast_lane, post, monkeypatch):
    """The last look finds it, if the ticks and the hints did not."""
    monkeypatch.setattr(news, "SAFETY_TICK_SECONDS", 1000)
    waits = fastlane.FastLane._news_for

    async def while_somebody_posts(*waiting):
        await asyncio.to_thread(post, "unheard of")
        return await waits(*waiting)

    monkeypatch.setattr(fastlane.FastLane, "_news_for", while_somebody_posts)
    monkeypatch.setattr(clock, "after_commit", [])
    cursor = StreamClock.now().version
    _, _, body = fast_lane("/api/changes", f"after={cursor}&wait=1")
    assert [change["text"] for change in json.loads(body)["changes"]] == ["unheard of"]


def test_news_that_come_right_after_a_long_poll_has_looked_wake_it(stream, fast_lane, monkeypatch):
    monkeypatch.setattr(news, "SAFETY_TICK_SECONDS", 1000)
    waits, told = fastlane.FastLane._news_for, []

    async def overtaken(lane, *waiting):
        looks = iter([True, False])

        def look(*question) -> bool:
            asyncio.get_running_loop().call_soon(lane.news.wake)
            return next(looks)

        monkeypatch.setattr(fastlane, "has_nothing", look)
        told.append(await waits(lane, *waiting))
        return told[0]

    monkeypatch.setattr(fastlane.FastLane, "_news_for", overtaken)
    fast_lane("/api/changes", f"after={StreamClock.now().version}&wait=10")
    assert told


def test_a_bot_does_not_wait_when_there_is_what_only_bots_are_told(stream, fast_lane, monkeypatch):
    waiting = mock.AsyncMock(side_effect=TimeoutError)
    monkeypatch.setattr(fastlane.FastLane, "_news_for", waiting)
    question = f"after={StreamClock.now().version}&wait=10"
    assert fast_lane("/api/changes", question, authorization="Bearer x") is PASSED_ON
    Comment.objects.visible().edit_bot_params(lambda params: {**params, "processed": True})
    assert fast_lane("/api/changes", question, authorization="Bearer x") is PASSED_ON
    assert waiting.await_count == 1


def test_a_header_that_stands_there_twice_is_read_whole(stream):
    tag = Client().get("/api/comments")["ETag"]
    headers = [(b"host", b"testserver"), (b"if-none-match", tag.encode()), (b"if-none-match", b'"another"')]
    assert joined(headers) == {b"host": b"testserver", b"if-none-match": f'{tag},"another"'.encode()}
    assert joined(headers[:2]) == dict(headers[:2])
