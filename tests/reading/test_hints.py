"""Hints between processes: they save a second, and nothing depends on them."""

import asyncio
import gc
import itertools
import re
from types import SimpleNamespace

import pytest
from django.conf import settings
from redis.asyncio import Connection

from comments.reading.hint_layer import HintLayer
from comments.reading.hints import Hints, hints
from comments.reading.readers import Readers
from tests.support.counted import counted
from tests.support.private_postgres import wait_until
from tests.support.servers import UNLIMITED
from tests.support.until import until
from tests.support.workers import Worker

WAIT_SECONDS = 20
IDLE_SECONDS = 12
GONE = "Redis does not answer"
BACK = "Redis answers again"

pytestmark = pytest.mark.once


class Listener:
    """What a process does with hints: it counts them."""

    def __init__(self):
        self.hinted = 0
        self.when_hinted = lambda: None

    def attach(self) -> None:
        self.loop = asyncio.get_running_loop()

    def hint(self) -> None:
        self.hinted += 1
        self.when_hinted()

    async def until_hinted(self, times: int = 1) -> None:
        await until(lambda: self.hinted >= times)


async def process(url: str, **intervals: float) -> Hints:
    """One that listens, and has heard itself subscribe."""
    process = Hints(Listener(), HintLayer(hosts=[url]), **intervals)
    process.attach()
    await process.news.until_hinted()
    return process


async def two_processes(url: str, **intervals: float) -> tuple[Hints, Hints]:
    first = await process(url, **intervals)
    second = await process(url, **intervals)
    await first.news.until_hinted(2)  # by the second
    return first, second


async def subscriptions(process: Hints) -> int:
    return await process.layer.connection(0).zcard(process.layer._group_key("stream"))


async def clients_of(process: Hints) -> set[str]:
    return {client["id"] for client in await process.layer.connection(0).client_list()}


def said(caplog) -> list[str]:
    """What was logged, as GONE and BACK. That it is gone comes with the kind of the error."""
    known = {GONE: re.compile(rf"{GONE} \(\w+Error\)"), BACK: re.compile(BACK)}
    return [next((name for name in known if known[name].match(line)), line) for line in caplog.messages]


async def until_said(caplog, *sentences: str) -> None:
    await until(lambda: len(said(caplog)) >= len(sentences))
    assert said(caplog) == list(sentences)


def test_one_process_needs_no_layer():
    """Channels' layer in memory forgets its subscribers once a message has expired (pitfall 21)."""
    assert not settings.REDIS_URL
    assert "CHANNEL_LAYERS" not in vars(settings._wrapped)
    assert hints is None


def test_a_commit_in_one_process_makes_the_other_look(redis):
    async def scene():
        writer, reader = await two_processes(redis.url)
        await asyncio.to_thread(writer.tell)
        await reader.news.until_hinted(2)

    asyncio.run(scene())


def test_the_number_of_readers_reaches_the_other_process_and_makes_nobody_look(redis):
    async def scene():
        one, other = await two_processes(redis.url)
        one.readers, other.readers = Readers(SimpleNamespace(listeners=7)), Readers(SimpleNamespace(listeners=1))
        await asyncio.to_thread(one.tell_of_readers, 7)
        await until(lambda: other.readers._others)
        looks = other.news.hinted
        assert other.readers.count() == 1 + 7
        assert one.readers.count() == 7
        assert other.news.hinted == looks

    asyncio.run(scene())


def test_a_thousand_commits_at_once_are_a_few_hints_over_the_same_connections(redis):
    """A hint is sent from the loop that has the connection, whichever thread has written (pitfall 22)."""

    async def scene():
        writer, reader = await two_processes(redis.url)
        connections = await clients_of(writer)
        before = {way: counted("hints", way=way) for way in ("sent", "received")}
        await asyncio.to_thread(lambda: [writer.tell() for _ in range(1000)])
        await reader.news.until_hinted(2)
        await until(lambda: writer._telling.done() and not writer._tell_again)
        assert reader.news.hinted < 100
        assert 1 <= counted("hints", way="sent") - before["sent"] < 100
        assert counted("hints", way="received") > before["received"]
        assert len(await clients_of(writer)) <= len(connections) + 4  # as many as have something to do at once

    asyncio.run(scene())


def test_what_is_committed_while_a_hint_is_under_way_is_told_by_one_more():
    class SlowLayer:
        """Its Redis takes as long as the test lets it."""

        def __init__(self):
            self.sent = []

        async def new_channel(self) -> str:
            await asyncio.Event().wait()

        async def group_send(self, group, message) -> None:
            self.sent.append(asyncio.Event())
            await self.sent[-1].wait()

    async def scene() -> int:
        process = Hints(Listener(), SlowLayer())
        process.attach()
        process.tell()
        await until(lambda: len(process.layer.sent) == 1)
        for _ in range(3):
            process.tell()
        await asyncio.sleep(0)
        process.layer.sent[0].set()
        await until(lambda: len(process.layer.sent) == 2)
        process.layer.sent[1].set()
        await process._telling
        await asyncio.sleep(0)
        process._hearing.cancel()
        return len(process.layer.sent)

    assert asyncio.run(scene()) == 2


def test_each_process_has_one_subscription_however_often_it_attaches(redis):
    """The layer holds 100 messages for a process, and drops the others without a word (pitfall 19)."""

    async def scene():
        writer, _ = await two_processes(redis.url)
        for _ in range(50):
            writer.attach()
        assert await subscriptions(writer) == 2

    asyncio.run(scene())


@pytest.mark.parametrize("sent", range(1, 9))
def test_a_process_that_is_told_to_end_while_it_talks_to_redis_does(redis, monkeypatch, sent):
    """Before Python 3.12 a cancellation is lost when it comes together with what was awaited."""
    monkeypatch.setattr(HintLayer, "brpop_timeout", 1)
    send = Connection._send_packed_command
    commands = itertools.count(1)

    async def scene():
        async def send_and_cancel(connection, command):
            await send(connection, command)
            if next(commands) == sent:
                site._hearing.cancel()

        site = await process(redis.url)
        monkeypatch.setattr(Connection, "_send_packed_command", send_and_cancel)
        site.tell()
        await until(site._hearing.done)

    asyncio.run(scene())


# Silence


@pytest.mark.slow
@pytest.mark.parametrize("query", ["", "?socket_timeout=1"])
def test_a_hint_after_a_long_silence_comes_over_the_connection_that_waited_for_it(redis, caplog, query):
    """The layer's reads end after five seconds without news, and so would the client's patience with Redis."""

    async def scene():
        writer, reader = await two_processes(redis.url + query)
        connections = await clients_of(writer)
        await asyncio.sleep(IDLE_SECONDS)
        assert reader.news.hinted == 1
        writer.tell()
        await reader.news.until_hinted(2)
        assert connections <= await clients_of(writer)

    asyncio.run(scene())
    assert said(caplog) == []


def test_a_subscription_that_redis_has_forgotten_is_renewed(redis):
    async def scene():
        reader = await process(redis.url, renew_seconds=0.1)
        heard = reader.news.hinted
        await reader.layer.connection(0).flushall()
        await reader.news.until_hinted(heard + 2)  # one may have been on its way
        assert await subscriptions(reader) == 1

    asyncio.run(scene())


def test_a_renewal_does_not_break_off_the_read(redis):
    """A hint that came just then would be lost with it."""

    async def scene():
        reader = await process(redis.url, renew_seconds=0.1)
        connections = await clients_of(reader)
        await reader.news.until_hinted(reader.news.hinted + 5)
        assert connections <= await clients_of(reader)

    asyncio.run(scene())


# Redis goes away and comes back


def test_it_is_said_once_that_redis_is_gone_and_once_that_it_is_back(redis, caplog):
    """The layer tells nobody that it has lost Redis, or found it again (pitfall 20)."""

    async def scene():
        site = await process(redis.url, retry_seconds=0.05)
        redis.stop()
        for _ in range(20):
            site.tell()
            await until(lambda: site._telling and site._telling.done())
        await until_said(caplog, GONE)
        redis.start()
        await until_said(caplog, GONE, BACK)
        redis.stop()
        await until_said(caplog, GONE, BACK, GONE)
        redis.start()
        await until_said(caplog, GONE, BACK, GONE, BACK)

    asyncio.run(scene())


def test_a_hint_goes_out_although_redis_has_closed_the_connection_meanwhile(redis, caplog):
    """As it does with one that is idle for as long as its settings say."""

    async def scene():
        writer, reader = await two_processes(redis.url)
        server, waiting = reader.layer.connection(0), 0
        async with asyncio.timeout(WAIT_SECONDS):
            while waiting < 2:  # for news, each of them
                clients = await server.client_list()
                waiting = sum(client["cmd"] == "bzpopmin" for client in clients)
        for client in clients:
            if client["cmd"] != "bzpopmin":
                await server.client_kill_filter(_id=client["id"], skipme=True)
        await server.ping()  # what was closed before is known by now
        await asyncio.to_thread(writer.tell)
        await reader.news.until_hinted(2)

    asyncio.run(scene())
    assert said(caplog) == []


def test_a_redis_that_is_not_there_from_the_beginning_is_found_when_it_comes(redis, caplog):
    async def scene():
        redis.stop()
        site = Hints(Listener(), HintLayer(hosts=[redis.url]), retry_seconds=0.05)
        site.attach()
        await until_said(caplog, GONE)
        redis.start()
        await site.news.until_hinted()
        await until_said(caplog, GONE, BACK)

    asyncio.run(scene())


def test_who_could_not_hear_looks_as_soon_as_it_can(redis):
    """Nobody tells again what was committed meanwhile."""

    async def scene():
        reader = await process(redis.url, retry_seconds=0.05)
        await asyncio.to_thread(redis.stop)  # so that it notices; a loop that stood still would at the next renewal
        heard = reader.news.hinted
        await asyncio.to_thread(redis.start)
        await reader.news.until_hinted(heard + 1)
        assert await subscriptions(reader) == 1

    asyncio.run(scene())


def counted_subscribing(process: Hints) -> list:
    """A list of the times that the process has tried to subscribe, as it grows."""
    subscribe, tried = process.layer.group_add, []

    def counting(*arguments):
        tried.append(arguments)
        return subscribe(*arguments)

    process.layer.group_add = counting
    return tried


def test_a_renewal_that_has_failed_is_not_the_last(redis, caplog):
    async def scene():
        reader = await process(redis.url, renew_seconds=0.01, retry_seconds=0.05)
        tried = counted_subscribing(reader)
        redis.stop()
        await until_said(caplog, GONE)
        before = len(tried)
        await until(lambda: len(tried) > before + 10)
        redis.start()
        await until_said(caplog, GONE, BACK)
        await reader.layer.connection(0).flushall()
        heard = reader.news.hinted
        await reader.news.until_hinted(heard + 2)
        assert await subscriptions(reader) == 1

    asyncio.run(scene())


def test_a_redis_that_is_away_is_not_asked_without_a_pause(redis, caplog):
    async def scene():
        reader = await process(redis.url, retry_seconds=3600)
        tried = counted_subscribing(reader)
        redis.stop()
        await until_said(caplog, GONE)
        for _ in range(100):
            await asyncio.sleep(0)
        assert tried == []

    asyncio.run(scene())


def test_a_redis_that_goes_just_after_a_hint_is_said_in_the_same_words(redis, caplog):
    """The layer tidies up after each message, in a task that nobody awaits."""

    async def scene():
        site = await process(redis.url)
        site.news.when_hinted = redis.stop
        site.tell()
        await until_said(caplog, GONE)

    asyncio.run(scene())
    gc.collect()  # whereupon asyncio complains of errors that nobody has looked at
    assert said(caplog) == [GONE]


def test_a_redis_that_hangs_is_given_up_and_found_again(redis, caplog, monkeypatch):
    """It would keep a connection, and who waits for it, for ever."""
    monkeypatch.setattr("comments.reading.hint_layer.ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(HintLayer, "brpop_timeout", 1)

    async def scene():
        writer, reader = await two_processes(redis.url, retry_seconds=0.05)
        connections = await clients_of(writer)
        redis.hang()
        writer.tell()
        await until(lambda: writer._telling and writer._telling.done())
        await until_said(caplog, GONE, GONE)
        redis.go_on()
        await until(lambda: said(caplog).count(BACK) == 2)
        heard = reader.news.hinted
        writer.tell()
        await reader.news.until_hinted(heard + 1)
        assert await subscriptions(writer) == 2
        assert len(await clients_of(writer)) <= len(connections) + 2

    asyncio.run(scene())
    assert sorted(said(caplog)) == sorted([GONE, GONE, BACK, BACK])


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


@pytest.mark.slow
def test_while_redis_is_away_a_server_goes_on_and_its_log_has_one_line_for_each_change(redis, start_server):
    def post() -> None:
        assert server.post({"text": "Hello", "username": "Ada"}).status == 201

    def lines() -> list[str]:
        return [line for line in server.log().splitlines() if "WARNING" in line or "ERROR" in line]

    server = start_server(REDIS_URL=redis.url, **UNLIMITED)
    post()
    redis.stop()
    for _ in range(20):
        post()
    wait_until(lambda: GONE in server.log(), WAIT_SECONDS, server.log)
    redis.start()
    wait_until(lambda: BACK in server.log(), WAIT_SECONDS, server.log)
    post()
    assert [GONE in line or BACK in line for line in lines()] == [True, True]
    redis.hang()
    post()
    server.stop()  # raises if it does not end
    assert len(lines()) == 2
