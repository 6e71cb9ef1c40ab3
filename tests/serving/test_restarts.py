"""A server that is told to leave, or to start anew, breaks nothing off: under each server that bin/serve knows."""

import http.client
import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from saywhat import workers
from saywhat.worker import SERVERS
from tests.serving.test_several_workers import (
    end,
    is_free,
    is_running,
    read_until,
    started_workers,
    workers_of,
)
from tests.support.declared_settings import ROOT
from tests.support.private_postgres import wait_until
from tests.support.servers import UNLIMITED, Server

WAIT_SECONDS = 60
READERS = 6
POSTERS = 3

pytestmark = [pytest.mark.once, pytest.mark.slow]


def start(server: Server, *program: str, workers: int = 2, under: str = "uvicorn") -> Server:
    """What it says can be read as `server.process.stderr`."""
    command = [sys.executable, *(program or ["-m", "saywhat.serve"]), "--port", str(server.port)]
    command += ["--workers", str(workers), "--server", under]
    server.process = subprocess.Popen(
        command, cwd=ROOT, env=server.env, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    return server


@pytest.fixture
def serve(make_server):
    """Starts a site as `start` does; ends it after the test."""
    started = []

    def serve(*program: str, **how) -> Server:
        started.append(make_server("sqlite", **UNLIMITED))
        return start(started[-1], *program, **how)

    yield serve
    for server in started:
        end(server)


def comes_up(server: Server) -> Server:
    wait_until(server.listens, WAIT_SECONDS, lambda: "It does not listen.")
    assert server.get("/api/stats").status == 200
    return server


def asked(
    server: Server, method: str, path: str, data: dict | None = None, **headers: str
) -> http.client.HTTPConnection:
    """A request whose answer has still to be read."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_SECONDS)
    body = json.dumps(data) if data else None
    connection.request(method, path, body, headers | ({"Content-Type": "application/json"} if data else {}))
    return connection


def answer(connection: http.client.HTTPConnection) -> tuple[int, dict]:
    with closing(connection):
        response = connection.getresponse()
        return response.status, json.loads(response.read())


@pytest.mark.parametrize("under", SERVERS)
def test_who_is_under_way_when_it_is_told_to_stop_gets_an_answer(serve, under):
    server = comes_up(serve(workers=1, under=under))
    cursor = server.post({"text": "before", "username": "Ada"}).json() and head(server)
    poll = asked(server, "GET", f"/api/changes?after={cursor}&wait=30")
    token = server.manage("create_bot", "echo").stdout.strip()
    bot = asked(server, "GET", "/api/bots/work?wait=30", Authorization=f"Bearer {token}")
    with connect(f"ws://127.0.0.1:{server.port}/ws/changes?after={cursor}") as socket:
        socket.recv(timeout=WAIT_SECONDS)
        with closing(sqlite3.connect(server.folder / "saywhat.sqlite3", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            post = asked(server, "POST", "/api/comments", {"text": "under way", "username": "Ada"})
            assert head(server) == cursor  # it was taken after the post
            server.process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=WAIT_SECONDS)
            assert closed.value.rcvd.code == 1012
            status, envelope = answer(poll)
            assert (status, envelope["changes"]) == (200, [])
            status, offer = answer(bot)
            assert (status, offer["work"]) == (200, [])
            holder.execute("ROLLBACK")
        assert answer(post)[0] == 201
    assert server.process.wait(WAIT_SECONDS) == 0
    assert "Traceback" not in server.process.stderr.read()


def head(server: Server) -> int:
    return server.get("/api/changes?after=0").json()["cursor"]


def test_on_sighup_the_processes_are_replaced_and_nobody_notices(serve):
    """Every request makes a connection of its own, so that each process gets its share."""
    server = comes_up(serve())
    is_over, posted, statuses = threading.Event(), [], []

    def post() -> None:
        for number in itertools.count():
            if is_over.is_set():
                return
            response = server.post({"text": str(number), "username": "Ada"})
            statuses.append(response.status)
            posted.append(response.json()["id"])

    def read() -> list[str]:
        cursor, seen, is_done = 0, [], False
        while not is_done:
            is_done = is_over.wait(0.01)
            response = server.get(f"/api/changes?after={cursor}")
            statuses.append(response.status)
            page = response.json()
            cursor, is_done = page["cursor"], is_done and not page["hasMore"]
            seen += [change["id"] for change in page["changes"]]
        return seen

    with ThreadPoolExecutor(POSTERS + READERS) as visitors:
        posting = [visitors.submit(post) for _ in range(POSTERS)]
        reading = [visitors.submit(read) for _ in range(READERS)]
        try:
            for _ in range(2):
                old = workers_of(server)
                server.process.send_signal(signal.SIGHUP)
                wait_until(lambda old=old: are_replaced(server, old), WAIT_SECONDS, lambda: "They are the old ones.")
        finally:
            is_over.set()
        for done in posting:
            done.result()
        seen = [done.result() for done in reading]
    assert set(statuses) == {200, 201}
    last = [change["id"] for change in changes(server)]
    assert sorted(last) == sorted(posted)
    for of_one in seen:
        assert of_one == last[: len(of_one)]
        assert len(of_one) > len(last) / 2


def changes(server: Server) -> list[dict]:
    cursor, found, has_more = 0, [], True
    while has_more:
        page = server.get(f"/api/changes?after={cursor}").json()
        cursor, has_more = page["cursor"], page["hasMore"]
        found += page["changes"]
    return found


def are_replaced(server: Server, old: list[int]) -> bool:
    return not set(old) & set(workers_of(server)) and len(workers_of(server)) == len(old)


STAYS = {
    "the database cannot be migrated": (
        "from saywhat import serve; serve.prepare = iter([True, False]).__next__; serve.main()",
        "the old processes stay",
    ),
    "a new process dies": (
        "from saywhat import serve, workers; begin, count = workers.Worker.__init__, iter(range(9))\n"
        "def begin_ill(self, command, inherited):\n"
        "    begin(self, command if next(count) < 2 else [*command[:-1], 'no.such:application'], inherited)\n"
        "workers.Worker.__init__ = begin_ill; serve.main()",
        "did not come up",
    ),
}


@pytest.mark.parametrize("fault", STAYS)
def test_what_cannot_be_started_anew_goes_on_as_it_was(serve, fault):
    program, sentence = STAYS[fault]
    server = comes_up(serve("-c", program, "--prepare"))
    old = workers_of(server)
    server.process.send_signal(signal.SIGHUP)
    assert sentence in read_until(sentence, server.process.stderr)
    assert set(old) == set(workers_of(server))
    assert all(map(is_running, old))
    assert server.get("/api/stats").status == 200


def test_what_dies_again_and_again_is_started_later_and_later_and_said_to_be(serve):
    server = serve("-c", "import sys; sys.argv.append('no.such:application')\nfrom saywhat import serve; serve.main()")
    said = read_until("in 2 s, for 3 have died at once", server.process.stderr)
    assert "in 1 s, for 2 have died at once" in said
    server.stop()
    assert server.process.returncode == 0
    assert is_free(server.port)


def test_a_process_that_had_lived_is_replaced_at_once_whatever_died_before(serve):
    program = "from saywhat import serve, workers; workers.STEADY_SECONDS = 0; serve.main()"
    server = comes_up(serve("-c", program))
    for _ in range(2):
        [killed, _] = started_workers(server)
        os.kill(killed, signal.SIGKILL)
        assert "starting another.\n" in read_until("starting another", server.process.stderr)
        wait_until(lambda killed=killed: not is_running(killed), WAIT_SECONDS, lambda: "It lives on.")
    comes_up(server)


def test_what_has_died_again_and_again_is_not_started_before_its_time(monkeypatch):
    started = []
    site = object.__new__(workers.Workers)  # without processes
    site.deaths, site.not_before = 2, 0.0
    dead = SimpleNamespace(
        has_ended=True, is_mourned=False, was_steady=False, process=SimpleNamespace(returncode=1), forget=lambda: None
    )
    site.running, site.start = [dead], lambda: started.append(1) or SimpleNamespace(has_ended=False, is_mourned=False)
    for now, count in ((100.0, 0), (101.9, 0), (102.1, 1)):  # for 3 have died: 2 seconds
        monkeypatch.setattr(workers.time, "monotonic", lambda now=now: now)
        site.replace_the_dead()
        assert len(started) == count


def test_an_old_process_is_told_to_leave_when_its_new_one_is_up_and_not_before():
    happened = []

    def process(name: str) -> SimpleNamespace:
        tell = SimpleNamespace(terminate=lambda: happened.append(f"{name} leaves"), wait=lambda seconds: None)
        return SimpleNamespace(name=name, process=tell, forget=lambda: None)

    def comes_up(new: SimpleNamespace) -> bool:
        happened.append(f"{new.name} is up")
        return True

    site = object.__new__(workers.Workers)  # without processes
    new = map(process, ["new 1", "new 2"])
    site.running, site.prepare = [process("old 1"), process("old 2")], lambda: True
    site.start, site.comes_up = new.__next__, comes_up
    site.replace_all()
    assert happened == ["new 1 is up", "old 1 leaves", "new 2 is up", "old 2 leaves"]
    assert [one.name for one in site.running] == ["new 1", "new 2"]
