"""What a town asks of one process: very many sockets, and many posts to them."""

import asyncio
import itertools
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.cases import case, fan_out_p99, percentile
from tests.bench.databases import copy_of
from tests.bench.servers import Bench, head, total
from tests.bench.sockets import WebSocket, crowd
from tests.support.servers import UNLIMITED, Server

POSTS_PER_SECOND = 100
POSTERS = 4
SECONDS = 60
WARM_SECONDS = 10  # until the memory that caches take is taken
NUMBERED = re.compile(rb"number-(\d+)")


@case("crowd", "one message to 10,000 WebSockets, p99", "", "ms", {"uvicorn": 1000, "daphne": 2000}, at_most=True)
def ten_thousand(bench: Bench):
    with copy_of(10_000) as folder, bench.site(folder, **UNLIMITED) as site:
        path = f"/ws/changes?after={head(site)}"
        yield lambda: asyncio.run(fan_out_p99(bench, site, path, 10_000)), None


@dataclass
class Rush:
    """When each numbered message was sent, and when the last reader had it; what the process took meanwhile."""

    sent: list[float] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)
    grown_kb: int = 0

    @property
    def milliseconds(self) -> list[float]:
        return [(last - sent) * 1000 for sent, last in zip(self.sent, self.arrived, strict=True)]


class Follower(WebSocket):
    """Notes when each message came; `rush` is the same for all."""

    rush: Rush
    seen = 0

    def _take(self, kind: int, payload: bytes) -> None:
        super()._take(kind, payload)
        now = time.perf_counter()
        for number in NUMBERED.findall(payload):
            self.rush.arrived[int(number)] = now
            self.seen += 1


@case("rush", "100 posts/s to 2,000 WebSockets, p99 to the last", "", "ms", {"uvicorn": 500}, at_most=True)
def rush(bench: Bench):
    yield lambda: percentile(rushed(bench).milliseconds, 99), None


@case("rush-memory", "what the process grows by meanwhile", "", "KB", {"uvicorn": 4000}, at_most=True)
def rush_memory(bench: Bench):
    yield lambda: float(rushed(bench).grown_kb), None


def rushed(bench: Bench) -> Rush:
    seconds = SECONDS if bench.part == 1 else 3
    with copy_of(10_000) as folder, bench.site(folder, **UNLIMITED) as site:
        return asyncio.run(rush_of(site, bench.crowd(2000), seconds))


async def rush_of(site: Server, count: int, seconds: int) -> Rush:
    found = Follower.rush = Rush()
    number = itertools.count()
    async with crowd(Follower, count, site.port, f"/ws/changes?after={head(site)}") as readers:
        began = time.perf_counter()
        posting = [asyncio.create_task(post_on(site.port, number, began, seconds, found)) for _ in range(POSTERS)]
        await asyncio.sleep(min(WARM_SECONDS, seconds / 2))
        before = total(site, "VmRSS")
        await asyncio.gather(*posting)
        async with asyncio.timeout(60):
            while any(reader.seen < len(found.sent) for reader in readers):
                await asyncio.sleep(0.05)
        found.grown_kb = total(site, "VmRSS") - before
    return found


async def post_on(port: int, numbers: Iterator[int], began: float, seconds: int, found: Rush) -> None:
    """One connection of those that post in turn, each message at its time or as soon as the one before is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for at in itertools.count():
        due = began + at * POSTERS / POSTS_PER_SECOND
        if due > began + seconds:
            break
        await asyncio.sleep(max(0, due - time.perf_counter()))
        body = json.dumps({"text": f"number-{next(numbers)}", "username": "Ada"}).encode()
        found.sent.append(time.perf_counter())
        found.arrived.append(0.0)
        request = f"POST /api/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        writer.write(request.encode() + b"Content-Type: application/json\r\n\r\n" + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b" 201 " in answer, answer
        await reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", answer)[1]))
    writer.close()
