"""Django behind its bounded door: what comes in at once, what waits, and what is turned away."""

import asyncio
import http.client
import json
import os
import socket
import sqlite3
import sys
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpResponse

from comments.api.questions import is_costly
from comments.api.response import Response as Answer
from saywhat.handler import AT_ONCE, COSTLY_AT_ONCE, COSTLY_QUEUE, QUEUE, ThreadedHandler, read_body
from saywhat.logs import request_id
from tests.support.private_postgres import wait_until
from tests.support.servers import UNLIMITED, Response, Server

WAIT_SECONDS = 15
SPARE_THREADS = 10  # the main thread, the tail's, the two of webhooks, the event loop's own
TOO_MUCH = 10

pytestmark = [pytest.mark.once, pytest.mark.slow]


@contextmanager
def no_writing(server: Server):
    """Hold the lock that every writer needs."""
    with closing(sqlite3.connect(server.folder / "saywhat.sqlite3", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


def post(server: Server, number: int) -> Response:
    return server.post({"text": f"number {number}", "username": "Ada"})


def threads_of(server: Server) -> int:
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("Threads:"))


@pytest.mark.parametrize("program", ["daphne", "uvicorn"])
def test_a_flood_of_posts_is_bounded_and_neither_hurts_readers_nor_loses_what_was_let_in(start_server, program):
    """Pitfall 10: Django's own handler would take a thread for each."""
    server = start_server(program=program, **UNLIMITED)
    flood = AT_ONCE + QUEUE + TOO_MUCH
    with ThreadPoolExecutor(flood) as visitors:
        with no_writing(server):
            answers = [visitors.submit(post, server, number) for number in range(flood)]
            turned_away = first(TOO_MUCH, answers)
            assert server.get("/api/changes?after=0").json()["changes"] == []  # a reader gets through
            assert server.get("/api/comments").status == 200
            assert threads_of(server) <= AT_ONCE + SPARE_THREADS
        statuses = [answer.result().status for answer in answers]
    assert statuses.count(503) == len(turned_away) == TOO_MUCH
    for answer in turned_away:
        assert answer.json()["code"] == "busy"
        assert answer.headers["Retry-After"] == "1"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert statuses.count(201) == AT_ONCE + QUEUE == server.get("/api/stats").json()["totalMessages"]


def first(count: int, answers: list[Future]) -> list[Response]:
    wait_until(
        lambda: sum(answer.done() for answer in answers) >= count,
        WAIT_SECONDS,
        lambda: f"of {len(answers)} requests fewer than {count} were answered",
    )
    return [answer.result() for answer in answers if answer.done()]


@pytest.mark.parametrize("program", ["daphne", "uvicorn"])
def test_visitors_that_send_slowly_take_no_place(start_server, program):
    server = start_server(program=program)
    slow = [begin_post(server) for _ in range(AT_ONCE + QUEUE + TOO_MUCH)]
    assert post(server, 1).status == 201
    for visitor in slow:
        visitor.close()
    assert post(server, 2).status == 201


def begin_post(server: Server) -> socket.socket:
    visitor = socket.create_connection(("127.0.0.1", server.port))
    head = (
        "POST /api/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
    )
    visitor.sendall(f"{head}\r\n{{".encode())
    return visitor


@pytest.mark.parametrize("program", ["daphne", "uvicorn"])
def test_a_body_that_comes_in_chunks_is_as_limited_as_any(start_server, program):
    """It has no length that could be looked at beforehand."""
    server = start_server(program=program)
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_SECONDS)) as visitor:
        body = (b'{"text": "' if n == 0 else b"x" * 1024 for n in range(20))
        visitor.request("POST", "/api/comments", body, {"Content-Type": "application/json"}, encode_chunked=True)
        answer = visitor.getresponse()
        assert (answer.status, b"too_large" in answer.read()) == (413, True)
    small = iter([b'{"text": "in ', b'chunks", "username": "Ada"}'])
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_SECONDS)) as visitor:
        visitor.request("POST", "/api/comments", small, {"Content-Type": "application/json"}, encode_chunked=True)
        assert visitor.getresponse().status == 201


def test_a_visitor_that_goes_away_in_the_middle_leaves_nothing_behind(start_server):
    server = start_server()
    for _ in range(2 * AT_ONCE):
        begin_post(server).close()
    assert post(server, 1).status == 201
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("program", ["daphne", "uvicorn"])
def test_a_post_whose_visitor_hangs_up_is_stored_once_and_whole_or_not_at_all(start_server, program):
    """The server may cancel what runs for a visitor; a thread that writes is not cancelled (pitfalls 12 and 13)."""
    server = start_server(program=program, **UNLIMITED)
    ids = [f"hung-up-{number}" for number in range(30)]
    with no_writing(server):
        for id in ids:
            hang_up_after(server, {"text": "Hello", "username": "Ada", "id": id})
    again = [server.post({"text": "Hello", "username": "Ada", "id": id}) for id in ids]
    assert {answer.status for answer in again} <= {200, 201}
    assert sorted(comment["id"] for comment in server.get("/api/comments").json()["comments"]) == sorted(ids)
    assert server.get("/api/stats").json()["totalMessages"] == len(ids)
    assert "Traceback" not in server.log()


def hang_up_after(server: Server, comment: dict) -> None:
    body = json.dumps(comment)
    head = ["POST /api/comments HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    with socket.create_connection(("127.0.0.1", server.port)) as visitor:
        visitor.sendall("\r\n".join([*head, f"Content-Length: {len(body)}", "", body]).encode())


@pytest.mark.parametrize("program", ["daphne", "uvicorn"])
def test_more_visitors_than_there_are_places_hang_up_and_each_place_is_free_again(start_server, program):
    server = start_server(program=program, **UNLIMITED)
    with no_writing(server):
        for number in range(AT_ONCE + QUEUE + TOO_MUCH):
            hang_up_after(server, {"text": "Hello", "username": "Ada", "id": f"hung-up-{number}"})
    wait_until(lambda: post(server, 1).status == 201, WAIT_SECONDS, lambda: "its places are taken for ever")
    with ThreadPoolExecutor(AT_ONCE) as visitors:
        answers = list(visitors.map(lambda number: post(server, number), range(2 * AT_ONCE)))
    assert {answer.status for answer in answers} == {201}


def test_a_request_that_is_cancelled_gives_back_its_place(monkeypatch):
    """As some servers do when a visitor hangs up."""
    handler, go_on, statuses = ThreadedHandler(), threading.Event(), []

    def respond(self, scope, body):
        go_on.wait(WAIT_SECONDS)
        return Answer(200, [], b"")

    monkeypatch.setattr(ThreadedHandler, "_respond", respond)

    async def send(message: dict) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def everybody() -> None:
        for _ in range(2):
            hanging = [asyncio.create_task(handler(asking(), nothing_sent, send)) for _ in range(AT_ONCE + QUEUE)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            for request in hanging:
                request.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
        go_on.set()
        await handler(asking(), nothing_sent, send)

    asyncio.run(everybody())
    assert statuses == [200]


def test_each_request_is_logged_under_an_id_of_its_own(monkeypatch):
    """Though they come to the same threads."""
    logged = []

    def respond(self, request):
        logged.append(request_id.get())
        return HttpResponse()

    monkeypatch.setattr(ThreadedHandler, "get_response", respond)

    async def send(message: dict) -> None:
        pass

    async def each() -> None:
        handler = ThreadedHandler()
        for id in (b"one", b"two", b"not one", b""):
            await handler(asking() | {"headers": [(b"x-request-id", id)]}, nothing_sent, send)

    asyncio.run(each())
    assert logged[:2] == ["one", "two"]
    assert len(set(logged)) == 4 and "not one" not in logged and all(logged)


def test_a_body_without_end_is_not_read_to_its_end():
    """Of what is refused for its length no more is kept than shows that it is too long."""
    parts = []

    async def receive() -> dict:
        parts.append(1)
        assert len(parts) < 1000, "it is read for ever"
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    body = asyncio.run(read_body(receive))
    assert len(body) == settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1


@pytest.mark.parametrize(("path", "status"), [("/favicon.ico", 302), ("/no-such-page", 404)])
def test_each_request_ends_with_its_answer_and_gives_its_connection_back(path, status):
    """Which Django does when a response is closed."""
    ended, answered = [], []

    async def send(message: dict) -> None:
        answered.append(message.get("status"))

    def end(sender, **kwargs) -> None:
        ended.append(sender)

    request_finished.connect(end)
    asyncio.run(ThreadedHandler()(asking() | {"path": path, "headers": [(b"host", b"localhost")]}, nothing_sent, send))
    assert (answered[0], ended) == (status, [ThreadedHandler])


# Places for costly reads


COSTLY = "search=x", "uss=Ada", "offset=1", "domain=a&type=AI", "search=x&before=5"
CHEAP = "", "before=5", "domain=a", "type=AI", "after=5", "search=&uss=", "search=x&since=refused"


@pytest.mark.parametrize(("query", "is_one"), [*((query, True) for query in COSTLY), *((q, False) for q in CHEAP)])
def test_a_costly_read_is_known_by_its_question(query, is_one):
    assert is_costly(asking(query)) is is_one
    assert is_costly(asking(query, method="HEAD")) is is_one
    assert not is_costly(asking(query, method="POST"))


def asking(query: str = "", method: str = "GET") -> dict:
    return {"type": "http", "method": method, "path": "/api/comments", "query_string": query.encode()}


class Searches:
    """A handler whose searches take until `go_on`, and how many of what were answered how."""

    def __init__(self, monkeypatch) -> None:
        self.handler, self.answered, self.go_on = ThreadedHandler(), Counter(), threading.Event()
        monkeypatch.setattr(ThreadedHandler, "_respond", self.respond)

    def respond(self, scope: dict, body: bytes) -> Answer:
        if scope["query_string"]:
            self.go_on.wait(WAIT_SECONDS)
        return Answer(200, [], b"")

    async def ask(self, scope: dict) -> None:
        async def send(message):
            if message["type"] == "http.response.start":
                self.answered[message["status"], scope["method"]] += 1

        await self.handler(scope, nothing_sent, send)

    def begin(self, count: int) -> list[asyncio.Task]:
        return [asyncio.create_task(self.ask(asking("search=x"))) for _ in range(count)]


def test_however_many_search_others_find_a_place_and_all_that_wait_are_answered_in_the_end(monkeypatch):
    searches = Searches(monkeypatch)
    searches.handler.costly.patience = WAIT_SECONDS

    async def everybody() -> None:
        searching = searches.begin(200)
        for _ in range(3):
            await searches.ask(asking(method="POST"))
        assert searches.answered == {(200, "POST"): 3}
        searches.go_on.set()
        await asyncio.gather(*searching)
        assert searches.answered[200, "GET"] == 200

    asyncio.run(everybody())


def test_a_search_that_finds_no_place_in_time_is_told_so_and_takes_none_from_the_next(monkeypatch):
    searches = Searches(monkeypatch)
    searches.handler.costly.patience = 0.01

    async def everybody() -> None:
        searching = searches.begin(200)
        await asyncio.wait(searching, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.gather(*searching[COSTLY_AT_ONCE:])
        assert searches.answered == {(503, "GET"): 200 - COSTLY_AT_ONCE}
        searches.go_on.set()
        await asyncio.gather(*searching)
        await asyncio.gather(*searches.begin(1))
        assert searches.answered[200, "GET"] == COSTLY_AT_ONCE + 1

    asyncio.run(everybody())


def test_more_searches_than_may_wait_are_told_at_once(monkeypatch):
    searches = Searches(monkeypatch)
    searches.handler.costly.patience = WAIT_SECONDS

    async def everybody() -> None:
        searching = searches.begin(COSTLY_AT_ONCE + COSTLY_QUEUE)
        await asyncio.gather(*searches.begin(3))
        assert searches.answered == {(503, "GET"): 3}
        searches.go_on.set()
        await asyncio.gather(*searching)

    asyncio.run(everybody())


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere a thread has no niceness of its own.")
def test_a_search_leaves_the_machine_to_the_others(monkeypatch):
    niceness = []
    monkeypatch.setattr(ThreadedHandler, "_respond", lambda *_: niceness.append(os.nice(0)) or Answer(200, [], b""))

    async def one_of_each() -> None:
        for scope in asking("search=x"), asking(method="POST"):
            await ThreadedHandler()(scope, nothing_sent, nothing_to)

    asyncio.run(one_of_each())
    assert niceness[0] > niceness[1] == os.nice(0)


async def nothing_to(message: dict) -> None:
    pass


async def nothing_sent() -> dict:
    return {"type": "http.request", "body": b""}
