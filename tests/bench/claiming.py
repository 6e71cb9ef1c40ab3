"""Bots that take work: 200 at once, and 200 for which there is none."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.audit.kill import database_url
from tests.bench import load
from tests.bench.cases import both, case
from tests.bench.servers import Bench
from tests.bench.sockets import may_open_files
from tests.support.servers import UNLIMITED, Server

WORKERS = 200
QUESTIONS = 20_000
WAIT = "GET /api/bots/work?limit=1&wait=25"
# They ask for answers, whoever has answered them before. Nobody reads along meanwhile, so they need no versions.
ASK = f"""
from django.db import connection
from comments.history import importing
lines = ({{"id": f"question-{{n}}", "timestamp": 1_500_000_000_000 + n, "username": "Ada", "text": f"Why {{n}}?"}}
         for n in range({QUESTIONS}))
reader = importing.LineReader()
importing.store((n, reader.comment(line)) for n, line in enumerate(lines))
with connection.cursor() as cursor:
    cursor.execute("UPDATE comments_comment SET work = 5 WHERE id LIKE 'question-%%'")
    cursor.execute("ANALYZE")
"""
ASK_NO_MORE = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("UPDATE comments_comment SET work = NULL")
"""
FORGET = "from comments.models import Lease; Lease.objects.all().delete()"


@case("claims", "claims by 200 workers, SQLite", "a bare ninja insert", "claims/s", both(100), of_number=True)
def claims_on_sqlite(bench: Bench):
    yield from claims(bench, "sqlite")


@case("claims", "claims by 200 workers, PostgreSQL", "a bare ninja insert", "claims/s", both(100), of_number=True)
def claims_on_postgresql(bench: Bench):
    yield from claims(bench, "postgresql")


@case("claims", "looks into the queue while 200 workers wait", "", "looks/s", both(1), at_most=True)
def looks(bench: Bench):
    with queue(bench, "sqlite", METRICS_NETWORKS="127.0.0.0/8") as (site, token):
        site.manage("shell", "-v0", "-c", ASK_NO_MORE)
        yield lambda: asyncio.run(looks_while_waiting(bench, site, token)), None


def claims(bench: Bench, database: str):
    with queue(bench, database) as (site, token), bench.bare("bare_ninja:application", **site.settings) as bare:
        yield (
            lambda: asyncio.run(claimed_per_second(bench, site, token)),
            lambda: load.posts(f"{bare.url}/api/comments", bench.seconds, bench.crowd(WORKERS)),
        )


@contextmanager
def queue(bench: Bench, database: str, **settings: str) -> Iterator[tuple[Server, str]]:
    """A site where much asks for an answer, and the token of a bot."""
    with TemporaryDirectory() as folder, database_url(database, fsync=True) as url:
        settings |= url | UNLIMITED
        server = Server(Path(folder), **settings)
        server.manage("migrate", "-v0")
        server.manage("shell", "-v0", "-c", ASK)
        token = server.manage("create_bot", "worker").stdout.strip()
        with bench.site(Path(folder), **settings) as site:
            yield site, token


async def claimed_per_second(bench: Bench, site: Server, token: str) -> float:
    """By workers each of which takes the next as soon as it has one."""
    site.manage("shell", "-v0", "-c", FORGET)
    may_open_files(WORKERS)
    end = time.monotonic() + bench.seconds
    workers = [Worker(site.port, token) for _ in range(bench.crowd(WORKERS))]
    began = time.monotonic()
    claimed = sum(await asyncio.gather(*(worker.claim_until(end) for worker in workers)))
    return claimed / (time.monotonic() - began)


async def looks_while_waiting(bench: Bench, site: Server, token: str) -> float:
    before, began = looks_of(site), time.monotonic()
    workers = [asyncio.create_task(Worker(site.port, token).ask(WAIT)) for _ in range(bench.crowd(WORKERS))]
    await asyncio.sleep(bench.seconds)
    made = (looks_of(site) - before) / (time.monotonic() - began)
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return made


def looks_of(site: Server) -> float:
    return float(re.search(r"^saywhat_work_looks_total (\S+)", site.get("/metrics").text, re.MULTILINE)[1])


class Worker:
    """One connection that is kept."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def claim_until(self, end: float) -> int:
        claimed = 0
        while time.monotonic() < end:
            for comment in (await self.ask(WAIT))[1].get("work", []):
                status, _ = await self.ask(f"POST /api/comments/{comment['id']}/claim", b'{"seconds": 3600}')
                claimed += status == 200
        return claimed

    async def ask(self, request: str, body: bytes = b"") -> tuple[int, dict]:
        """Who is told that too many ask, asks again when it was said."""
        while True:
            status, answer = await self.asked(request, body)
            if status != 503:
                return status, answer
            await asyncio.sleep(1)

    async def asked(self, request: str, body: bytes) -> tuple[int, dict]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        head = f"{request} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        said = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(re.search(r"content-length: (\d+)", said)[1])
        return int(said.split(" ", 2)[1]), json.loads(await reader.readexactly(length))
