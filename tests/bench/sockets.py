"""Crowds of readers that wait: raw WebSockets and long polls, thousands in one event loop."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SETTLE_SECONDS = 1.0
ARRIVE_SECONDS = 60
AT_ONCE = 100  # connections that are being opened at the same moment
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
UNMASKED = bytes([0x80, 0, 0, 0, 0])  # an empty frame with a mask of zeros, which changes nothing

WEBSOCKET = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
LONG_POLL = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class LongPoll(asyncio.Protocol):
    """Asks once and waits."""

    request = LONG_POLL

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        self.transport = transport
        transport.write(self.request.format(path=self.path).encode())
        self.is_ready.set_result(True)

    def data_received(self, data: bytes) -> None:
        raise AssertionError(f"There should be nothing to tell yet: {data!r}")

    def connection_lost(self, error: Exception | None) -> None:
        raise AssertionError(f"The server closed a connection: {error}")


class WebSocket(LongPoll):
    """Takes frames and acknowledges each. Remembers when each word came that it was told to look for."""

    request = WEBSOCKET
    acknowledgement = bytes([TEXT, 0x80 | 12, 0, 0, 0, 0]) + b'{"cursor":1}'

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.buffer = b""
        self.expected = b""
        self.came_at = 0.0
        transport.write(self.request.format(path=self.path).encode())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_ready.done():
            head, end, self.buffer = self.buffer.partition(b"\r\n\r\n")
            if not end:
                self.buffer = head
                return
            assert b" 101 " in head, head
            self.is_ready.set_result(True)
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame of the server's, which are never masked and, here, below 64 KB."""
        if len(self.buffer) < 4:
            return None
        length, start = self.buffer[1], 2
        if length == 126:
            length, start = int.from_bytes(self.buffer[2:4]), 4
        if len(self.buffer) < start + length:
            return None
        kind, payload = self.buffer[0], self.buffer[start : start + length]
        self.buffer = self.buffer[start + length :]
        return kind, payload

    def _take(self, kind: int, payload: bytes) -> None:
        assert kind in (TEXT, PING), f"The server closed a socket: {payload!r}"
        if kind == PING:
            self.transport.write(bytes([PONG, 0x80 | len(payload), 0, 0, 0, 0]) + payload)
            return
        self.transport.write(self.acknowledgement)
        if self.expected and self.expected in payload:
            self.came_at = time.perf_counter()


@asynccontextmanager
async def crowd(kind: type[LongPoll], count: int, port: int, path: str) -> AsyncIterator[list[LongPoll]]:
    """So many readers, all connected, and a moment of silence after that."""
    may_open_files(count)
    loop, gate, readers, failures = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE), [], []
    loop.set_exception_handler(lambda loop, context: failures.append(context))

    async def join() -> None:
        async with gate:
            _, reader = await loop.create_connection(lambda: kind(path), "127.0.0.1", port)
            readers.append(reader)
            await reader.is_ready

    try:
        await asyncio.gather(*(join() for _ in range(count)))
        await asyncio.sleep(SETTLE_SECONDS)
        yield readers
        if failures:
            raise RuntimeError(f"{len(failures)} readers failed, the first for this: {failures[0]}")
    finally:
        loop.set_exception_handler(lambda loop, context: None)  # from here on, they may go
        for reader in readers:
            reader.transport.abort()
        await asyncio.sleep(0)


def may_open_files(count: int) -> None:
    """For this process and for the servers that it starts."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < count + 500:
        raise SystemExit(f"{count} connections need a limit of open files above {count + 500}: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def told(readers: list[WebSocket], port: int, word: str, body: bytes) -> list[float]:
    """Post what has this word in it; for each reader, the milliseconds until it had arrived."""
    for reader in readers:
        reader.expected, reader.came_at = word.encode(), 0.0
    began = time.perf_counter()
    posting = asyncio.create_task(post(port, body))
    while not all(reader.came_at for reader in readers):
        if time.perf_counter() - began > ARRIVE_SECONDS:
            raise TimeoutError(f"Not all of {len(readers)} sockets got the message.")
        await asyncio.sleep(0.005)
    await posting
    return [(reader.came_at - began) * 1000 for reader in readers]


async def post(port: int, body: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /api/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Content-Type: application/json\r\nConnection: close\r\n\r\n" + body)
    status = await reader.readline()
    assert b" 20" in status, status
    writer.close()
