"""The WebSocket of the change feed: a long history over a real server, and in this process, to see inside.

What any client can see of it is stated in tests/conformance/sockets.py.
"""

import asyncio
import json
import time
from collections.abc import Iterable
from contextlib import asynccontextmanager, contextmanager

import pytest
from django.db import OperationalError
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from comments.api import consumers
from comments.api.consumers import MAX_MESSAGE_BYTES, MAX_UNACKNOWLEDGED, ChangesSocket
from comments.api.states import StatesSocket
from comments.models import Comment
from comments.reading.news import News
from comments.reading.tail import Tail
from tests.browser.conftest import import_into
from tests.support.servers import Server

PATIENCE_SECONDS = 20  # with busy cores


class Reader:
    """One WebSocket that acknowledges as it is told to."""

    def __init__(self, socket: ClientConnection):
        self.socket = socket

    def envelope(self, timeout: float = PATIENCE_SECONDS) -> dict:
        return json.loads(self.socket.recv(timeout))

    def acknowledge(self, envelope: dict) -> None:
        self.socket.send(json.dumps({"cursor": envelope["cursor"]}))

    def until(self, text: str, cursor: int | None = None) -> list[dict]:
        """All changes up to the one with this text, each envelope acknowledged, each joining on to the last."""
        changes = []
        while text not in [change.get("text") for change in changes]:
            envelope = self.envelope()
            assert cursor in (None, envelope["after"]), "a hole or an overlap"
            cursor = envelope["cursor"]
            changes += envelope["changes"]
            self.acknowledge(envelope)
        return changes

    def close_code(self) -> int:
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                self.socket.recv(PATIENCE_SECONDS)
        return closed.value.rcvd.code


@contextmanager
def reading(server: Server, query: str = "after=0"):
    with connect(
        f"{server.url.replace('http', 'ws')}/ws/changes?{query}", max_size=None, open_timeout=PATIENCE_SECONDS
    ) as socket:
        yield Reader(socket)


@pytest.fixture
def site(new_site) -> Server:
    return new_site


def say(server: Server, text: str, **more) -> None:
    assert server.post({"text": text, "username": "Ada"} | more).status == 201


def many(count: int, text: str = "imported") -> list[dict]:
    now = time.time_ns() // 1_000_000
    return [
        {"id": f"id-{n}", "timestamp": now - 1000 * (count - n), "username": "Eve", "text": f"{text} {n}"}
        for n in range(count)
    ]


def texts(changes: list[dict]) -> list[str]:
    return [change["text"] for change in changes]


def test_a_long_stream_comes_page_by_page_without_hole_or_double(site):
    import_into(site, many(700))
    with reading(site) as reader:
        assert texts(reader.until("imported 699")) == [f"imported {n}" for n in range(700)]
        say(site, "and on")
        assert texts(reader.until("and on")) == ["and on"]


def test_large_envelopes_are_split_into_messages_that_the_server_may_send(site):
    import_into(site, [comment | {"text": f"{n}" + "🥀" * 900} for n, comment in enumerate(many(300))])
    found = []
    with reading(site) as reader:
        while len(found) < 300:
            message = reader.socket.recv(PATIENCE_SECONDS)
            assert len(message.encode()) <= MAX_MESSAGE_BYTES
            found += json.loads(message)["changes"]
            reader.acknowledge(json.loads(message))
    assert [change["text"].rstrip("🥀") for change in found] == [str(n) for n in range(300)]


def test_a_comment_too_large_for_any_message_closes_with_a_code_and_comes_by_polling(site):
    """Only an import brings one."""
    before, large, after = many(3)
    import_into(site, [before, large | {"text": "🥀" * 80_000}, after])
    with reading(site) as reader:
        envelope = reader.envelope()
        assert texts(envelope["changes"]) == ["imported 0"]
        assert reader.close_code() == 4413
    polled = site.get(f"/api/changes?after={envelope['cursor']}&limit=1").json()
    assert texts(polled["changes"]) == ["🥀" * 80_000]
    with reading(site, f"after={polled['cursor']}") as reader:
        assert texts(reader.envelope()["changes"]) == ["imported 2"]
    assert "Traceback" not in site.log()


def test_a_reader_that_acknowledges_everything_gets_through_any_backlog(site):
    import_into(site, many(5 * MAX_UNACKNOWLEDGED))
    with reading(site, "after=0&limit=1") as reader:
        last = f"imported {5 * MAX_UNACKNOWLEDGED - 1}"
        assert len(reader.until(last)) == 5 * MAX_UNACKNOWLEDGED
        say(site, "later, when nothing is left to acknowledge")
        assert texts(reader.until("later, when nothing is left to acknowledge"))


@pytest.mark.once
def test_a_reader_that_acknowledges_nothing_is_closed_and_goes_on_by_its_cursor(site):
    import_into(site, many(10 * (MAX_UNACKNOWLEDGED + 8)))
    found, cursor = [], 0
    with reading(site, "after=0&limit=10") as reader, pytest.raises(ConnectionClosed) as closed:
        while True:
            envelope = reader.envelope()
            found, cursor = found + envelope["changes"], envelope["cursor"]
    assert closed.value.rcvd.code == 4408
    assert len(found) == 10 * MAX_UNACKNOWLEDGED
    last = f"imported {10 * (MAX_UNACKNOWLEDGED + 8) - 1}"
    with reading(site, f"after={cursor}&limit=10") as reader:
        found += reader.until(last)
    assert texts(found) == [f"imported {n}" for n in range(10 * (MAX_UNACKNOWLEDGED + 8))]


# In this process, to see inside


class OwnSocket:
    """A socket without a server: what it is told and what it has sent."""

    def __init__(
        self,
        news: News,
        most_on_their_way: int = 0,
        headers: Iterable[tuple[bytes, bytes]] = (),
        query: bytes = b"after=0",
        kind: type[ChangesSocket] = ChangesSocket,
    ):
        self.told, self.sent = asyncio.Queue(), asyncio.Queue(most_on_their_way)
        scope = {"query_string": query, "headers": list(headers)}
        self.running = asyncio.ensure_future(kind(scope, self.told.get, self.sent.put, news).run())

    @classmethod
    async def opened(cls, news: News, **more) -> "OwnSocket":
        socket = cls(news, **more)
        await socket.told.put({"type": "websocket.connect"})
        assert (await socket.sent.get())["type"] == "websocket.accept"
        return socket

    async def message(self) -> dict:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.sent.get()

    async def envelope(self) -> dict:
        return json.loads((await self.message())["text"])

    async def leave(self) -> None:
        await self.told.put({"type": "websocket.disconnect", "code": 1001})
        ended, _ = await asyncio.wait([self.running], timeout=PATIENCE_SECONDS)
        assert ended, "it goes on without its reader"
        assert not self.running.cancelled(), "who leaves has broken nothing off"


@asynccontextmanager
async def pushed_to(**more):
    """News, and a socket that is told of them."""
    news = News(Tail())
    socket = await OwnSocket.opened(news, **more)
    yield news, socket
    await socket.leave()
    news.tail.executor.shutdown()


@pytest.mark.django_db(transaction=True)
def test_readers_that_leave_are_listened_for_no_more(post):
    async def visit(news: News) -> None:
        socket = await OwnSocket.opened(news)
        assert (await socket.envelope())["changes"]
        assert news.listeners > 0
        await socket.leave()

    async def visits() -> News:
        news = News(Tail())
        await asyncio.gather(*(visit(news) for _ in range(50)))
        for _ in range(100):
            await asyncio.sleep(0.03)
            if news._ticking.done():
                break
        news.tail.executor.shutdown()
        assert len(asyncio.all_tasks()) == 1, "this one"
        return news

    post("for all of them")
    assert asyncio.run(visits()).listeners == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_posted_while_an_envelope_goes_out_is_in_the_next(post):
    """It joins on to the last that was sent, and not to what there is by then."""

    async def read_slowly() -> list[str]:
        async with pushed_to(most_on_their_way=1) as (news, socket):
            cursor, found = (await socket.envelope())["cursor"], []
            for text in ("first", "second", "third"):
                upcoming = news.upcoming()
                await asyncio.to_thread(post, text)
                await news.fresh()
                await upcoming.wait()
            while len(found) < 3:
                envelope = await socket.envelope()
                assert envelope["after"] == cursor
                cursor = envelope["cursor"]
                found += texts(envelope["changes"])
        return found

    assert asyncio.run(read_slowly()) == ["first", "second", "third"]


@pytest.mark.django_db(transaction=True)
def test_fifty_sockets_that_get_a_comment_cost_the_table_what_one_costs(post):
    """All consumers of a process would share one thread for their queries (pitfall 18)."""
    reads = []

    class CountingTail(Tail):
        def _follow(self) -> bool:
            reads.append(1)
            return super()._follow()

    async def get_one() -> None:
        news = News(CountingTail())
        sockets = [await OwnSocket.opened(news) for _ in range(50)]
        for socket in sockets:
            assert (await socket.envelope())["changes"] == []
        reads.clear()
        await asyncio.to_thread(post, "for all of them")
        news.hint()
        for socket in sockets:
            assert texts((await socket.envelope())["changes"]) == ["for all of them"]
        for socket in sockets:
            await socket.leave()
        news.tail.executor.shutdown()

    asyncio.run(get_one())
    assert len(reads) <= 3  # two hints, and a tick


@pytest.mark.django_db(transaction=True)
def test_a_socket_of_a_process_that_leaves_is_sent_away_at_its_own_time(monkeypatch):
    """All at the same moment would come back at the same moment."""
    monkeypatch.setattr(consumers.random, "random", lambda: 0.001)
    monkeypatch.setattr("comments.reading.news.SAFETY_TICK_SECONDS", 1000)  # nothing else wakes who waits

    async def last_message() -> tuple[dict, float]:
        async with pushed_to() as (news, socket):
            await socket.envelope()
            told_at = news.loop.time()
            news.leave(spread_seconds=100)
            while (message := await socket.message())["type"] == "websocket.send":
                pass
            return message, news.loop.time() - told_at

    message, after_seconds = asyncio.run(last_message())
    assert message == {"type": "websocket.close", "code": 1012, "reason": "restart"}
    assert after_seconds > 0.09, "a thousandth of the time over which all are sent away"


def first_message(**more) -> dict:
    async def told() -> dict:
        async with pushed_to(**more) as (_, socket):
            return await socket.message()

    return asyncio.run(told())


@pytest.mark.parametrize(
    ("query", "code", "reason"),
    [(b"after=x", 4422, "invalid_parameter"), (b"after=%d" % (4 * 10**15), 4422, "cursor_ahead")],
)
@pytest.mark.django_db(transaction=True)
def test_what_a_socket_is_asked_and_cannot_be_answered_is_said_when_it_is_closed(query, code, reason):
    assert first_message(query=query) == {"type": "websocket.close", "code": code, "reason": reason}


@pytest.mark.django_db(transaction=True)
def test_a_socket_is_told_that_the_database_does_not_answer(monkeypatch):
    def away(tail):
        raise OperationalError("gone")

    monkeypatch.setattr(Tail, "fresh", away)
    assert first_message() == {"type": "websocket.close", "code": 4503, "reason": "unavailable"}


@pytest.mark.django_db(transaction=True)
def test_a_bot_far_behind_is_told_of_what_is_for_bots_too(post, bot_token, monkeypatch):
    monkeypatch.setattr("comments.api.reads.changes_from_tail", lambda *question: None)
    post("Hi", context={"for": "bots"})
    message = first_message(headers=[(b"authorization", f"Bearer {bot_token}".encode())])
    assert [change["context"] for change in json.loads(message["text"])["changes"]] == [{"for": "bots"}]


@pytest.mark.django_db(transaction=True)
def test_a_sign_of_life_tells_how_many_read():
    envelope = json.loads(first_message()["text"])
    assert envelope["changes"] == [] and "readers" in envelope


@pytest.mark.parametrize(("kind", "found"), [(ChangesSocket, "changes"), (StatesSocket, "comments")])
@pytest.mark.django_db(transaction=True)
def test_who_is_pushed_to_is_told_of_news_and_not_with_the_next_sign_of_life(kind, found, post, make_bot, monkeypatch):
    monkeypatch.setattr("comments.reading.news.HEARTBEAT_TICKS", 10**9)
    _, token = make_bot("guard", scopes=["moderate"])

    async def told() -> list[dict]:
        headers = [(b"authorization", f"Bearer {token}".encode())]
        async with pushed_to(kind=kind, headers=headers) as (news, socket):
            assert (await socket.envelope())[found] == []
            await asyncio.to_thread(post, "at once")
            news.hint()
            return (await socket.envelope())[found]

    assert texts(asyncio.run(told())) == ["at once"]


@pytest.mark.django_db(transaction=True)
def test_envelopes_join_on_even_after_changes_that_concern_nobody(held):
    async def read() -> tuple[int, dict]:
        async with pushed_to() as (news, socket):
            first = await socket.envelope()
            comment = await asyncio.to_thread(held, "held")
            await news.fresh()
            await news.fresh()  # begins when the first has told what it found
            news.wake()
            for _ in range(20):
                await asyncio.sleep(0)
            await asyncio.to_thread(lambda: Comment.objects.filter(pk=comment.pk).release())
            await news.fresh()
            return first["cursor"], await socket.envelope()

    cursor, envelope = asyncio.run(read())
    assert (envelope["after"], texts(envelope["changes"])) == (cursor, ["held"])


@pytest.mark.django_db(transaction=True)
def test_one_acknowledgement_counts_once(post, monkeypatch):
    """One that counted for ever would let a reader that has stopped be sent everything there is."""
    monkeypatch.setattr(consumers, "MAX_UNACKNOWLEDGED", 4)
    monkeypatch.setattr(consumers, "PATIENCE_SECONDS", 0.1)
    for number in range(20):
        post(f"number {number}")

    async def read() -> tuple[list[str], dict]:
        async with pushed_to(query=b"after=0&limit=1") as (_, socket):
            found = texts((await socket.envelope())["changes"])
            await socket.told.put({"type": "websocket.receive", "text": "{}"})
            while (told := await socket.message())["type"] == "websocket.send":
                found += texts(json.loads(told["text"])["changes"])
                assert len(found) < 20, "it is sent everything"
        return found, told

    found, told = asyncio.run(read())
    assert told == {"type": "websocket.close", "code": 4408, "reason": "too_slow"}
    assert found == [f"number {number}" for number in range(len(found))]
    assert 4 < len(found) <= 8, "it may come when some are on their way already"
