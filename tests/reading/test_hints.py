"""Hints between processes: they save a second, and nothing depends on them."""

import asyncio

import pytest
from channels_redis.core import RedisChannelLayer
from django.conf import settings

from comments.reading.hints import Hints, hints
from tests.support.servers import UNLIMITED
from tests.support.workers import Worker

WAIT_SECONDS = 20

pytestmark = pytest.mark.once


class Listener:
    """What a process does with hints: it counts them."""

    def __init__(self):
        self.hinted = 0
        self.changed = asyncio.Event()

    def attach(self) -> None:
        self.loop = asyncio.get_running_loop()

    def hint(self) -> None:
        self.hinted += 1
        self.changed.set()

    async def until_hinted(self) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            await self.changed.wait()
        self.changed.clear()


async def two_processes(redis):
    processes = [Hints(Listener(), RedisChannelLayer(hosts=[redis.url])) for _ in range(2)]
    for process in processes:
        process.attach()
    async with asyncio.timeout(WAIT_SECONDS):
        while await subscriptions(processes[0]) != 2:
            await asyncio.sleep(0.02)
    return processes


async def subscriptions(process: Hints) -> int:
    connection = process.layer.connection(0)
    return await connection.zcard(process.layer._group_key("stream"))


async def clients_of(process: Hints) -> int:
    return len(await process.layer.connection(0).client_list())


def test_one_process_needs_no_layer():
    """Channels' layer in memory forgets its subscribers once a message has expired (pitfall 21)."""
    assert not settings.REDIS_URL
    assert "CHANNEL_LAYERS" not in vars(settings._wrapped)
    assert hints is None


def test_a_commit_in_one_process_makes_the_other_look(redis):
    async def scene():
        writer, reader = await two_processes(redis)
        await asyncio.to_thread(writer.tell)
        await reader.news.until_hinted()

    asyncio.run(scene())


def test_a_thousand_commits_at_once_are_a_few_hints_over_the_same_connections(redis):
    """A hint is sent from the loop that has the connection, whichever thread has written (pitfall 22)."""

    async def scene():
        writer, reader = await two_processes(redis)
        connections = await clients_of(writer)
        await asyncio.to_thread(lambda: [writer.tell() for _ in range(1000)])
        await reader.news.until_hinted()
        async with asyncio.timeout(WAIT_SECONDS):
            while not writer._telling.done() or writer._tell_again:
                await asyncio.sleep(0.02)
        assert reader.news.hinted < 10
        assert await clients_of(writer) <= connections + 1  # the first hint may open the writer's own

    asyncio.run(scene())


def test_each_process_has_one_subscription_however_often_it_attaches(redis):
    """The layer holds 100 messages for a process, and drops the others without a word (pitfall 19)."""

    async def scene():
        writer, _ = await two_processes(redis)
        for _ in range(50):
            writer.attach()
        assert await subscriptions(writer) == 2

    asyncio.run(scene())


def test_without_redis_a_commit_goes_on_and_hints_return_with_it(redis, monkeypatch):
    """The layer tells nobody that it has lost Redis, or found it again (pitfall 20)."""
    monkeypatch.setattr("comments.reading.hints.RETRY_SECONDS", 0.05)

    async def scene():
        writer, reader = await two_processes(redis)
        redis.stop()
        writer.tell()
        async with asyncio.timeout(WAIT_SECONDS):
            await writer_is_done(writer)
            redis.start()
            while not reader.news.hinted:
                writer.tell()
                await asyncio.sleep(0.05)

    async def writer_is_done(writer):
        while writer._telling is None or not writer._telling.done():
            await asyncio.sleep(0.02)

    asyncio.run(scene())


@pytest.mark.slow
@pytest.mark.parametrize("redis_is", ["up", "down"])
def test_a_long_poll_at_one_process_gets_what_is_posted_at_another(redis, start_server, redis_is):
    if redis_is == "down":
        redis.stop()
    first = start_server("postgresql", REDIS_URL=redis.url, **UNLIMITED)
    with first.twin() as second:
        cursor = second.get("/api/comments").json()["cursor"]
        for number in range(5):
            poll = Worker(second.env, "long_poll", second.url, cursor)
            posted = first.post({"text": f"number {number}", "username": "Ada"}).json()
            answer = poll.result()
            assert [change["id"] for change in answer["changes"]] == [posted["id"]]
            cursor = answer["cursor"]
