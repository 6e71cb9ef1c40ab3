"""Faults that return: the database is taken away and given back while readers of every kind wait."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.api.test_consumers import Reader
from tests.support.private_postgres import PrivatePostgres, wait_until
from tests.support.servers import UNLIMITED, Server

WAIT_SECONDS = 30

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture
def site(own_postgres, tmp_path) -> Server:
    server = Server(tmp_path, DATABASE_URL=own_postgres.create_database("site"), **UNLIMITED)
    server.manage("migrate", "-v0")
    with server:
        yield server


def head(server: Server) -> int:
    return server.get("/api/changes?after=0").json()["cursor"]


def say(server: Server, text: str) -> None:
    assert server.post({"text": text, "username": "Ada"}).status == 201


def interrupted(postgres: PrivatePostgres, server: Server) -> None:
    """The database goes, everybody is told so, and it comes back."""
    postgres.go_away()
    for path in ("/", "/api/changes?after=0", "/api/comments?fresh=true", "/api/comments?search=x", "/api/stats"):
        answer = server.get(path)
        assert answer.status == 503, path
        assert int(answer.headers["Retry-After"]) > 0
    assert server.post({"text": "into the void", "username": "Ada"}).status == 503
    postgres.come_back()
    wait_until(lambda: server.get("/api/changes?after=0").status == 200, WAIT_SECONDS, lambda: "it does not come back")


def test_a_database_that_goes_is_said_once_and_once_that_it_is_back(site, own_postgres):
    say(site, "before")
    interrupted(own_postgres, site)
    said = [line for line in site.log().splitlines() if "atabase" in line or "Unavailable" in line]
    assert ["does not answer" in line for line in said] == [True, False], said
    interrupted(own_postgres, site)
    assert site.log().count("The database answers again") == 2


def test_polls_go_on_from_their_cursor(site, own_postgres):
    cursor = head(site)
    say(site, "before")
    interrupted(own_postgres, site)
    say(site, "after")
    texts = [change["text"] for change in site.get(f"/api/changes?after={cursor}").json()["changes"]]
    assert texts == ["before", "after"]
    assert [comment["text"] for comment in site.get("/api/comments").json()["comments"]] == texts


def test_a_long_poll_that_waited_through_it_gets_what_is_said_afterwards(site, own_postgres):
    cursor = head(site)
    with ThreadPoolExecutor(1) as visitor:
        waiting = visitor.submit(site.get, f"/api/changes?after={cursor}&wait=30")
        interrupted(own_postgres, site)
        say(site, "after")
        answer = waiting.result(WAIT_SECONDS)
    assert [change["text"] for change in answer.json()["changes"]] == ["after"]


def test_a_socket_that_was_open_all_the_while_gets_what_is_said_afterwards(site, own_postgres):
    url = f"{site.url.replace('http', 'ws')}/ws/changes?after={head(site)}"
    with connect(url) as socket:
        reader = Reader(socket)
        assert reader.envelope()["changes"] == []
        interrupted(own_postgres, site)
        say(site, "after")
        assert [change["text"] for change in reader.until("after")] == ["after"]


def test_a_socket_that_is_opened_meanwhile_is_told_to_come_again(site, own_postgres):
    url = f"{site.url.replace('http', 'ws')}/ws/changes?after={head(site)}"
    own_postgres.go_away()
    with connect(url) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(WAIT_SECONDS)
    assert closed.value.rcvd.code == 4503
    own_postgres.come_back()
    wait_until(lambda: site.get("/api/changes?after=0").status == 200, WAIT_SECONDS, lambda: "it does not come back")
    with connect(url) as socket:
        assert Reader(socket).envelope()["changes"] == []
