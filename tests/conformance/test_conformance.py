"""The kit, held to our own server, which keeps all of it, and to servers that are wrong, each of which it notices."""

import subprocess
import sys

import pytest

from tests.conformance.__main__ import violation_of
from tests.conformance.checks import CHECKS
from tests.conformance.spoiling import spoiled
from tests.support.declared_settings import ROOT
from tests.support.servers import UNLIMITED, Server

pytestmark = pytest.mark.slow

EVERY = ("--posts-per-minute", "1000000")


@pytest.fixture(scope="module")
def server(make_server):
    with make_server(**UNLIMITED) as server:
        server.token = server.manage("create_bot", "conformance", *EVERY).stdout.strip()
        yield server


def test_our_server_keeps_the_wire_and_each_hazard(server: Server):
    """By the command, as a stranger runs it."""
    command = [sys.executable, "-m", "tests.conformance", "--url", server.url, "--token", server.token]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "WRONG" not in done.stdout, done.stdout
    assert (done.returncode, f"{len(CHECKS)} checks, 0 violated" in done.stdout) == (0, True), (
        done.stdout + done.stderr
    )


def test_a_wrong_token_and_a_server_that_is_not_there_are_no_success(server: Server):
    check = next(check for check in CHECKS if check.hazards == "R64")
    assert "401" in violation_of(check, server.url, "wrong")
    assert violation_of(check, "http://127.0.0.1:9", server.token)


# What servers have done wrong


def lists(exchange) -> list | None:
    """The comments of an answer, whatever shape it has."""
    body = exchange["body"]
    if exchange["method"] != "GET" or exchange["status"] != 200:
        return None
    if isinstance(body, dict):
        return body.get("comments", body.get("changes"))
    return body if isinstance(body, list) else None


def is_feed(exchange) -> bool:
    return exchange["path"].startswith("/api/changes") and exchange["status"] == 200


def lose_one(exchange) -> None:
    """A cursor that ties: the second of a page is passed over."""
    if (found := lists(exchange)) and len(found) > 2:
        del found[1]


def keep_the_clients_clock(exchange) -> None:
    if isinstance(exchange["sent"], dict) and "timestamp" in exchange["sent"] and exchange["status"] == 201:
        exchange["body"]["timestamp"] = exchange["sent"]["timestamp"]


def say_never_that_more_follows(exchange) -> None:
    if is_feed(exchange):
        exchange["body"]["hasMore"] = False


def begin_at_the_oldest(exchange) -> None:
    if exchange["path"].startswith("/api/comments?") and (found := lists(exchange)):
        found.reverse()


def cache_for_ever() -> "object":
    kept: dict = {}

    def spoil(exchange) -> None:
        if exchange["path"].startswith("/api/comments?") and lists(exchange) is not None:
            exchange["body"] = kept.setdefault(exchange["path"], exchange["body"])

    return spoil


def drop_a_field(exchange) -> None:
    for comment in lists(exchange) or []:
        comment.pop("replyTo", None)


def make_its_own_id(exchange) -> None:
    if exchange["method"] == "POST" and isinstance(exchange["sent"], dict):
        exchange["sent"].pop("id", None)


def take_nonsense_for_everything(asked) -> None:
    if "=abc" in asked["path"] or "=-2" in asked["path"]:
        asked["path"] = "/api/comments"


def answer_errors_as_prose(exchange) -> None:
    if exchange["status"] >= 400:
        exchange["body"], exchange["raw"] = None, b"Something went wrong"


def set_a_cookie(exchange) -> None:
    exchange["headers"]["Set-Cookie"] = "visitor=7"


def repeat_all_to_the_idle(exchange) -> None:
    if is_feed(exchange) and not exchange["body"]["changes"]:
        exchange["body"]["padding"] = "x" * 400


def give_every_claim(exchange) -> None:
    if exchange["path"].endswith("/claim") and exchange["body"].get("code") == "claimed":
        exchange["status"], exchange["body"] = 200, {"lease": "1-mine", "until": 0, "attempt": 1}


def offer_what_asks_for_nothing(asked) -> None:
    sent = asked["sent"]
    if asked["path"] == "/api/comments" and isinstance(sent, dict) and "botParams" not in sent:
        sent["botParams"] = {"processed": False}


def forget_the_lease(asked) -> None:
    """Whoever is late is taken for whoever is not."""
    if asked["path"].endswith("/reply") and isinstance(asked["sent"], dict):
        asked["sent"]["lease"] = forget_the_lease.last or asked["sent"]["lease"]


def remember_the_lease(exchange) -> None:
    if exchange["path"].endswith("/claim") and exchange["status"] == 200:
        forget_the_lease.last = exchange["body"]["lease"]


forget_the_lease.last = ""


def never_end_a_lease(exchange) -> None:
    if exchange["path"].startswith("/api/bots/work"):
        exchange["body"]["work"] = [work for work in exchange["body"].get("work", []) if not work["attempts"]]


def take_0_for_none(asked) -> None:
    params = (asked["sent"] or {}).get("botParams") if isinstance(asked["sent"], dict) else None
    if params and params.get("priority") == 0:
        del params["priority"]


def offer_one_at_a_time(exchange) -> None:
    """And what is claimed stays at the head."""
    if exchange["path"].startswith("/api/bots/work"):
        found = exchange["body"].get("work", [])
        offer_one_at_a_time.head = offer_one_at_a_time.head or (found[0]["id"] if found else "")
        exchange["body"]["work"] = [work for work in found if work["id"] == offer_one_at_a_time.head]


offer_one_at_a_time.head = ""


def forget_whom_a_bot_answers(asked) -> None:
    if asked["path"] == "/api/comments" and isinstance(asked["sent"], dict):
        asked["sent"].pop("replyTo", None)


def say_that_bots_are_people(exchange) -> None:
    if isinstance(exchange["body"], dict) and "message-type" in exchange["body"]:
        exchange["body"]["message-type"] = "human"


WRONG = {
    "loses one between two of a moment": ("R01", {"after": lose_one}),
    "keeps a client's timestamp": ("R02", {"after": keep_the_clients_clock}),
    "never says that more follows": ("R04", {"after": say_never_that_more_follows}),
    "lists the oldest first load": ("R05", {"after": begin_at_the_oldest}),
    "loses one of many posts": ("R06", {"after": lose_one}),
    "keeps lists for ever": ("R09", {"after": cache_for_ever()}),
    "tells the idle much": ("R10", {"after": repeat_all_to_the_idle}),
    "takes nonsense for everything": ("R11", {"before": take_nonsense_for_everything}),
    "answers fresh from a cache": ("R12", {"after": cache_for_ever()}),
    "drops a field": ("R17", {"after": drop_a_field}),
    "drops a field of its shape": ("R16", {"after": drop_a_field}),
    "stores another id": ("R18", {"before": make_its_own_id}),
    "says errors in prose": ("R11", {"after": answer_errors_as_prose}),
    "sets a cookie": ("R16", {"after": set_a_cookie}),
    "gives work to all who race": ("R63", {"after": give_every_claim}),
    "takes all for work": ("R64", {"before": offer_what_asks_for_nothing}),
    "never ends a lease": ("R66", {"after": never_end_a_lease}),
    "does not compare the lease": ("R67", {"before": forget_the_lease, "after": remember_the_lease}),
    "takes priority 0 for none": ("R68", {"before": take_0_for_none}),
    "lets all wait for one": ("R69", {"after": offer_one_at_a_time}),
    "lets bots talk for ever": ("R70", {"before": forget_whom_a_bot_answers}),
    "takes bots for people": ("wire a bot is one", {"after": say_that_bots_are_people}),
}


@pytest.mark.once
@pytest.mark.parametrize("wrong", WRONG)
def test_a_server_that_is_wrong_is_noticed(wrong, server: Server, monkeypatch):
    monkeypatch.setattr("tests.conformance.site.PATIENCE_SECONDS", 3.0)
    beginning, spoils = WRONG[wrong]
    (check,) = [check for check in CHECKS if check.name.startswith(f"{beginning} ")]
    with spoiled(server.url, **spoils) as url:
        assert violation_of(check, url, server.token)


def test_the_proxy_alone_spoils_nothing(server: Server):
    with spoiled(server.url) as url:
        for hazard in ("R04", "R17", "R63", "R70"):
            (check,) = [check for check in CHECKS if check.hazards == hazard]
            assert violation_of(check, url, server.token) == ""
