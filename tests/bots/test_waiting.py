"""Waiting for work: told at once, looked for once, whoever waits."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from threading import Thread

import pytest
from django.db import OperationalError

from comments.bots import waiting as module
from comments.bots.waiting import Waiting
from comments.reading.news import News
from comments.reading.tail import NOTHING, Tail
from comments.stream.clock import StreamClock
from comments.wire.entry import Entry
from tests.support.private_postgres import wait_until
from tests.support.servers import UNLIMITED
from tests.support.until import until

PATIENCE_SECONDS = 30
TO_DO = {"text": "How are you?", "username": "Ada", "botParams": {"processed": False}}


class Stub:
    """So much work; and how often somebody has looked."""

    def __init__(self) -> None:
        self.work: list[str] = []
        self.looks = 0

    async def found(self, most: int) -> list[str]:
        self.looks += 1
        return self.work[:most]


@asynccontextmanager
async def waiting_bots(many: int, stub: Stub | None = None):
    """Without a stub they look at the table."""
    news = News(Tail())
    waiting = Waiting(news)
    if stub:
        waiting._found = stub.found  # type: ignore[method-assign]
    bots = [asyncio.create_task(waiting.for_work(PATIENCE_SECONDS)) for _ in range(many)]
    await asyncio.sleep(0)
    yield waiting, news, bots
    for bot in bots:
        bot.cancel()
    await asyncio.gather(*bots, return_exceptions=True)
    waiting._looking.cancel()
    news.tail.executor.shutdown()


@pytest.fixture
def no_tail(monkeypatch):
    """The stream's news come by hand here."""
    monkeypatch.setattr(News, "_tick", lambda news: asyncio.sleep(0))


@pytest.mark.once
def test_R13_however_many_bots_wait_one_look_serves_them_all(no_tail):
    async def scene() -> None:
        stub = Stub()
        async with waiting_bots(200, stub) as (_, news, bots):
            for look in range(1, 4):
                while stub.looks < look:
                    await asyncio.sleep(0)
                    news.wake()
            assert not any(bot.done() for bot in bots)
            assert stub.looks <= 4

    asyncio.run(scene())


@pytest.mark.once
@pytest.mark.parametrize(("is_work", "looks"), [(False, 1), (True, 2)])
def test_R13_news_that_asks_for_no_answer_is_not_worth_a_look(is_work, looks, no_tail, monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(module, "LOOK_SECONDS", PATIENCE_SECONDS)
    now = StreamClock.HISTORY_END + 1
    said = Entry("said", now, now, 1, "default", "human", True, is_work, b"{}", b"{}")

    async def scene() -> None:
        stub = Stub()
        async with waiting_bots(3, stub) as (_, news, _):
            while not stub.looks:
                await asyncio.sleep(0)
            clock = StreamClock(version=now)
            news.tail.snapshot = replace(NOTHING, clock=clock, start=0, changes_for_bots=[said])
            for _ in range(20):
                news.wake()
                await asyncio.sleep(0)
            assert stub.looks == looks

    asyncio.run(scene())


@pytest.mark.once
def test_as_many_go_as_there_is_work_those_first_that_waited_longest(no_tail, monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0)

    async def scene() -> None:
        stub = Stub()
        async with waiting_bots(5, stub) as (_, news, bots):
            while not stub.looks:
                await asyncio.sleep(0)
            stub.work = ["urgent", "other"]
            news.wake()
            async with asyncio.timeout(PATIENCE_SECONDS):
                assert await asyncio.gather(*bots[:2]) == ["urgent", "other"]
            looks = stub.looks
            while stub.looks < looks + 2:  # it is not dealt again at once
                await asyncio.sleep(0)
                news.wake()
            assert not any(bot.done() for bot in bots[2:])

    asyncio.run(scene())


@pytest.mark.once
def test_R13_bots_that_come_within_a_moment_are_served_by_one_look(no_tail, monkeypatch):
    """Where work is plenty, each is let go at once and comes again."""

    async def scene() -> None:
        loop, stub = asyncio.get_running_loop(), Stub()
        now = [loop.time()]
        monkeypatch.setattr(loop, "time", lambda: now[0])
        stub.work = ["first"]
        async with waiting_bots(1, stub) as (waiting, _, bots):
            while not bots[0].done():
                await asyncio.sleep(0)
            stub.work = [str(number) for number in range(20)]
            for _ in stub.work:
                bots.append(asyncio.create_task(waiting.for_work(PATIENCE_SECONDS)))
                for _ in range(5):
                    await asyncio.sleep(0)
            assert stub.looks == 1
            now[0] += 2 * module.PAUSE_SECONDS
            for _ in range(100):
                await asyncio.sleep(0)
            assert [bot.result() for bot in bots[1:] if bot.done()] == stub.work
            assert stub.looks == 2

    asyncio.run(scene())


@pytest.mark.once
def test_a_lease_that_ends_is_found_without_any_news(no_tail, monkeypatch):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0)

    async def scene() -> None:
        stub = Stub()
        async with waiting_bots(1, stub) as (_, _, bots):
            while stub.looks < 3:
                await asyncio.sleep(0)
            stub.work = ["freed"]
            async with asyncio.timeout(PATIENCE_SECONDS):
                assert await bots[0] == "freed"

    asyncio.run(scene())


@pytest.mark.once
def test_R66_what_was_dealt_and_not_claimed_is_dealt_again_later_and_after_what_is_new(monkeypatch):
    async def scene() -> None:
        loop, waiting = asyncio.get_running_loop(), Waiting(News(Tail()))
        bots = [loop.create_future() for _ in range(4)]
        waiting.bots.extend(bots)

        def dealt(found: list[str], at: float) -> list[str]:
            before = [bot for bot in bots if not bot.done()]
            monkeypatch.setattr(loop, "time", lambda: at)
            waiting._deal(found)
            return [bot.result() for bot in before if bot.done()]

        began = loop.time()
        assert dealt(["left"], began) == ["left"]
        assert dealt(["left"], began + 0.9 * module.LOOK_SECONDS) == []
        assert dealt(["left", "new"], began + module.LOOK_SECONDS) == ["new", "left"]
        assert dealt(["left", "new"], began + 1.5 * module.LOOK_SECONDS) == []

    asyncio.run(scene())


@pytest.fixture
def fast_looks(no_tail, monkeypatch):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0)


@pytest.mark.once
def test_when_the_last_bot_has_left_nobody_looks_any_more_and_for_the_next_somebody_does_again(fast_looks):
    async def scene() -> None:
        stub = Stub()
        async with waiting_bots(2, stub) as (waiting, news, bots):
            await until(lambda: stub.looks)
            for bot in bots:
                bot.cancel()
            await until(lambda: news.listeners == 0)
            stub.work = ["new"]
            async with asyncio.timeout(PATIENCE_SECONDS - 1):
                assert await waiting.for_work(PATIENCE_SECONDS) == "new"

    asyncio.run(scene())


@pytest.mark.once
@pytest.mark.django_db(transaction=True)  # a thread that has a connection already looks after it
def test_while_the_database_is_away_bots_are_let_go_to_be_told_and_afterwards_they_wait(fast_looks, monkeypatch):
    looks = []

    def look(most: int) -> list[str]:
        looks.append(1)
        if len(looks) == 1:
            raise OperationalError("gone")
        return ["work"] if len(looks) > 5 else []

    monkeypatch.setattr(module, "find", look)

    async def scene() -> None:
        async with waiting_bots(3) as (waiting, _, bots):
            async with asyncio.timeout(PATIENCE_SECONDS - 1):
                await asyncio.gather(*bots)
                assert len(looks) == 1
                assert await waiting.for_work(PATIENCE_SECONDS) == "work"
                assert len(looks) > 5

    asyncio.run(scene())


@pytest.mark.once
def test_a_process_that_leaves_lets_all_bots_go_and_keeps_none(fast_looks):
    async def scene() -> None:
        async with waiting_bots(3, Stub()) as (waiting, news, bots):
            await until(lambda: news.listeners)
            news.leave(0)
            async with asyncio.timeout(PATIENCE_SECONDS - 1):
                await asyncio.gather(*bots)
                await waiting.for_work(PATIENCE_SECONDS)
                await until(lambda: news.listeners == 0)

    asyncio.run(scene())


@pytest.mark.slow
def test_a_bot_that_waits_is_told_of_work_and_keeps_no_thread(on_any_database):
    server = on_any_database(**UNLIMITED)
    as_bot = {"authorization": f"Bearer {server.manage('create_bot', 'echo').stdout.strip()}"}
    assert server.get("/api/bots/work?wait=1", **as_bot).json()["work"] == []
    answers = []
    bots = [
        Thread(target=lambda: answers.append(server.get("/api/bots/work?wait=30", **as_bot).json()["work"]))
        for _ in range(20)
    ]
    for bot in bots:
        bot.start()
    ids = [server.post(TO_DO).json()["id"] for _ in range(20)]  # more wait than Django has threads
    wait_until(lambda: len(answers) == 20, PATIENCE_SECONDS - 5, lambda: f"only {len(answers)} were told")
    for bot in bots:
        bot.join()
    assert {work["id"] for found in answers for work in found} <= set(ids)
    assert all(answers)


@pytest.mark.slow
def test_R63_bots_that_wait_together_are_told_of_different_work(start_server):
    server = start_server(**UNLIMITED)
    as_bot = {"authorization": f"Bearer {server.manage('create_bot', 'echo').stdout.strip()}"}
    told = []
    bots = [
        Thread(target=lambda: told.append(server.get("/api/bots/work?wait=30&limit=1", **as_bot).json()["work"]))
        for _ in range(6)
    ]
    ids = {server.post(TO_DO).json()["id"] for _ in range(6)}
    for bot in bots:
        bot.start()
    for bot in bots:
        bot.join()
    assert {work["id"] for (work,) in told} == ids


@pytest.mark.slow
def test_who_is_no_bot_does_not_wait(server):
    assert server.get("/api/bots/work?wait=30").status == 401
    assert server.get("/api/bots/work?wait=31", authorization="Bearer x").status in (401, 422)
    assert server.get("/api/bots/work?wait=30", authorization="Bearer x").status == 401
    blind = server.manage("create_bot", "blind", "--scopes", "read:context").stdout.strip()
    assert server.get("/api/bots/work?wait=30", authorization=f"Bearer {blind}").status == 403
