"""Who may wait before Django: only whoever may have what is waited for. Nobody else is dealt work, which others would
then have to wait for, or costs a look."""

import asyncio
import threading
from concurrent.futures import Future
from ipaddress import ip_network

import pytest
from django.db import OperationalError
from django.utils import timezone

from comments.api import worklane
from comments.api.caller import is_trusted
from comments.api.states import StatesLane
from comments.api.worklane import WorkLane
from comments.bots import queue
from comments.reading import table
from comments.reading.news import News
from comments.reading.tail import Tail
from tests.support.private_postgres import wait_until
from tests.support.until import PATIENCE_SECONDS, until

# A real transaction: bots are looked up in a thread of their own.
pytestmark = pytest.mark.django_db(transaction=True)


class Waiting:
    def __init__(self) -> None:
        self.waited = 0

    async def for_work(self, seconds: float) -> str:
        self.waited += 1
        return ""


class Django:
    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope, receive, send) -> None:
        self.asked += 1


def asking(path: str, token: str) -> dict:
    headers = [(b"authorization", f"Bearer {token}".encode())]
    client = ("127.0.0.1", 5)
    question = {"path": path, "query_string": b"after=0&wait=30" if "moderation" in path else b"wait=5"}
    return {"type": "http", "method": "GET", "headers": headers, "client": client, **question}


def asked(lane, path: str, token: str) -> None:
    asyncio.run(lane(asking(path, token), None, None))


@pytest.mark.parametrize(("scopes", "waits"), [(["claim"], 1), (["post", "moderate"], 0)])
def test_R56_only_a_bot_that_may_claim_waits_for_work(make_bot, scopes, waits):
    waiting, django = Waiting(), Django()
    lane, (_, token) = WorkLane(django, waiting), make_bot("echo", scopes=scopes)
    for asks in (1, 2):
        asked(lane, "/api/bots/work", token)
        assert (waiting.waited, django.asked) == (asks * waits, asks)


@pytest.mark.parametrize(("scopes", "waits"), [(["moderate"], 1), (["claim"], 0)])
def test_R56_only_a_bot_that_may_moderate_waits_for_what_is_held(make_bot, scopes, waits, monkeypatch):
    waiting, django = Waiting(), Django()
    monkeypatch.setattr(StatesLane, "_change_after", lambda self, after: waiting.for_work(0))
    asked(StatesLane(django), "/api/bots/moderation", make_bot("echo", scopes=scopes)[1])
    assert (waiting.waited, django.asked) == (waits, 1)


def test_whatever_else_a_bot_asks_with_a_wait_waits_for_no_work(make_bot):
    waiting, django = Waiting(), Django()
    asked(WorkLane(django, waiting), "/api/changes", make_bot("echo")[1])
    assert (waiting.waited, django.asked) == (0, 1)


def test_R56_a_token_that_is_not_known_waits_for_nothing_and_is_told_by_django(make_bot):
    waiting, django = Waiting(), Django()
    asked(WorkLane(django, waiting), "/api/bots/work", "no-such-token")
    assert (waiting.waited, django.asked) == (0, 1)


def test_R56_a_token_that_is_taken_back_while_it_is_known_is_refused_by_django_and_soon_waits_for_nothing(
    make_bot, client, monkeypatch
):
    waiting, django = Waiting(), Django()
    lane = WorkLane(django, waiting)
    bot, token = make_bot("echo")
    now = [1000.0]
    monkeypatch.setattr(worklane, "monotonic", lambda: now[0])
    asked(lane, "/api/bots/work", token)
    bot.tokens.update(revoked_at=timezone.now())
    asked(lane, "/api/bots/work", token)
    assert (waiting.waited, django.asked) == (2, 2)
    assert client.get("/api/bots/work", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    now[0] += 1.5
    asked(lane, "/api/bots/work", token)
    assert (waiting.waited, django.asked) == (2, 3)


def test_of_many_workers_that_come_at_once_one_asks_who_they_are_and_one_that_hangs_up_ends_it_for_nobody(monkeypatch):
    questions, may_answer = [], threading.Event()

    def answer(scope, needed) -> bool:
        questions.append(scope)
        return may_answer.wait(20)

    monkeypatch.setattr(worklane, "is_bot_with", answer)
    waiting = Waiting()
    lane = WorkLane(Django(), waiting)

    async def come_at_once() -> None:
        first, *others = [asyncio.create_task(lane(asking("/api/bots/work", "one"), None, None)) for _ in range(20)]
        await asyncio.sleep(0)
        first.cancel()
        may_answer.set()
        await asyncio.gather(*others)

    asyncio.run(come_at_once())
    assert (len(questions), waiting.waited) == (1, 19)


@pytest.fixture
def trusted_network(settings):
    settings.TRUSTED_BOT_NETWORKS = [ip_network("10.0.0.0/8")]
    is_trusted.cache_clear()  # it is made for settings that stay
    yield
    is_trusted.cache_clear()


def test_that_a_network_is_trusted_says_nothing_of_others_who_show_an_empty_token(trusted_network):
    waiting = Waiting()
    lane = WorkLane(Django(), waiting)
    for address, waits in (("10.0.0.1", 1), ("127.0.0.1", 1), ("10.0.0.1", 2)):
        empty = {"headers": [(b"authorization", b"")], "client": (address, 5)}
        asyncio.run(lane(asking("/api/bots/work", "") | empty, None, None))
        assert waiting.waited == waits


def test_many_tokens_are_not_remembered_for_ever(monkeypatch):
    monkeypatch.setattr(worklane, "is_bot_with", lambda scope, needed: True)
    lane = WorkLane(Django(), Waiting())
    for number in range(worklane.MOST_KNOWN + 5):
        asked(lane, "/api/bots/work", str(number))
    assert len(lane.known) == 5


@pytest.mark.parametrize("happens", ["the process leaves", "the database goes", "its cursor is of another stream"])
def test_a_bot_that_waits_for_what_is_held_is_told_by_django_when(happens, make_bot):
    """And not only when its time is up, or with an error that is nobody's answer."""
    _, token = make_bot("guard", scopes=["moderate"])
    scope = asking("/api/bots/moderation", token)
    if happens == "its cursor is of another stream":
        scope |= {"query_string": b"wait=20&after=%d" % (4 * 10**15)}

    async def wait() -> int:
        news, django = News(Tail()), Django()
        waiting = asyncio.create_task(StatesLane(django, news)(scope, None, None))
        if happens == "the database goes":
            news.tail.fresh = failed
        elif happens == "the process leaves":
            await until(lambda: news.listeners)
            news.leave(0)
        async with asyncio.timeout(PATIENCE_SECONDS - 5):
            await waiting
        news.tail.executor.shutdown()
        return django.asked

    assert asyncio.run(wait()) == 1


def test_what_comes_while_somebody_looks_for_what_is_held_is_not_missed(make_bot, post, held, monkeypatch):
    """Not even until the next sign of life."""
    monkeypatch.setattr("comments.reading.news.HEARTBEAT_TICKS", 10**9)
    guard, token = make_bot("guard", scopes=["moderate", "claim"])
    known, news, looks, look = post("known"), News(Tail()), [], table.changes
    queue.note(known.pk, {"noted": True}, "", guard)

    def look_slowly(*question, **more):
        found, woken = look(*question, **more), news.upcoming(for_bots=True)
        looks.append(found)
        if len(looks) == 1:
            held("meanwhile")
            news.hint()
            wait_until(woken.is_set, PATIENCE_SECONDS, lambda: "nobody was woken")
        return found

    async def wait() -> None:
        scope = asking("/api/bots/moderation", token) | {"query_string": f"after={known.version}&wait=30".encode()}
        news.attach()
        first = news.upcoming(for_bots=True)
        await news.fresh()
        await first.wait()
        async with asyncio.timeout(PATIENCE_SECONDS - 5):
            await StatesLane(Django(), news)(scope, None, None)
        news.tail.executor.shutdown()

    monkeypatch.setattr(table, "changes", look_slowly)
    asyncio.run(wait())
    assert [[comment.text for comment in found.comments] for found in looks] == [[], ["meanwhile"]]


def failed() -> Future:
    future: Future = Future()
    future.set_exception(OperationalError("gone"))
    return future
