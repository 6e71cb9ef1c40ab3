"""What is measured, against what, and what is demanded."""

import asyncio
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from tests.bench import load
from tests.bench.databases import BEFORE_NEW, NEW, copy_of
from tests.bench.servers import Bench, head, total
from tests.bench.sockets import SETTLE_SECONDS, LongPoll, WebSocket, crowd, told
from tests.support.servers import UNLIMITED

MESSAGES = 5  # in each round of the fan-out

Measure = Callable[[], float]


@dataclass(frozen=True)
class Case:
    """`pair` makes two measures that are taken in turn: the product's and the baseline's. Without a baseline the
    demand is on the number itself. `demands` has one for each server of which anything is demanded."""

    name: str
    title: str
    baseline: str
    unit: str
    pair: Callable[[Bench], Iterator[tuple[Measure, Measure | None]]]
    demands: dict[str, float] = field(default_factory=dict)
    at_most: bool = False  # the demand is an upper limit
    of_number: bool = False  # the demand is on the number itself, beside a baseline too


CASES: list[Case] = []


def case(name: str, title: str, baseline: str, unit: str, demands: dict[str, float], **how: bool):
    def add(pair):
        CASES.append(Case(name, title, baseline, unit, contextmanager(pair), demands, **how))
        return pair

    return add


def both(demand: float) -> dict[str, float]:
    return {"daphne": demand, "uvicorn": demand}


# Polls and lists


@case("idle", "idle poll, 100,000 comments", "a constant", "requests/s", {"daphne": 0.6, "uvicorn": 0.4})
def idle(bench: Bench):
    with bench.site(100_000) as site, bench.bare("baselines:constant") as bare:
        path = f"{site.url}/api/changes?after={head(site)}"
        yield lambda: load.gets(path, bench.seconds), lambda: load.gets(bare.url, bench.seconds)


@case("news", f"poll that returns {NEW} comments", "a constant", "requests/s", {"daphne": 0.5, "uvicorn": 0.35})
def news(bench: Bench):
    with bench.site(100_000) as site, bench.bare("baselines:constant") as bare:
        path = f"/api/changes?after={BEFORE_NEW}"
        assert len(site.get(path).json()["changes"]) == NEW
        yield lambda: load.gets(site.url + path, bench.seconds), lambda: load.gets(bare.url, bench.seconds)


@case("list", "first load of 500 comments", "the same bytes", "requests/s", both(0.5))
def first_load(bench: Bench):
    path = "/api/comments?limit=500"
    with bench.site(100_000) as site, NamedTemporaryFile() as body:
        Path(body.name).write_bytes(site.get(path, accept_encoding="gzip").body)
        with bench.bare("baselines:same_bytes", BODY=body.name) as bare:
            yield lambda: load.gets(site.url + path, bench.seconds), lambda: load.gets(bare.url, bench.seconds)


@case("growth", "idle poll, 1,000,000 comments", "the same at 10,000", "requests/s", both(0.95))
def growth(bench: Bench):
    with bench.site(1_000_000) as large, bench.site(10_000) as small:
        urls = [f"{site.url}/api/changes?after={head(site)}" for site in (large, small)]
        yield tuple(lambda url=url: load.gets(url, bench.seconds) for url in urls)


# Posts


@case("post", "POST, durable, SQLite", "a bare ninja insert", "requests/s", both(0.7))
def post(bench: Bench):
    with (
        copy_of(10_000) as folder,
        bench.site(folder, TRUSTED_PROXIES="127.0.0.0/8", **UNLIMITED) as site,
        bench.bare("bare_ninja:application") as bare,
    ):
        yield tuple(lambda url=server.url: load.posts(f"{url}/api/comments", bench.seconds) for server in (site, bare))


# Readers that wait


@case("sockets", "one message to 3,000 WebSockets, p99", "the same frame", "ms", both(2), at_most=True)
def fan_out(bench: Bench):
    with copy_of(10_000) as folder, bench.site(folder, **UNLIMITED) as site, bench.bare("baselines:fan_out") as bare:
        path = f"/ws/changes?after={head(site)}"
        yield tuple(lambda server=server: asyncio.run(fan_out_p99(bench, server, path)) for server in (site, bare))


async def fan_out_p99(bench: Bench, server, path: str, count: int = 3000) -> float:
    """To a site this posts a comment; the bare application sends on the bytes that it gets, so they are a frame's."""
    is_site = server.application.startswith("saywhat")
    async with crowd(WebSocket, bench.crowd(count), server.port, path) as readers:
        times = []
        for number in range(MESSAGES):
            word = f"word-{number}-{id(readers)}"
            posted = {"text": word, "username": "Ada"}
            body = posted if is_site else envelope(posted)
            times += await told(readers, server.port, word, json.dumps(body).encode())
    return percentile(times, 99)


def envelope(posted: dict) -> dict:
    comment = {
        "id": "1759244943773-z4timztmx",
        **posted,
        "timestamp": 1759244943773,
        "color": "255000000",
        "domain": "default",
        "language": "en",
        "message-type": "human",
        "misc": "",
        "replyTo": "",
        "version": 1759244943773000,
    }
    cursors = {"after": 1759244943772000, "cursor": 1759244943773000}
    return {**cursors, "changes": [comment], "hasMore": False, "pollAfterMs": 4000}


def percentile(times: list[float], percent: int) -> float:
    return sorted(times)[math.ceil(len(times) * percent / 100) - 1]


@case("socket-memory", "memory for each of 2,000 idle WebSockets", "", "KB", both(40), at_most=True)
def socket_memory(bench: Bench):
    yield lambda: asyncio.run(memory(bench, WebSocket, "/ws/changes?after={}")), None


@case("poll-memory", "memory for each of 2,000 idle long polls", "", "KB", both(40), at_most=True)
def poll_memory(bench: Bench):
    yield lambda: asyncio.run(memory(bench, LongPoll, "/api/changes?after={}&wait=30")), None


async def memory(bench: Bench, kind: type[LongPoll], path: str) -> float:
    """Of a process that has just started: one that has served crowds would have memory to spare."""
    count = bench.crowd(2000)
    with bench.site(100_000) as site:
        path = path.format(head(site))
        before = total(site, "VmRSS")
        async with crowd(kind, count, site.port, path):
            return (total(site, "VmRSS") - before) / count


@case("poll-threads", "threads that 1,000 waiting long polls take", "", "threads", both(0), at_most=True)
def poll_threads(bench: Bench):
    yield lambda: asyncio.run(threads(bench)), None


async def threads(bench: Bench) -> float:
    """A request in Django takes a thread. While the polls wait, a route of Django's has to answer, too."""
    with bench.site(100_000) as site:
        cursor = head(site)
        await asyncio.sleep(SETTLE_SECONDS)
        before = total(site, "Threads")
        async with crowd(LongPoll, bench.crowd(1000), site.port, f"/api/changes?after={cursor}&wait=30"):
            more = total(site, "Threads") - before
            assert site.get("/api/stats").status == 200
            return more
