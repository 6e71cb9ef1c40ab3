"""Under the other servers that docs/performance.md names, the fast lane and the WebSocket work as under daphne."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from tests.support.declared_settings import ROOT
from tests.support.servers import PROGRAMS, Server

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture(params=sorted(PROGRAMS.keys() - {"daphne"}))
def server(request, start_server) -> Server:
    return start_server(program=request.param)


def test_a_poll_gets_what_was_posted(server):
    head = server.get("/api/changes?after=0").json()["cursor"]
    posted = server.post({"text": "Hello", "username": "Ada"})
    assert posted.status == 201
    response = server.get(f"/api/changes?after={head}")
    assert [change["id"] for change in response.json()["changes"]] == [posted.json()["id"]]


def test_a_websocket_gets_what_is_posted(server):
    async def read() -> dict:
        async with connect(f"ws://127.0.0.1:{server.port}/ws/changes?after=0") as socket, asyncio.timeout(20):
            first = json.loads(await socket.recv())
            await socket.send(json.dumps({"cursor": first["cursor"]}))
            await asyncio.to_thread(server.post, {"text": "Hello", "username": "Ada"})
            return json.loads(await socket.recv())

    assert [change["text"] for change in asyncio.run(read())["changes"]] == ["Hello"]


def test_a_websocket_that_is_refused_while_it_is_listened_to_is_closed_with_a_code(server):
    """A wrong token is found out by asking the database, and meanwhile the reader is heard."""

    async def closed_with() -> int | None:
        wrong = {"Authorization": "Bearer wrong"}
        async with connect(f"ws://127.0.0.1:{server.port}/ws/changes?after=0", additional_headers=wrong) as socket:
            async with asyncio.timeout(20):
                await socket.wait_closed()
            return socket.close_code

    assert asyncio.run(closed_with()) == 4401


@pytest.mark.parametrize("program", sorted(PROGRAMS.keys() - {"daphne"}))
def test_the_documents_give_the_flags_that_are_tested(program):
    flags = PROGRAMS[program].partition(" --host")[0]
    documented = " ".join((ROOT / "docs/performance.md").read_text().replace("\\\n", " ").split())
    assert flags in documented
