"""The wire: shapes, orders, parameters and errors, as clients see them."""

import json
import time
from unittest import mock
from urllib.parse import quote

import pytest
from django.db import InterfaceError, OperationalError

from comments.history import importing
from comments.models import Comment
from comments.stream.clock import StreamClock, WallClock

HELLO = {"text": "Hello", "username": "Ada"}
PUBLIC_FIELDS = {
    "id",
    "text",
    "timestamp",
    "username",
    "color",
    "domain",
    "language",
    "message-type",
    "misc",
    "replyTo",
    "staff",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def comments(post):
    """25 comments in the stream."""
    return [post(f"number {n}") for n in range(25)]


def texts(comments: list[dict]) -> list[str]:
    return [comment["text"] for comment in comments]


# Shapes and orders


def test_R16_the_list_is_an_object_with_the_newest_oldest_first(api, comments):
    answer = api.get("/api/comments?limit=3").json()
    assert set(answer) == {"comments", "total", "hasMore", "cursor"}
    assert texts(answer["comments"]) == ["number 22", "number 23", "number 24"]
    assert (answer["total"], answer["hasMore"], answer["cursor"]) == (25, True, comments[-1].version)
    assert all(set(comment) == PUBLIC_FIELDS for comment in answer["comments"])


def test_R16_the_poll_is_a_bare_array_oldest_first(api, comments):
    answer = api.get(f"/api/comments?after={comments[9].timestamp}&limit=3&fresh=true").json()
    assert texts(answer) == ["number 10", "number 11", "number 12"]
    assert all(set(comment) == PUBLIC_FIELDS for comment in answer)


def test_R16_the_change_feed_is_an_envelope(changes, comments):
    answer = changes(comments[9].version, limit=2)
    assert set(answer) == {"after", "cursor", "changes", "hasMore", "pollAfterMs", "readers"}
    assert (answer["after"], answer["cursor"], answer["hasMore"]) == (comments[9].version, comments[11].version, True)
    assert [change["version"] for change in answer["changes"]] == [comments[10].version, comments[11].version]
    assert all(set(change) == PUBLIC_FIELDS | {"version"} for change in answer["changes"])


def test_the_list_has_50_unless_asked_and_the_poll_200(api, post):
    for n in range(201):
        post(str(n))
    assert len(api.get("/api/comments").json()["comments"]) == 50
    assert texts(api.get("/api/comments?after=0").json()) == [str(n) for n in range(200)]


def test_order_is_presentation_only(api, comments):
    ascending = api.get("/api/comments?limit=5&sort=timestamp&order=asc").json()["comments"]
    assert api.get("/api/comments?limit=5&sort=timestamp&order=desc").json()["comments"] == ascending[::-1]


def test_before_walks_back_through_everything_exactly_once(api, comments):
    walked, before = [], ""
    while True:
        answer = api.get(f"/api/comments?limit=4{before}").json()
        walked = answer["comments"] + walked
        if not answer["hasMore"]:
            break
        before = f"&before={answer['comments'][0]['timestamp']}"
    assert texts(walked) == [comment.text for comment in comments]


def test_offset_skips_the_newest(api, comments):
    assert texts(api.get("/api/comments?limit=2&offset=5").json()["comments"]) == ["number 18", "number 19"]


def test_the_first_versions_bot_gets_what_it_asks_for(api, comments):
    query = "limit=20&domain=all&sort=timestamp&order=desc&fresh=true"
    answer = api.get(f"/api/comments?{query}").json()
    assert texts(answer["comments"]) == [comment.text for comment in comments[:4:-1]]


def test_R12_fresh_reads_the_table_on_both_forms(api, post, django_assert_num_queries):
    for path in ("/api/comments?limit=500&fresh=true", "/api/comments?after=0&fresh=true"):
        api.get(path)
        comment = post()
        with django_assert_num_queries(3):  # the clock, and in one moment the clock and what is new
            assert comment.id in api.get(path).content.decode()


# Cursors


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


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_R04_more_changes_than_the_limit_are_drained_oldest_first_and_say_that_more_follows(changes, comments, limit):
    seen, cursor, has_more = [], 0, True
    while has_more:
        answer = changes(cursor, limit=limit)
        seen += texts(answer["changes"])
        cursor, has_more = answer["cursor"], answer["hasMore"]
    assert seen == [comment.text for comment in comments]
    assert cursor == StreamClock.now().version


def test_the_cursor_of_a_list_continues_without_gap_or_overlap(api, post, changes, comments):
    cursor = api.get("/api/comments?limit=500").json()["cursor"]
    assert changes(cursor)["changes"] == []
    new = post("new")
    assert [change["id"] for change in changes(cursor)["changes"]] == [new.id]


def test_the_cursor_of_an_empty_stream_is_good(api, post, changes):
    cursor = api.get("/api/comments").json()["cursor"]
    first = post("first")
    assert [change["id"] for change in changes(cursor)["changes"]] == [first.id]


def test_R10_an_idle_poll_is_small_and_its_cursor_the_same_for_all(api, changes, comments):
    cursor = changes(0)["cursor"]
    response = api.get(f"/api/changes?after={cursor}")
    assert len(response.content) < 300
    assert (response.json()["changes"], response.json()["cursor"]) == ([], cursor)


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


def test_a_filtered_feed_moves_on_even_when_nothing_passes(changes, comments):
    answer = changes(0, domain="elsewhere.example", limit=10)
    assert (answer["changes"], answer["cursor"], answer["hasMore"]) == ([], comments[-1].version, False)
    answer = changes(0, type="AI", limit=10)
    assert (answer["changes"], answer["cursor"], answer["hasMore"]) == ([], comments[9].version, True)


def test_a_cursor_below_what_retention_forgot_is_too_old(api, comments):
    StreamClock.objects.update(floor=comments[5].version)
    for cursor, status in ((comments[4].version, 410), (comments[5].version, 200), (0, 200)):
        response = api.get(f"/api/changes?after={cursor}")
        assert response.status_code == status
    assert api.get(f"/api/changes?after={comments[4].version}").json()["code"] == "cursor_too_old"


def test_a_cursor_from_the_future_is_not_waited_for(api, comments):
    for cursor in (2**53 - 1, time.time_ns() // 1000 + 3_600_000_000):
        response = api.get(f"/api/changes?after={cursor}")
        assert (response.status_code, response.json()["code"]) == (422, "cursor_ahead")


def test_a_cursor_outlives_the_restore_of_an_older_backup(api, comments, changes, post, monkeypatch):
    ahead = comments[-1].version
    stop_wall_clock(monkeypatch, ahead + 1_000_000)
    StreamClock.objects.update(version=comments[9].version, timestamp=comments[9].timestamp)
    assert (changes(ahead)["changes"], changes(ahead)["cursor"]) == ([], ahead)
    assert post("after the restore").version > ahead


# Filters


def test_filters_work_on_both_forms(api, post, bot, changes):
    post("one", username="José", domain="a.example")
    post("two", username="日本", domain="b.example", color="255000000")
    post("three", username="日本", domain="b.example", color="#00ff00")
    post("Vier", bot=bot)
    cases = {
        "domain=b.example": ["two", "three"],
        "type=AI": ["Vier"],
        "type=human&domain=a.example": ["one"],
        "search=THR": ["three"],
        "uss=jos%C3%A9": ["one"],
        "uss=%E6%97%A5%E6%9C%AC": ["two", "three"],
        "uss=%E6%97%A5%E6%9C%AC:255000000": ["two"],
        "uss=jose": [],
        "uss=JOS%C3%89+echo": ["one", "Vier"],
        "uss=JOS%C3%89%2Becho": ["one", "Vier"],
        "domain=all": ["one", "two", "three", "Vier"],
    }
    for query, expected in cases.items():
        assert texts(api.get(f"/api/comments?{query}").json()["comments"]) == expected, query
        assert texts(api.get(f"/api/comments?after=0&{query}").json()) == expected, query
        if "uss" not in query and "search" not in query:
            assert texts(changes(0, **dict(part.split("=") for part in query.split("&")))["changes"]) == expected


@pytest.mark.parametrize("name", ["C++", "+", "Re:Zero", ":", "a\\b", "a\\", "\\+:", "x:1+y", "100%", "ä+ö"])
def test_every_name_has_a_spelling_among_the_users(api, post, name):
    post("wanted", username=name)
    post("other", username="Ada")
    post("part", username=name.strip("+:\\")[:1] or "p")
    escaped = name.replace("\\", "\\\\").replace("+", "\\+").replace(":", "\\:")
    for spelled in (quote(escaped, safe=""), quote(escaped, safe="+:\\")):
        assert texts(api.get(f"/api/comments?uss={spelled}").json()["comments"]) == ["wanted"]
        assert texts(api.get(f"/api/comments?uss={spelled}+Ada").json()["comments"]) == ["wanted", "other"]


def test_a_backslash_before_another_letter_is_one_of_the_name_as_in_old_links(api, post):
    post("shrug", username="¯\\_(ツ)_/¯", color="255000000")
    spelled = quote("¯\\_(ツ)_/¯", safe="")
    assert texts(api.get(f"/api/comments?uss={spelled}:255000000").json()["comments"]) == ["shrug"]


# Bad input

NONSENSE = [
    "",
    "-1",
    "abc",
    "٣",
    "+5",
    "%205",
    "5.0",
    "1e3",
    str(2**53),
    str(2**63),
    str(2**64),
    str(2**70),
    "9" * 5000,
]


@pytest.mark.parametrize("value", NONSENSE)
@pytest.mark.parametrize("name", ["after", "limit", "before", "offset"])
def test_R11_a_bad_number_is_refused_by_its_name_and_never_answered_with_everything_or_nothing(api, name, value):
    response = api.get(f"/api/comments?{name}={value}")
    assert (response.status_code, response.json()["code"]) == (422, f"invalid_{name}")
    assert name in response.json()["error"]
    if name in ("after", "limit"):
        query = f"after=0&limit={value}" if name == "limit" else f"after={value}"
        response = api.get(f"/api/changes?{query}")
        assert (response.status_code, response.json()["code"]) == (422, f"invalid_{name}")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/comments?limit=1001", "invalid_limit"),
        ("/api/changes?after=0&limit=0", "invalid_limit"),
        ("/api/changes?after=0&limit=201", "invalid_limit"),
        ("/api/changes", "invalid_after"),
        ("/api/comments?offset=10001", "invalid_offset"),
        ("/api/comments?after=1&after=2", "repeated_parameter"),
        ("/api/changes?after=1&after=1", "repeated_parameter"),
        ("/api/comments?since=1759244943773", "unknown_parameter"),
        ("/api/changes?after=0&since=1", "unknown_parameter"),
        ("/api/changes?after=0&search=x", "unknown_parameter"),
        ("/api/comments?type=robot", "invalid_type"),
        ("/api/comments?order=up", "invalid_order"),
        ("/api/comments?sort=name", "invalid_sort"),
        ("/api/comments?fresh=1", "invalid_fresh"),
        ("/api/comments?search=%00", "invalid_search"),
        ("/api/comments?domain=a%00b", "invalid_domain"),
        ("/api/changes?after=0&domain=%00", "invalid_domain"),
        ("/api/comments?uss=%00", "invalid_uss"),
        ("/api/comments?search=%ed%a0%80", "malformed_query"),
        ("/api/comments?search=%ff", "malformed_query"),
        (f"/api/comments?search={'x' * 101}", "invalid_search"),
        ("/api/comments?uss=a:300000000", "invalid_uss"),
        ("/api/comments?uss=+", "invalid_uss"),
        (f"/api/comments?uss={'+'.join('abcdefghijklmnopqrstu')}", "invalid_uss"),
    ],
)
def test_R11_other_nonsense_in_a_query_is_refused_with_its_code(api, path, code):
    response = api.get(path)
    assert (response.status_code, response.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "malformed_json"),
        ("[" * 5000, 400, "malformed_json"),
        ('{"text": NaN}', 400, "malformed_json"),
        (b'{"text": "\xff"}', 400, "malformed_json"),
        ('{"text": "a", "text": "b"}', 400, "repeated_key"),
        ("[]", 422, "not_an_object"),
        ('"text"', 422, "not_an_object"),
        ("", 422, "invalid_body"),
        ("{}", 422, "invalid_text"),
        ('{"text": 5, "username": "Ada"}', 422, "invalid_text"),
        ('{"text": true, "username": "Ada"}', 422, "invalid_text"),
        ('{"text": "a", "username": null}', 422, "invalid_username"),
        (json.dumps({"text": "a", "username": "Ada", "botParams": []}), 422, "invalid_botParams"),
        (json.dumps({str(n): n for n in range(33)}), 422, "too_many_keys"),
        ('{"context": ' + "[" * 20 + "]" * 20 + "}", 422, "too_deep"),
        ('{"text": "a", "username": "Ada", "context": 1e400}', 422, "invalid_context"),
        ('{"text": "a", "username": "Ada", "context": ["\\ud800"]}', 422, "invalid_context"),
        ('{"text": "a", "username": "Ada", "context": {"\\u0000": 1}}', 422, "invalid_context"),
        ('{"text": "a\\u0000", "username": "Ada"}', 422, "invalid_text"),
        ('{"text": "a\\ud800", "username": "Ada"}', 422, "invalid_text"),
        (json.dumps({"text": "x" * 1001, "username": "Ada"}), 422, "text_too_long"),
        (json.dumps({"text": "a", "username": "x" * 17}), 422, "username_too_long"),
        (json.dumps({"text": "a", "username": "Ada", "message-type": "robot"}), 422, "invalid_message-type"),
        (json.dumps({"text": "x" * 17_000}), 413, "too_large"),
    ],
)
def test_R59_a_bad_body_is_refused_with_its_code_and_without_internals(api, body, status, code):
    response = api.post(body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert set(response.json()) == {"error", "code"}
    assert "Traceback" not in response.json()["error"]


@pytest.mark.parametrize("id", ["nobody", "%00", "%ff", "%ed%a0%80", "é", "a%20b", "x" * 5000])
def test_what_cannot_be_an_id_is_not_found(api, bot_token, id):
    assert api.get(f"/api/comments/{id}").status_code == 404
    noted = api.patch(f"/api/comments/{id}", {"botParams": {}}, authorization=f"Bearer {bot_token}")
    assert noted.status_code == 404


def test_a_number_of_thousands_of_digits_is_malformed_json(api):
    body = '{"text": "a", "username": "Ada", "context": ' + "9" * 5000 + "}"
    assert api.post(body).status_code == 400


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_post_that_a_browser_would_send_across_sites_without_asking_is_refused(api, content_type):
    response = api.client.post(
        "/api/comments", json.dumps(HELLO), content_type, headers={"Origin": "https://evil.example"}
    )
    assert (response.status_code, response.json()["code"]) == (415, "not_json")


def test_a_compressed_body_is_refused(api):
    response = api.post(HELLO, content_encoding="gzip")
    assert (response.status_code, response.json()["code"]) == (415, "encoded_body")


def test_R46_the_limit_in_the_api_description_is_the_limit(api):
    fields = api.get("/api/openapi.json").json()["components"]["schemas"]["CommentIn"]["properties"]
    for name, at_most in (("text", fields["text"]["maxLength"]), ("username", fields["username"]["maxLength"])):
        assert api.post({**HELLO, name: "é" * at_most}).status_code == 201
        assert api.post({**HELLO, name: "é" * (at_most + 1)}).status_code == 422


# Every route

ROUTES = [
    "/api/comments",
    "/api/changes",
    "/api/comments/health",
    "/api/comments/nobody",
    "/api/comments/nobody/report",
    "/api/stats",
    "/api/moderation",
    "/api/nothing",
]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ROUTES)
def test_every_error_on_every_route_has_the_one_shape(api, path, method):
    response = getattr(api.client, method)(path)
    if response.status_code == 200:
        return
    assert 400 <= response.status_code < 500
    assert response["Content-Type"] == "application/json"
    assert set(response.json()) == {"error", "code"}
    assert response["Cache-Control"] == "no-store"
    assert response["Access-Control-Allow-Origin"] == "*"
    if response.status_code == 405:
        assert response.json()["code"] == "method_not_allowed"
        assert response["Allow"]


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


def test_health_says_ok_when_the_database_answers(api):
    assert api.get("/api/comments/health").json() == {"status": "ok"}


def test_stats_count_without_a_scan(api, comments, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert api.get("/api/stats").json() == {
            "totalMessages": 25,
            "latestTimestamp": comments[-1].timestamp,
            "cursor": comments[-1].version,
        }


# Cookies and origins


@pytest.mark.parametrize(
    "path", ["/", "/api/comments", "/api/changes?after=0", "/api/docs", "/api/openapi.json", "/api/nothing"]
)
def test_public_routes_read_and_set_no_cookie(api, path):
    plain = api.get(path)
    with_cookies = api.get(path, cookie="sessionid=abc; csrftoken=broken; messages=x")
    for response in (plain, with_cookies):
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
    assert plain.status_code == with_cookies.status_code


def test_another_sites_page_may_read_and_may_post_json_after_a_preflight(api):
    preflight = api.client.options(
        "/api/comments", headers={"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in preflight["Access-Control-Allow-Headers"]
    assert "PATCH" in preflight["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in preflight
    posted = api.post(HELLO, origin="https://other.example")
    assert (posted.status_code, posted["Access-Control-Allow-Origin"]) == (201, "*")


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


@pytest.mark.parametrize("path", ["/api/comments", "/api/changes?after=0", "/api/stats", "/api/comments/missing"])
def test_answers_for_programs_have_those_that_say_something_to_a_program(api, path):
    named = set(api.get(path).headers)
    of_documents = {"Content-Security-Policy", "X-Frame-Options", "Permissions-Policy", "Referrer-Policy"}
    assert not named & {*of_documents, "Cross-Origin-Opener-Policy"}
    assert {"X-Content-Type-Options", "Access-Control-Allow-Origin", "Cache-Control"} <= named


# Headers, literally: comparing the two doors would see nothing, they share the code


COMMON = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
SHARED, PRIVATE = "public, max-age=0, s-maxage=1", "no-store"


@pytest.mark.parametrize(
    ("path", "cache_control"),
    [
        ("/api/comments", SHARED),
        ("/api/comments?after=0", SHARED),
        ("/api/changes?after=0", SHARED),
        ("/api/comments?search=nothing", SHARED),
        ("/api/comments?fresh=true", PRIVATE),
        ("/api/comments?after=0&fresh=true", PRIVATE),
        ("/api/changes?after=0&wait=1", PRIVATE),
        ("/api/stats", PRIVATE),
        ("/api/comments/health", PRIVATE),
        ("/api/comments/missing", PRIVATE),
        ("/api/changes?after=x", PRIVATE),
    ],
)
def test_what_a_proxy_may_keep_is_said_in_each_answer(api, post, path, cache_control):
    post()
    response = api.get(path)
    assert response["Cache-Control"] == cache_control
    assert {name: response[name] for name in COMMON} == COMMON
    is_hot = (
        response.status_code == 200 and path.startswith(("/api/comments?", "/api/changes"))
    ) or path == "/api/comments"
    assert response.has_header("ETag") == is_hot
    assert not response.cookies


def test_an_answer_for_a_bot_is_for_nobody_else(api, post, bot_token):
    post()
    for path in ("/api/comments", "/api/changes?after=0"):
        for_bot, for_all = api.get(path, authorization=f"Bearer {bot_token}"), api.get(path)
        assert for_bot["Cache-Control"] == "no-store"
        assert for_bot["ETag"] != for_all["ETag"]


def test_a_tag_tells_what_is_compressed_from_what_is_not(api, post):
    """Else a cache would hand gzip to a client that asked for none."""
    post("long " * 190)
    for _ in range(6):
        post("x" * 900)
    plain = api.get("/api/comments", accept_encoding="identity")
    small = api.get("/api/comments", accept_encoding="gzip")
    assert (plain.get("Content-Encoding"), small["Content-Encoding"]) == (None, "gzip")
    assert plain["ETag"] != small["ETag"]
    assert plain["Vary"] == small["Vary"] == "Accept-Encoding"
    assert "Vary" not in api.get("/api/comments?limit=1", accept_encoding="gzip")  # nothing of it ever varies
    for response, encoding in ((plain, "identity"), (small, "gzip")):
        other = "gzip" if encoding == "identity" else "identity"
        assert api.get("/api/comments", accept_encoding=encoding, if_none_match=response["ETag"]).status_code == 304
        assert api.get("/api/comments", accept_encoding=other, if_none_match=response["ETag"]).status_code == 200


def test_a_cursor_a_little_ahead_of_the_wall_clock_is_no_error(api, post):
    """Clocks of servers differ; and after a restore from a backup readers are ahead of the stream for a while."""
    post()
    wall_us = time.time_ns() // 1000
    for ahead_us in (60_000, 1_000_000, 50_000_000):
        assert api.get(f"/api/changes?after={wall_us + ahead_us}").json()["cursor"] == wall_us + ahead_us
    response = api.get(f"/api/changes?after={wall_us + 3_600_000_000}")
    assert (response.status_code, response.json()["code"]) == (422, "cursor_ahead")


# What clients of all kinds were seen to send


def test_the_first_request_of_the_first_versions_page_counts_and_shows_nothing(api, post):
    post()
    answer = api.get("/api/comments?offset=0&limit=0").json()
    assert {name: answer[name] for name in ("comments", "total", "hasMore")} == {
        "comments": [],
        "total": 1,
        "hasMore": True,
    }
    assert api.get("/api/comments?after=0&limit=0").json() == []
    assert api.get("/api/comments?limit=0&search=nothing").json()["hasMore"] is False


@pytest.mark.parametrize("name", ["t", "_", "v"])
def test_names_that_only_outwit_caches_are_passed_over_and_others_are_not(api, post, name):
    post()
    for path in (f"/api/comments?limit=100&{name}=1759244943773", f"/api/changes?after=0&{name}=1&{name}=2"):
        assert api.get(path).status_code == 200
    assert api.get(f"/api/comments?{name}{name}=1").json()["code"] == "unknown_parameter"


def test_a_list_of_users_says_so_in_the_words_that_old_pages_look_for(api, post):
    post(username="Ada")
    answer = api.get("/api/comments?uss=ada%20x+Ada").json()
    assert (answer["serverSideSearch"], answer["query"]) == (True, "ada%20x+Ada")
    assert "serverSideSearch" not in api.get("/api/comments?search=x").json()


@pytest.mark.parametrize("path", ["/api/comments", "/api/changes?after=0", "/api/stats", "/api/comments/health"])
def test_HEAD_gets_the_status_and_the_headers_of_GET(api, post, path):
    post()
    get, head = api.get(path), api.client.head(path)
    assert head.status_code == 200
    assert head.headers.keys() == get.headers.keys()
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert head.content == b""
    assert api.client.head("/api/comments/missing").status_code == 404
    assert api.client.head("/api/changes?after=x").status_code == 422


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("*", "gzip"),
        ("br;q=1.0, gzip;q=0.001", "gzip"),
        ("deflate, *;q=0.5", "gzip"),
        ("*, gzip;q=0", None),
        ("gzip;q=0, *", None),
        ("gzip;Q=0", None),
        ("gzip; q=0.000", None),
        ("*;q=0", None),
        ("identity", None),
        ("gzip;q=x", None),
        ("br", None),
        ("", None),
    ],
)
def test_what_is_compressed_is_what_the_client_accepts(api, post, accepted, encoding):
    for _ in range(7):
        post("x" * 900)
    assert api.get("/api/comments", accept_encoding=accepted).get("Content-Encoding") == encoding


@pytest.mark.parametrize("encoding", ["identity", "Identity", "IDENTITY"])
def test_a_body_may_begin_with_a_byte_order_mark_and_say_that_it_is_not_encoded(api, encoding):
    body = b'\xef\xbb\xbf{"text": "Hi", "username": "Ada"}'
    assert api.post(body, content_encoding=encoding).status_code == 201
    assert api.post(body, content_encoding="gzip").status_code == 415


def test_null_is_a_field_that_is_absent(api):
    optional = ["color", "domain", "language", "message-type", "misc", "replyTo", "id", "context", "botParams"]
    comment = {"text": "Hi", "username": "Ada"}
    assert api.post(comment | dict.fromkeys(optional)).status_code == 201
    for field in comment:
        response = api.post(comment | {field: None})
        assert (response.status_code, response.json()["code"]) == (422, f"invalid_{field}")


@pytest.mark.parametrize("id", [".", ".."])
def test_an_id_that_no_address_could_reach_is_refused(api, id):
    response = api.post({"text": "Hi", "username": "Ada", "id": id})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_id")
    assert api.post({"text": "Hi", "username": "Ada", "id": f"{id}.."}).status_code == 201


def test_a_poll_with_a_timestamp_in_microseconds_is_told_so_and_one_with_a_wrong_clock_is_not(api, post):
    timestamp = post().timestamp
    for fresh in ("", "&fresh=true"):
        response = api.get(f"/api/comments?after={timestamp * 1000}{fresh}")
        assert (response.status_code, response.json()["code"]) == (422, "cursor_ahead")
        assert api.get(f"/api/comments?after={timestamp + 3_600_000}{fresh}").json() == []


def test_a_filter_finds_a_domain_however_it_is_written(api, post):
    id = post(domain="News.Example").id
    for written in ("news.example", "News.Example", "NEWS.EXAMPLE"):
        assert [shown["id"] for shown in api.get(f"/api/comments?domain={written}").json()["comments"]] == [id]
        assert [change["id"] for change in api.get(f"/api/changes?after=0&domain={written}").json()["changes"]] == [id]
    assert len(api.get("/api/comments?domain=ALL").json()["comments"]) == 1
    importing.store(
        [(1, importing.LineReader().comment({"timestamp": 1, "username": "O", "text": "x", "domain": "Old"}))]
    )
    for written, found in (("Old", 1), ("old", 0), ("OLD", 0)):
        assert len(api.get(f"/api/comments?domain={written}").json()["comments"]) == found


def test_scripts_of_other_sites_may_read_how_long_to_wait_and_what_is_left(api, settings):
    settings.POSTS_PER_BURST = 1
    sent = {"text": "Hello", "username": "Ada"}
    posted, refused = api.post(sent), api.post(sent | {"text": "and again"})
    assert (posted.status_code, refused.status_code) == (201, 429)
    limits = "RateLimit-Policy, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
    assert posted["Access-Control-Expose-Headers"] == limits
    assert refused["Access-Control-Expose-Headers"].split(", ") == ["Retry-After", *limits.split(", ")]
    assert "Access-Control-Expose-Headers" not in api.get("/api/comments")
