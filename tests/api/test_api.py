"""The wire, as only the inside can show it: what a read costs, a database that fails, a clock that stands still,
moderators, settings, history; and what the site's documents say in their headers.

What any client can see of the wire is stated in tests/conformance, and asked in this process by test_contract.py.
"""

from unittest import mock

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse

from comments.api.middleware import public_routes
from comments.history import importing
from comments.models import Comment
from comments.stream.clock import StreamClock, WallClock

HELLO = {"text": "Hello", "username": "Ada"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def comments(post):
    """25 comments in the stream."""
    return [post(f"number {n}") for n in range(25)]


def texts(comments: list[dict]) -> list[str]:
    return [comment["text"] for comment in comments]


# What a read costs


def test_R12_fresh_reads_the_table_on_both_forms(api, post, django_assert_num_queries):
    for path in ("/api/comments?limit=500&fresh=true", "/api/comments?after=0&fresh=true"):
        api.get(path)
        comment = post()
        with django_assert_num_queries(3):  # the clock, and in one moment the clock and what is new
            assert comment.id in api.get(path).content.decode()


def test_stats_count_without_a_scan(api, comments, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert api.get("/api/stats").json() == {
            "totalMessages": 25,
            "latestTimestamp": comments[-1].timestamp,
            "cursor": comments[-1].version,
        }


# The clock, moderators, history


def stop_wall_clock(monkeypatch, at_us: int) -> None:
    monkeypatch.setattr(WallClock, "as_sqlite", lambda self, *_: (str(at_us), []))
    monkeypatch.setattr(WallClock, "as_postgresql", lambda self, *_: (str(at_us), []))


def test_R01_comments_of_one_millisecond_are_each_delivered_once(api, post, changes, monkeypatch):
    stop_wall_clock(monkeypatch, 1795000000000000)
    ids = [post(str(n)).id for n in range(120)]
    assert drained(lambda after: api.get(f"/api/comments?after={after}&limit=50").json(), "timestamp") == ids
    assert drained(lambda after: changes(after, limit=50)["changes"], "version") == ids


def drained(ask, cursor: str) -> list[str]:
    seen, after = [], 0
    while page := ask(after):
        seen += page
        after = page[-1][cursor]
    return [comment["id"] for comment in seen]


def test_a_cursor_outlives_the_restore_of_an_older_backup(api, comments, changes, post, monkeypatch):
    ahead = comments[-1].version
    stop_wall_clock(monkeypatch, ahead + 1_000_000)
    StreamClock.objects.update(version=comments[9].version, timestamp=comments[9].timestamp)
    assert (changes(ahead)["changes"], changes(ahead)["cursor"]) == ([], ahead)
    assert post("after the restore").version > ahead


@pytest.mark.parametrize("where", ["in memory", "in the table"])
def test_a_poll_may_end_before_a_time(where, api, comments, request):
    if where == "in the table":
        request.getfixturevalue("from_the_table")
    between = f"/api/comments?after={comments[2].timestamp}&before={comments[6].timestamp}"
    assert texts(api.get(between).json()) == ["number 3", "number 4", "number 5"]


def test_a_cursor_below_what_retention_forgot_is_too_old(api, comments):
    StreamClock.objects.update(floor=comments[5].version)
    first = StreamClock.HISTORY_END  # of the live stream
    asked = ((first - 1, 200), (first, 410), (comments[4].version, 410), (comments[5].version, 200), (0, 200))
    for cursor, status in asked:
        response = api.get(f"/api/changes?after={cursor}")
        assert response.status_code == status
    assert api.get(f"/api/changes?after={comments[4].version}").json()["code"] == "cursor_too_old"


@pytest.mark.parametrize("where", ["in memory", "in the table"])
def test_what_was_never_shown_is_told_to_no_reader_not_even_that_it_is_gone(where, held, post, changes, request):
    if where == "in the table":
        request.getfixturevalue("from_the_table")
    shown, gone, _ = post("shown"), held("gone"), held("waits")
    Comment.objects.filter(pk=gone.pk).hide()
    assert [change["id"] for change in changes()["changes"]] == [shown.id]


def test_hidden_comments_leave_readers_and_restored_ones_return(api, changes, comments):
    cursor = changes(0)["cursor"]
    hidden = Comment.objects.filter(pk=comments[3].id)
    hidden.hide()
    answer = changes(cursor)
    assert answer["changes"] == [{"id": comments[3].id, "version": answer["cursor"], "removed": True}]
    assert comments[3].text not in texts(api.get("/api/comments").json()["comments"])
    assert api.get("/api/comments").json()["total"] == 24
    hidden.restore()
    [returned] = changes(answer["cursor"])["changes"]
    assert (returned["id"], returned["timestamp"]) == (comments[3].id, comments[3].timestamp)
    assert texts(api.get("/api/comments").json()["comments"]) == [comment.text for comment in comments]


def test_a_filter_finds_a_domain_of_history_only_as_it_is_written(api):
    line = {"timestamp": 1, "username": "O", "text": "x", "domain": "Old"}
    importing.store([(1, importing.LineReader().comment(line))])
    for written, found in (("Old", 1), ("old", 0), ("OLD", 0)):
        assert len(api.get(f"/api/comments?domain={written}").json()["comments"]) == found


# What fails


@pytest.mark.parametrize("error", [OperationalError("connection refused to 10.0.0.1"), InterfaceError("closed")])
@pytest.mark.parametrize(
    "path",
    [
        "/api/comments",
        "/api/comments?after=0",
        "/api/changes?after=0",
        "/api/stats",
        "/api/comments/health",
        "/api/comments/x",
    ],
)
def test_R15_a_database_that_does_not_answer_is_503_and_never_no_news(api, path, error):
    with mock.patch("django.db.backends.utils.CursorWrapper.execute", side_effect=error):
        response = api.get(path)
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response["Retry-After"]) > 0
    assert "10.0.0.1" not in response.content.decode()


def test_R15_a_post_that_was_not_stored_is_not_acknowledged(api):
    with mock.patch("django.db.backends.utils.CursorWrapper.execute", side_effect=OperationalError("disk is full")):
        assert api.post(HELLO).status_code == 503
    assert api.get("/api/comments?fresh=true").json()["comments"] == []


def test_an_unexpected_failure_is_500_in_the_one_shape_without_internals(api):
    api.client.raise_request_exception = False
    with mock.patch("comments.api.reads.from_tail", side_effect=RuntimeError("secret detail")):
        response = api.get("/api/comments")
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "secret" not in response.content.decode()


# Headers


@pytest.mark.parametrize(("path", "sees"), [("/", False), ("/api/comments", False), ("/admin/", True)])
def test_nobody_but_the_desk_sees_a_cookie(path, sees, rf):
    seen = []

    def answered(request) -> HttpResponse:
        seen.append(("sessionid" in request.COOKIES, "HTTP_COOKIE" in request.META))
        return HttpResponse()

    public_routes(answered)(rf.get(path, headers={"cookie": "sessionid=x"}))
    assert seen == [(sees, sees)]


@pytest.mark.parametrize("path", ["/", "/api/docs"])
def test_documents_read_and_set_no_cookie(api, path):
    plain = api.get(path)
    with_cookies = api.get(path, cookie="sessionid=abc; csrftoken=broken; messages=x")
    for response in (plain, with_cookies):
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
    assert plain.status_code == with_cookies.status_code


@pytest.mark.parametrize("path", ["/", "/api/docs"])
def test_documents_have_the_security_headers(api, path):
    response = api.get(path)
    policy = response["Content-Security-Policy"]
    for directive in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert directive in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == ("same-origin" if path == "/" else "no-referrer")  # see comments.views
    assert response["Permissions-Policy"]
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_scripts_of_other_sites_may_read_how_long_to_wait_and_what_is_left(api, settings):
    settings.POSTS_PER_BURST = 1
    sent = {"text": "Hello", "username": "Ada"}
    posted, refused = api.post(sent), api.post(sent | {"text": "and again"})
    assert (posted.status_code, refused.status_code) == (201, 429)
    limits = "RateLimit-Policy, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
    assert posted["Access-Control-Expose-Headers"] == limits
    assert refused["Access-Control-Expose-Headers"].split(", ") == ["Retry-After", *limits.split(", ")]
    assert "Access-Control-Expose-Headers" not in api.get("/api/comments")
