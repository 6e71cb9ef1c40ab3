"""Faults that return: the database is taken away and given back while readers of every kind wait."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.api.test_consumers import Reader
from tests.support.private_postgres import PrivatePostgres, wait_until
from tests.support.servers import UNLIMITED, Server

WAIT_SECONDS = 30
READS = ("/", "/api/changes?after=0", "/api/comments?fresh=true", "/api/comments?search=x", "/api/stats")

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture(scope="module")
def migrated(own_postgres, tmp_path_factory) -> str:
    """The name of an empty database."""
    url = own_postgres.create_database("migrated")
    Server(tmp_path_factory.mktemp("migrated"), DATABASE_URL=url).manage("migrate", "-v0")
    return "migrated"


@pytest.fixture
def site(own_postgres, migrated, tmp_path) -> Iterator[Server]:
    url = own_postgres.create_database(f"site_{secrets.token_hex(4)}", template=migrated)
    with Server(tmp_path, DATABASE_URL=url, **UNLIMITED) as server:
        yield server


def head(server: Server) -> int:
    return server.get("/api/changes?after=0").json()["cursor"]


def say(server: Server, text: str) -> None:
    assert server.post({"text": text, "username": "Ada"}).status == 201


@contextmanager
def gone(postgres: PrivatePostgres, server: Server) -> Iterator[None]:
    """The database is away within, and answers again afterwards."""
    postgres.go_away()
    try:
        yield
    finally:
        postgres.come_back()
    wait_until(lambda: server.get("/api/changes?after=0").status == 200, WAIT_SECONDS, lambda: "it does not come back")


def is_told(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.status == 503, path
    assert int(answer.headers["Retry-After"]) > 0


def interrupted(postgres: PrivatePostgres, server: Server) -> None:
    """The database goes, everybody is told so, and it comes back."""
    with gone(postgres, server):
        for path in READS:
            is_told(server, path)
        assert server.post({"text": "into the void", "username": "Ada"}).status == 503


@contextmanager
def waiting(server: Server, cursor: int) -> Iterator[HTTPConnection]:
    """A long poll that has looked once: the server took it up before what it answers to us."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=WAIT_SECONDS)
    connection.request("GET", f"/api/changes?after={cursor}&wait=30")
    assert head(server) == cursor
    yield connection
    connection.close()


def texts_of(response: HTTPResponse) -> list[str]:
    assert response.status == 200
    return [change["text"] for change in json.load(response)["changes"]]


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
    with waiting(site, head(site)) as poll:
        with gone(own_postgres, site):
            is_told(site, "/api/comments?fresh=true")
        say(site, "after")
        assert texts_of(poll.getresponse()) == ["after"]


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
    with gone(own_postgres, site):
        with connect(url) as socket, pytest.raises(ConnectionClosed) as closed:
            socket.recv(WAIT_SECONDS)
        assert closed.value.rcvd.code == 4503
    with connect(url) as socket:
        assert Reader(socket).envelope()["changes"] == []
