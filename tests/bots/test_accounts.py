"""Bots' accounts: what a token may do, how long, and how people give and take it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.api.operations import api as described
from comments.callers import bots
from comments.callers.bots import SCOPES
from comments.models import Bot, Token
from tests.support.cast import logged_in

pytestmark = pytest.mark.django_db

# What each operation asks of a token; all others are for everybody.
NEEDS = {
    ("POST", "/api/comments"): "post",
    ("PATCH", "/api/comments/{comment_id}"): "claim",
    ("GET", "/api/bots/work"): "claim",
    ("POST", "/api/comments/{comment_id}/claim"): "claim",
    ("POST", "/api/comments/{comment_id}/renew"): "claim",
    ("POST", "/api/comments/{comment_id}/release"): "claim",
    ("POST", "/api/comments/{comment_id}/reply"): "claim",
    ("GET", "/api/bots/moderation"): "moderate",
    ("POST", "/api/comments/{comment_id}/hide"): "moderate",
    ("POST", "/api/comments/{comment_id}/restore"): "moderate",
    ("POST", "/api/comments/{comment_id}/hold"): "moderate",
    ("POST", "/api/comments/{comment_id}/ban"): "moderate",
}
LEASE = {"lease": "1-none"}
BODIES = {
    "/api/comments": {"text": "Hi", "username": "Ada"},
    "/api/comments/{comment_id}": {"botParams": {}},
    "/api/comments/{comment_id}/claim": {},
    "/api/comments/{comment_id}/renew": LEASE,
    "/api/comments/{comment_id}/release": LEASE,
    "/api/comments/{comment_id}/reply": LEASE | {"text": "Hi"},
    "/api/comments/{comment_id}/ban": {"time": "10m"},
}
FOR_VISITORS_TOO = [("POST", "/api/comments")]


def operations() -> list[tuple[str, str]]:
    paths = described.get_openapi_schema()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def ask(api, method: str, path: str, comment, **headers):
    address = path.replace("{comment_id}", comment.id)
    address = re.sub(r"/(changes|moderation)$", r"/\1?after=0", address)
    if method == "GET":
        return api.get(address, **headers)
    send = {"POST": api.post, "PATCH": api.patch}[method]
    body = BODIES.get(path, {"reason": "spam"})
    return send(body, address, **headers) if method == "POST" else send(address, body, **headers)


def test_R56_every_operation_that_a_bot_needs_a_scope_for_is_in_the_matrix():
    assert set(NEEDS) <= set(operations())
    described_as_refusing = {
        (method.upper(), path)
        for path, methods in described.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
        if 403 in operation["responses"]
    }
    assert set(NEEDS) == {*described_as_refusing}


@pytest.mark.parametrize(("method", "path"), NEEDS)
def test_R56_a_bot_may_do_what_its_scopes_say_and_nothing_else(method, path, api, post, make_bot):
    comment, needed = post(bot_params={"processed": False}), NEEDS[method, path]
    for scope in SCOPES:
        _, token = make_bot(scope.replace(":", " "), scopes=[scope])
        answer = ask(api, method, path, comment, authorization=f"Bearer {token}")
        may = scope == needed and not path.endswith("/reply")  # which needs the scope to post, too
        assert (answer.status_code == 403) == (not may), (scope, answer.content)
        if not may:
            assert answer.json()["code"] == "scope_required"


@pytest.mark.parametrize(("method", "path"), NEEDS)
def test_R56_without_a_token_only_visitors_doors_are_open(method, path, api, post):
    answer = ask(api, method, path, post())
    assert answer.status_code == (201 if (method, path) in FOR_VISITORS_TOO else 401)


def test_R56_an_answer_needs_two_scopes(api, post, make_bot):
    comment = post(bot_params={"processed": False})
    for scopes, status in ((["claim"], 403), (["post"], 403), (["claim", "post"], 409)):
        _, token = make_bot(" ".join(scopes), scopes=scopes)
        body = LEASE | {"text": "Hi"}
        answer = api.post(body, f"/api/comments/{comment.id}/reply", authorization=f"Bearer {token}")
        assert answer.status_code == status


def end(how: str, bot: Bot) -> None:
    if how == "revoked":
        Token.objects.update(revoked_at=timezone.now())
    elif how == "expired":
        Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        Bot.objects.update(is_active=False)


@pytest.mark.parametrize("how", ["revoked", "expired", "switched off"])
def test_R56_a_token_that_has_ended_is_refused_by_every_operation_that_knows_bots(how, api, post, make_bot):
    comment = post()
    bot, token = make_bot("echo", scopes=list(SCOPES))
    as_bot = {"authorization": f"Bearer {token}"}
    end(how, bot)
    descriptions = described.get_openapi_schema()["paths"]  # takes a second to make
    for method, path in operations():
        if 401 in descriptions[path][method.lower()]["responses"]:
            answer = ask(api, method, path, comment, **as_bot)
            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), (method, path)


def test_a_token_is_no_option_of_a_command_and_is_256_bits_long(bot):
    """As in `audit_delivery --notes-token TOKEN`."""
    assert all(re.fullmatch("[0-9a-f]{64}", bot.new_token()) for _ in range(20))


def test_a_token_for_some_days_is_good_for_so_long(bot, api, monkeypatch):
    made = timezone.now()
    token, endless = bot.new_token(days=7), bot.new_token()
    statuses = []
    for days in (6.99, 7.01, 3650):
        monkeypatch.setattr(timezone, "now", lambda days=days: made + timedelta(days=days))
        asked = [api.get("/api/bots/work", authorization=f"Bearer {known}") for known in (token, endless)]
        statuses.append([answer.status_code for answer in asked])
    assert statuses == [[200, 200], [401, 200], [401, 200]]


def test_R58_context_is_shown_to_the_scope_that_is_for_it(api, post, make_bot):
    comment = post(context=["secret"])
    for scope in SCOPES:
        _, token = make_bot(scope.replace(":", " "), scopes=[scope])
        for path in ("/api/comments", "/api/comments?after=0", "/api/changes?after=0", f"/api/comments/{comment.id}"):
            answer = api.get(path, authorization=f"Bearer {token}")
            assert ("secret" in answer.text) == (scope == "read:context"), (scope, path)


def test_R57_what_a_bot_posts_is_AI_and_carries_its_name_whatever_it_says(api, make_bot):
    _, token = make_bot("echo", color="#ff8000")
    for said in ({}, {"message-type": "human"}, {"message-type": "AI"}):
        sent = {"text": "I am Ada", "username": "Ada", "color": "#000000", **said}
        posted = api.post(sent, authorization=f"Bearer {token}").json()
        assert [posted[name] for name in ("username", "color", "message-type")] == ["echo", "255128000", "AI"]


def test_R63_a_bot_that_goes_on_elsewhere_may_send_again_what_it_has_sent(api, make_bot):
    _, token = make_bot("echo")
    sent = {"id": "answer-1", "text": "Hi", "username": "echo"}
    statuses = [
        api.post(sent, address=address, authorization=f"Bearer {token}").status_code
        for address in ("203.0.113.1", "198.51.100.1")
    ]
    assert statuses == [201, 200]


def test_when_a_bot_was_last_seen_is_noted_once_in_a_minute(api, bot_token, monkeypatch):
    def seen():
        api.get("/api/comments", authorization=f"Bearer {bot_token}")
        return Bot.objects.get().seen_at

    first = seen()
    assert timezone.now() - first < timedelta(minutes=1)
    assert seen() == first
    monkeypatch.setattr(bots, "SEEN_EVERY", timedelta(0))
    assert seen() > first


# At the desk

FORM = {
    "name": "helper",
    "color": "#00ff80",
    "operator": "Ada",
    "purpose": "to answer questions",
    "scopes": ["post", "claim"],
    "posts_per_minute": "30",
    "acts_per_minute": "5",
    "is_active": "on",
}


def token_in(page) -> str:
    found = re.search(r'<code class="bot__token">([^<]+)</code>', page.text)
    return found[1] if found else ""


def test_an_administrator_makes_a_bot_exchanges_its_token_and_switches_it_off(operator, api):
    desk = logged_in(operator)
    first = token_in(desk.post("/admin/bots/", FORM))
    bot = Bot.objects.get()
    assert (bot.name, bot.color, bot.scopes, bot.posts_per_minute) == ("helper", "000255128", ["post", "claim"], 30)
    second = token_in(desk.post(f"/admin/bots/{bot.pk}/token/", {"label": "new machine", "days": "7"}))
    page = desk.get(f"/admin/bots/{bot.pk}/")
    assert "new machine" in page.text
    assert not any(token in page.text for token in (first, second))

    desk.post(f"/admin/bots/{bot.pk}/token/", {"revoke": str(bot.tokens.earliest("pk").pk)})
    assert [post_as(api, token) for token in (first, second)] == [401, 201]

    off = {name: value for name, value in FORM.items() if name != "is_active"}
    assert desk.post(f"/admin/bots/{bot.pk}/", off).status_code == 303
    assert post_as(api, second) == 401
    assert "off" in desk.get("/admin/bots/").text


def post_as(api, token: str) -> int:
    return api.post({"text": "Hi", "username": "x"}, authorization=f"Bearer {token}").status_code


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": "echo"}, "already exists"),
        ({"name": "\u200b"}, "invisible"),
        ({"name": "x" * 17}, "longer than 16"),
        ({"color": "red"}, "color is not"),
        ({"scopes": ["everything"]}, "not one of the available choices"),
        ({"posts_per_minute": "0"}, "greater than or equal to 1"),
    ],
)
def test_an_account_that_makes_no_sense_is_not_made(wrong, why, operator, bot):
    page = logged_in(operator).post("/admin/bots/", FORM | wrong)
    assert why in page.text
    assert Bot.objects.get() == bot
