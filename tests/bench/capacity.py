"""What 1,000 readers cost, by the way in which they read, while somebody writes now and then: docs/capacity.md."""

import asyncio
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.bench.cases import CASES, Case
from tests.bench.databases import copy_of
from tests.bench.proxy import proxied
from tests.bench.servers import Bench, cpu_ms, head, total
from tests.bench.sockets import LONG_POLL, LongPoll, WebSocket, crowd, post
from tests.support.servers import UNLIMITED, Server

READERS = 1000
SECONDS = 30
PACE_SECONDS = 4.0  # POLL_AFTER_MS
WRITTEN_EVERY_SECONDS = 2.0
READS = re.compile(r"saywhat_tail_read_seconds_count (\S+)")
CURSOR = re.compile(rb'"cursor":(\d+)')
UNITS = {"CPU": "ms/s", "memory": "MB", "to readers": "KB/s", "reads of the tail": "a second", "CPU of nginx": "ms/s"}


class Listener(WebSocket):
    received = 0

    def data_received(self, data: bytes) -> None:
        Listener.received += len(data)
        super().data_received(data)


class Asker(LongPoll):
    """Asks from where it has come to, again at its pace; with a `path` that waits, at once."""

    pace = 0.0
    numbers = itertools.count()

    def connection_made(self, transport) -> None:
        self.buffer = b""
        number = next(Asker.numbers)  # nginx limits by address
        self.request = LONG_POLL.removesuffix("\r\n") + f"X-Visitor: 10.1.{number // 250 % 250}.{number % 250}\r\n\r\n"
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        Listener.received += len(data)
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if not end or len(body) < int(re.search(rb"(?i)content-length: (\d+)", head)[1]):
            return
        assert b" 200 " in head, self.buffer
        self.buffer = b""
        self.path = re.sub(r"after=\d+", f"after={CURSOR.search(body)[1].decode()}", self.path)
        asyncio.get_running_loop().call_later(self.pace, self.ask)

    def ask(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(self.request.format(path=self.path).encode())


class Poller(Asker):
    pace = PACE_SECONDS


@dataclass(frozen=True)
class Way:
    kind: type[LongPoll]
    path: str
    through_nginx: bool = False


WAYS = {
    "WebSockets": Way(Listener, "/ws/changes?after={}"),
    "long polls": Way(Asker, "/api/changes?after={}&wait=25"),
    "polls every 4 s": Way(Poller, "/api/changes?after={}"),
    "polls every 4 s, through nginx": Way(Poller, "/api/changes?after={}", through_nginx=True),
}
Costs = dict[str, float]
known: dict[tuple[str, str], list[Costs]] = {}


def measured(bench: Bench, name: str, round: int) -> Costs:
    """All that one round has told is kept, for it is told in several rows."""
    rounds = known.setdefault((bench.program, name), [])
    if round == len(rounds):
        rounds.append(cost_of(bench, WAYS[name]))
    return rounds[round]


def cost_of(bench: Bench, way: Way) -> Costs:
    with sites(bench, way) as (site, proxy):
        return asyncio.run(costs(bench, way, site, proxy or site))


@contextmanager
def sites(bench: Bench, way: Way) -> Iterator[tuple[Server, Server | None]]:
    with copy_of(10_000) as folder:
        if way.through_nginx:
            with proxied(bench, folder, **UNLIMITED) as both:
                yield both
        else:
            with bench.site(folder, METRICS_NETWORKS="127.0.0.1/32", **UNLIMITED) as site:
                yield site, None


async def costs(bench: Bench, way: Way, site: Server, asked: Server) -> Costs:
    count, seconds = bench.crowd(READERS), SECONDS * bench.part
    empty = total(site, "VmRSS")
    path = way.path.format(head(site))
    async with crowd(way.kind, count, asked.port, path):
        writing = asyncio.create_task(write_now_and_then(site))
        await asyncio.sleep(min(PACE_SECONDS, seconds))
        before, began = counters(site, asked), time.perf_counter()
        await asyncio.sleep(seconds)
        passed, after = time.perf_counter() - began, counters(site, asked)
        memory = (total(site, "VmRSS") - empty) / 1024
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
    scale = READERS / count
    rates = {name: (after[name] - before[name]) / passed for name in before}
    reads = rates.pop("reads of the tail")
    return {name: rate * scale for name, rate in rates.items()} | {
        "memory": memory * scale,
        "reads of the tail": reads,
    }


async def write_now_and_then(site: Server) -> None:
    for number in itertools.count():
        await post(site.port, json.dumps({"text": f"Comment {number}: {'so it is ' * 8}", "username": "Ada"}).encode())
        await asyncio.sleep(WRITTEN_EVERY_SECONDS)


def counters(site: Server, asked: Server) -> Costs:
    nginx = {} if asked is site else {"CPU of nginx": cpu_ms(asked)}
    reads = float(READS.search(site.get("/metrics").text)[1])
    return {"CPU": cpu_ms(site), "to readers": Listener.received / 1024, "reads of the tail": reads} | nginx


def pair_of(name: str, quantity: str) -> Callable:
    @contextmanager
    def pair(bench: Bench):
        rounds = itertools.count()
        yield lambda: measured(bench, name, next(rounds))[quantity], None

    return pair


for name, way in WAYS.items():
    for quantity, unit in UNITS.items():
        if quantity != "CPU of nginx" or way.through_nginx:
            CASES.append(Case("capacity", f"{READERS:,} {name}: {quantity}", "", unit, pair_of(name, quantity)))
