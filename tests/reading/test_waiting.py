"""Waiting, leaving, failing and coming back, in one event loop: what one does to the others, and what goes on."""

import asyncio
import threading
from concurrent.futures import Future
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection

from comments.models import Comment
from comments.reading import news as news_module
from comments.reading.news import News, news
from comments.reading.tail import RECENT_SECONDS, Tail
from comments.stream import clock
from comments.stream.clock import writing
from tests.support.until import until

PATIENCE_SECONDS = 20
NEVER_SECONDS = 10_000

pytestmark = pytest.mark.once


class Reads(Tail):
    """A tail whose reads the test lets end: with what they found, or with an error."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[Future] = []

    def fresh(self) -> Future:
        if not self.begun or self.begun[-1].done():
            future: Future = Future()
            future.set_running_or_notify_cancel()
            self.begun.append(future)
        return self.begun[-1]

    async def looked(self) -> Future:
        """The read that somebody begins, or has begun: the test begins none."""
        await until(lambda: self.begun and not self.begun[-1].done())
        return self.begun[-1]


@pytest.fixture
def fast_ticks(monkeypatch):
    monkeypatch.setattr(news_module, "SAFETY_TICK_SECONDS", 0.01)


@pytest.fixture
def no_ticks(monkeypatch):
    """Nobody looks but who is told to."""
    monkeypatch.setattr(news_module, "SAFETY_TICK_SECONDS", NEVER_SECONDS)


@asynccontextmanager
async def attached(tail: Tail):
    news = News(tail)
    news.attach()
    yield news


# Who leaves, and the others


@pytest.mark.parametrize("way", ["fresh", "recent"])
def test_one_who_leaves_takes_nothing_from_the_others_who_wait_for_the_same_read(way):
    async def scene():
        tail = Reads()
        async with attached(tail) as news:

            async def ask():
                return await getattr(news, way)()

            waiting = [asyncio.create_task(ask()) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
            await asyncio.sleep(0)
            assert len(tail.begun) == 1
            tail.begun[0].set_result("found")
            assert await asyncio.gather(*waiting[1:]) == ["found", "found"]
            with pytest.raises(asyncio.CancelledError):
                await waiting[0]
            again = asyncio.create_task(ask())
            await until(lambda: len(tail.begun) == 2)
            tail.begun[1].set_result("more")
            assert await again == "more"

    asyncio.run(scene())


def test_who_asks_while_a_read_is_under_way_gets_one_that_begins_later():
    """That one may have begun before what was acknowledged just now."""

    async def scene():
        tail = Reads()
        async with attached(tail) as news:
            earlier = news.fresh()
            tail.begun.append(Future())  # as the tail does when it begins to read
            later = news.fresh()
            for read, found in zip(tail.begun, ("without it", "with it"), strict=True):
                read.set_result(found)
            assert [await earlier, await later] == ["without it", "with it"]

    asyncio.run(scene())


def test_while_anybody_listens_the_table_is_looked_at_and_again_after_all_had_left(fast_ticks):
    async def scene():
        tail = Reads()
        async with attached(tail) as news:
            for _ in range(3):
                with news.listening():
                    for _ in range(3):
                        (await tail.looked()).set_result("nothing new")
                await until(news._ticking.done)
                if not tail.begun[-1].done():
                    tail.begun[-1].set_result("nothing new")
                begun = len(tail.begun)
                await asyncio.sleep(0.05)
                assert len(tail.begun) == begun, "nobody listens"

    asyncio.run(scene())


def test_one_of_two_who_leaves_does_not_end_the_looking_for_the_other(fast_ticks):
    async def scene():
        tail = Reads()
        async with attached(tail) as news:
            with news.listening():
                with news.listening():
                    pass
                for _ in range(5):
                    (await tail.looked()).set_result("nothing new")

    asyncio.run(scene())


# Hints


@pytest.mark.django_db(transaction=True)
def test_a_commit_makes_those_who_wait_look_at_once(post, no_ticks, monkeypatch):
    async def scene():
        tail = Tail()
        monkeypatch.setattr(news, "tail", tail)
        news.attach()
        await news.fresh()
        with news.listening():
            await news.fresh()
            upcoming = news.upcoming()
            comment = await asyncio.to_thread(post)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await upcoming.wait()
            assert tail.snapshot.comments[-1].id == comment.id
        tail.executor.shutdown()

    asyncio.run(scene())


def test_a_commit_that_nobody_waits_for_costs_no_look():
    tail = Reads()
    News(tail).hint()
    assert tail.begun == []


@pytest.mark.django_db(transaction=True)
def test_a_hint_comes_after_the_commit_and_not_without_one(post, monkeypatch):
    """A hint before it would make readers look too early, and then not again."""
    seen = []

    def look_from_elsewhere() -> None:
        seen.append(Comment.objects.count())
        connection.close()

    def hint() -> None:
        thread = threading.Thread(target=look_from_elsewhere)
        thread.start()
        thread.join()

    monkeypatch.setattr(clock, "after_commit", [hint])
    post()
    assert seen == [1]
    with pytest.raises(RuntimeError), writing():
        raise RuntimeError("rolled back")
    assert seen == [1]


# Beats: where much is committed, those who wait are woken now and then, once for all of it

LONG_BEAT_SECONDS = 60


async def woken(upcoming: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await upcoming.wait()


async def told(news: News, all: bool = True) -> None:
    """Of news, as the tail's thread tells it; and woken."""
    upcoming = news.upcoming(for_bots=not all)
    news.tail.on_news(all)
    await woken(upcoming)


def test_R13_a_hundred_commits_within_a_beat_wake_those_who_wait_once(monkeypatch):
    monkeypatch.setattr(news_module, "BEAT_SECONDS", LONG_BEAT_SECONDS)

    async def scene():
        async with attached(Reads()) as news:
            await told(news)
            upcoming = news.upcoming()
            for _ in range(100):
                news.tail.on_news(True)
                await asyncio.sleep(0)
            assert not upcoming.is_set()

    asyncio.run(scene())


def test_what_comes_within_a_beat_is_told_when_it_is_over_and_so_each_time():
    async def scene():
        async with attached(Reads()) as news:
            for _ in range(5):
                await told(news)

    asyncio.run(scene())


@pytest.mark.parametrize("order", [(True, False), (False, True)])
def test_news_for_all_stay_for_all_when_a_note_of_a_bot_comes_in_the_same_beat(order):
    async def scene():
        async with attached(Reads()) as news:
            await told(news)
            of_all, of_bots = news.upcoming(), news.upcoming(for_bots=True)
            for all in order:
                news.tail.on_news(all)
            await woken(of_all)
            assert of_bots.is_set()

    asyncio.run(scene())


def test_a_note_of_a_bot_wakes_bots_alone_although_news_for_all_came_before_it():
    async def scene():
        async with attached(Reads()) as news:
            await told(news)
            of_all = news.upcoming()
            await told(news, all=False)
            assert not of_all.is_set()

    asyncio.run(scene())


def test_a_beat_that_ends_with_its_loop_keeps_nobody_waiting_in_the_next(monkeypatch):
    news = News(Reads())

    async def leave_within_a_beat():
        news.attach()
        await told(news)
        news.tail.on_news(True)
        await asyncio.sleep(0)

    async def scene():
        news.attach()
        await told(news)

    with monkeypatch.context() as patch:
        patch.setattr(news_module, "BEAT_SECONDS", LONG_BEAT_SECONDS)
        asyncio.run(leave_within_a_beat())
    asyncio.run(scene())


# Signs of life


def test_no_sign_of_life_goes_out_while_the_database_does_not_answer_and_then_again(fast_ticks, monkeypatch):
    """A page takes one for "there is no news"."""
    monkeypatch.setattr(news_module, "HEARTBEAT_TICKS", 1)

    class Answering(Reads):
        recent_seconds_left = -1.0

    async def scene():
        tail = Answering()
        async with attached(tail) as news:
            with news.listening():
                for _ in range(5):
                    (await tail.looked()).set_exception(OperationalError("gone"))
                assert news.heartbeats == 0
                tail.recent_seconds_left = 1.0
                await until(lambda: news.heartbeats > 0)

    asyncio.run(scene())


def test_of_the_looks_at_the_table_every_sixth_is_followed_by_a_sign_of_life(fast_ticks):
    assert news_module.HEARTBEAT_TICKS == 6

    class Looking(Reads):
        recent_seconds_left = 1.0
        signs_before: list[int] = []

        def fresh(self) -> Future:
            self.signs_before.append(news.heartbeats)
            return super().fresh()

    async def scene():
        news.attach()
        with news.listening():
            await until(lambda: len(tail.signs_before) > 12)
        assert tail.signs_before[:13] == [0] * 6 + [1] * 6 + [2]

    tail = Looking()
    news = News(tail)
    asyncio.run(scene())


# A database that is silent, fails, and returns


def test_whoever_asks_while_a_read_fails_is_told_with_it_and_does_not_wait_for_the_next_to_fail(monkeypatch):
    begun, may_fail = threading.Semaphore(0), threading.Semaphore(0)

    def follow(tail: Tail) -> bool:
        begun.release()
        assert may_fail.acquire(timeout=PATIENCE_SECONDS)
        raise OperationalError("gone")

    monkeypatch.setattr(Tail, "_follow", follow)
    tail = Tail()
    first = tail.fresh()
    assert begun.acquire(timeout=PATIENCE_SECONDS)
    second = tail.fresh()
    assert first is not second
    may_fail.release()
    for future in (first, second):
        with pytest.raises(OperationalError):
            future.result(PATIENCE_SECONDS)
    assert not begun.acquire(blocking=False), "the second read was never needed"
    third = tail.fresh()
    assert begun.acquire(timeout=PATIENCE_SECONDS)
    may_fail.release()
    with pytest.raises(OperationalError):
        third.result(PATIENCE_SECONDS)
    tail.executor.shutdown()


def test_R15_a_cached_read_outlives_a_database_that_failed_within_two_seconds_of_its_last_answer(monkeypatch):
    async def scene():
        tail = Reads()
        now = [100.0]
        monkeypatch.setattr("comments.reading.tail.time", SimpleNamespace(monotonic=lambda: now[0]))
        tail.snapshot, tail.read_at = "the last", now[0]
        async with attached(tail) as news:
            now[0] += RECENT_SECONDS - 0.05
            cached, fresh = asyncio.ensure_future(news.recent()), asyncio.ensure_future(news.fresh())
            await asyncio.sleep(0)
            now[0] += 2  # so long it takes to fail
            tail.begun[0].set_exception(OperationalError("gone"))
            assert await cached == "the last"
            with pytest.raises(OperationalError):
                await fresh
            too_late = asyncio.ensure_future(news.recent())
            await asyncio.sleep(0)
            tail.begun[1].set_exception(OperationalError("gone"))
            with pytest.raises(OperationalError):
                await too_late

    asyncio.run(scene())


def test_R09_a_cached_read_waits_for_a_database_that_is_slow(monkeypatch):
    """Whoever has just posted must find it, on every path."""

    async def scene():
        tail = Reads()
        now = [100.0]
        monkeypatch.setattr("comments.reading.tail.time", SimpleNamespace(monotonic=lambda: now[0]))
        tail.snapshot, tail.read_at = "the last", now[0]
        async with attached(tail) as news:
            cached = asyncio.ensure_future(news.recent())
            await asyncio.sleep(0.01)
            now[0] += 10 * RECENT_SECONDS
            await asyncio.sleep(0.01)
            assert not cached.done()
            tail.begun[0].set_result("fresh")
            assert await cached == "fresh"

    asyncio.run(scene())


def test_a_cached_read_gets_the_table_where_it_answers():
    async def scene():
        tail = Reads()
        tail.snapshot, tail.read_at = "the last", float("inf")
        async with attached(tail) as news:
            cached = asyncio.ensure_future(news.recent())
            await asyncio.sleep(0)
            tail.begun[0].set_result("fresh")
            assert await cached == "fresh"

    asyncio.run(scene())
