"""Restart everything ten times while people write and read: `python -m tests.serving.rolling --restarts 10`.

Two servers of two processes stand behind nginx, over PostgreSQL and Redis. One after the other each process is
replaced, again and again, while so many posts and polls a second come and so many WebSockets are open. No request may
fail, and every reader has to get every comment once; a WebSocket that is told 1012 comes back to its cursor.
"""

import argparse
import asyncio
import itertools
import json
import random
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.bench.sockets import CLOSE, PING, WEBSOCKET, WebSocket, may_open_files
from tests.support.town import Town, town

IDS = re.compile(rb'"id":"roll-(\d+)"')
CURSOR = re.compile(rb'"cursor":(\d+)')
LENGTH = re.compile(rb"(?i)content-length: (\d+)")
POSTERS, POLLERS = 8, 40
COMES_BACK_WITHIN_SECONDS = 1.0
SETTLE_SECONDS = 120
RESTART = 1012


@dataclass(frozen=True)
class Load:
    posts: int = 100  # a second
    polls: int = 2000  # a second
    sockets: int = 500


@dataclass
class Seen:
    """What one reader has got, and from where it goes on."""

    cursor: int
    ids: set[int] = field(default_factory=set)
    doubled: int = 0

    def take(self, envelope: bytes) -> None:
        for found in IDS.findall(envelope):
            self.doubled += int(found) in self.ids
            self.ids.add(int(found))
        if moved := CURSOR.search(envelope):
            self.cursor = int(moved[1])


class Failed(Exception):
    pass


class Line:
    """One visitor's connection, kept as browsers keep theirs, and opened anew when the server says that it ends."""

    def __init__(self, port: int, visitor: int) -> None:
        self.port, self.visitor, self.streams = port, visitor, None

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        writer.write(self.head(method, path, len(body)) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readexactly(int(LENGTH.search(head)[1]))
        if b"connection: close" in head.lower():
            self.hang_up()
        return int(head.split(b" ", 2)[1]), answer

    def head(self, method: str, path: str, length: int) -> bytes:
        of_body = f"Content-Type: application/json\r\nContent-Length: {length}\r\n" if length else ""
        of_visitor = f"Host: 127.0.0.1\r\nX-Visitor: {address(self.visitor)}\r\n"
        return f"{method} {path} HTTP/1.1\r\n{of_visitor}{of_body}\r\n".encode()

    def hang_up(self) -> None:
        if self.streams:
            self.streams[1].transport.abort()
            self.streams = None


def address(number: int) -> str:
    return f"10.{2 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


class Socket(WebSocket):
    """Takes envelopes into what its reader has seen, until it is closed; `closed` says with which code."""

    def __init__(self, seen: Seen, visitor: int) -> None:
        super().__init__(f"/ws/changes?after={seen.cursor}")
        self.request = WEBSOCKET.removesuffix("\r\n") + f"X-Visitor: {address(visitor)}\r\n\r\n"
        self.seen = seen
        self.closed = asyncio.get_running_loop().create_future()

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == CLOSE:
            self._ends(int.from_bytes(payload[:2]))
        elif kind == PING:
            super()._take(kind, payload)
        else:
            self.seen.take(payload)
            self.transport.write(self.acknowledgement)

    def connection_lost(self, error: Exception | None) -> None:
        self._ends(0)

    def _ends(self, code: int) -> None:
        if not self.closed.done():
            self.closed.set_result(code)
        if not self.is_ready.done():
            self.is_ready.set_exception(Failed(f"A WebSocket was not opened: {code}"))


class Crowd:
    """All who post and read, on a port. `failures` says what went wrong, `posted` how much was acknowledged."""

    def __init__(self, port: int, load: Load, cursor: int) -> None:
        self.port, self.load, self.cursor = port, load, cursor
        self.failures: list[str] = []
        self.numbers, self.visitors = itertools.count(), itertools.count()
        self.posted: set[int] = set()
        self.asked = 0
        self.is_over = False
        self.lines: list[Line] = []
        self.readers = [Seen(cursor) for _ in range(POLLERS + load.sockets)]

    async def while_(self, work: Callable[[], None]) -> None:
        """Everybody is at it while this works in a thread; then readers get on to the end."""
        followers, polled = self.readers[POLLERS:], self.readers[:POLLERS]
        reading = [asyncio.create_task(self.follow(seen)) for seen in followers]
        reading += [asyncio.create_task(self.poll(seen)) for seen in polled]
        posting = [asyncio.create_task(self.post()) for _ in range(POSTERS)]
        try:
            await asyncio.to_thread(work)
            self.is_over = True
            await asyncio.gather(*posting)
            await self.all_have_it()
        finally:
            self.is_over = True
            for task in [*reading, *posting]:
                task.cancel()
            ended = await asyncio.gather(*reading, *posting, return_exceptions=True)
            self.failures += [repr(error) for error in ended if isinstance(error, Exception)]
            for line in self.lines:
                line.hang_up()
            await asyncio.sleep(0)  # what is broken off is closed in the next turn of the loop

    async def all_have_it(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                while any(seen.ids != self.posted for seen in self.readers):
                    await asyncio.sleep(0.1)

    async def post(self) -> None:
        async for line in self.paced(POSTERS / self.load.posts):
            if self.is_over:
                return
            number = next(self.numbers)
            line.visitor = number
            body = json.dumps({"id": f"roll-{number}", "text": f"Number {number}", "username": "Ada"}).encode()
            if await self.asks(line, 201, "POST", "/api/comments", body) is not None:
                self.posted.add(number)

    async def poll(self, seen: Seen) -> None:
        async for line in self.paced(POLLERS / self.load.polls):
            envelope = await self.asks(line, 200, "GET", f"/api/changes?after={seen.cursor}")
            if envelope:
                seen.take(envelope)

    async def paced(self, every_seconds: float):
        """One connection, as often as that; whoever is late does not catch up."""
        line = Line(self.port, next(self.visitors))
        self.lines.append(line)
        while True:
            began = time.perf_counter()
            yield line
            await asyncio.sleep(max(0, began + every_seconds * random.uniform(0.5, 1.5) - time.perf_counter()))

    async def asks(self, line: Line, expected: int, method: str, path: str, body: bytes = b"") -> bytes | None:
        self.asked += 1
        line.visitor = next(self.visitors)
        try:
            status, answer = await line.ask(method, path, body)
            if status == expected:
                return answer
            self.failures.append(f"{method} {path}: {status} {answer[:200]!r}")
        except (OSError, EOFError) as error:
            self.failures.append(f"{method} {path}: {error!r}")
            line.hang_up()
        return None

    async def follow(self, seen: Seen) -> None:
        """By WebSocket. It may end by 1012 alone."""
        loop = asyncio.get_running_loop()
        while True:
            _, socket = await loop.create_connection(lambda: Socket(seen, next(self.visitors)), "127.0.0.1", self.port)
            try:
                await socket.is_ready
                code = await socket.closed
                if code != RESTART:
                    self.failures.append(f"A WebSocket was closed with {code}")
            except Failed as failed:
                self.failures.append(str(failed))
            finally:
                socket.transport.abort()
            await asyncio.sleep(random.uniform(0, COMES_BACK_WITHIN_SECONDS))

    def wrong(self) -> list[str]:
        lost = sum(len(self.posted - seen.ids) for seen in self.readers)
        made_up = sum(len(seen.ids - self.posted) for seen in self.readers)
        doubled = sum(seen.doubled for seen in self.readers)
        counts = {"lost": lost, "doubled": doubled, "read and never acknowledged": made_up}
        return self.failures + [f"{count} × {what}" for what, count in counts.items() if count]


def roll_under_load(town: Town, restarts: int, load: Load, say: Callable[[str], None]) -> list[str]:
    """Whatever is wrong, as sentences."""
    may_open_files(load.sockets)
    cursor = town.proxy.get("/api/changes?after=0").json()["cursor"]
    crowd = Crowd(town.proxy.port, load, cursor)

    def restart() -> None:
        began = time.perf_counter()
        for number in range(1, restarts + 1):
            for server in town.servers:
                server.roll()
            passed = time.perf_counter() - began
            say(f"{number} restarts in {passed:.0f} s: {len(crowd.posted)} posts, {crowd.asked} requests.")

    asyncio.run(crowd.while_(restart))
    return crowd.wrong()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--posts", type=int, default=100, help="a second (100)")
    parser.add_argument("--polls", type=int, default=2000, help="a second (2000)")
    parser.add_argument("--sockets", type=int, default=500)
    given = parser.parse_args()
    with town(workers=2) as running:
        wrong = roll_under_load(running, given.restarts, Load(given.posts, given.polls, given.sockets), print)
    print("\n".join(wrong[:20]) or "No request has failed, and every reader has every comment once.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
