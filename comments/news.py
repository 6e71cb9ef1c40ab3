"""Waiting for news, in the event loop of a server process: for long polls, WebSockets and the fast lane.

A push is a hint, the table is the truth. A hint makes the tail read at once; without one it reads once in a second
while anybody waits. So a hint that is lost costs a second, and never a message.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from .tail import Snapshot, Tail, tail

SAFETY_TICK_SECONDS = 1.0


class News:
    """What waits in one event loop. All of it costs one read of the tail at a time, however many wait."""

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self.waiting = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._read: asyncio.Future[Snapshot] | None = None
        self._read_of = None
        self._news: asyncio.Future[None] | None = None
        self._ticking: asyncio.Task | None = None

    async def fresh(self) -> Snapshot:
        """The tail as of a read that begins after this call; see `Tail.fresh`."""
        future = self.tail.fresh()
        if future is not self._read_of:
            self._read_of, self._read = future, asyncio.wrap_future(future)
        return await asyncio.shield(self._read)

    async def after(self, version: int, deadline: float) -> Snapshot | None:
        """The tail as soon as it is above `version`; None if it is not by `deadline`, in the loop's time."""
        with self._one_more_waiting():
            while self.tail.snapshot is None or self.tail.snapshot.clock.version <= version:
                seconds = deadline - self._loop.time()
                if seconds <= 0 or not (await asyncio.wait([self._news], timeout=seconds))[0]:
                    return None
            return self.tail.snapshot

    def hint(self) -> None:
        """Something has been committed. May be called from any thread."""
        if self.waiting:
            self.tail.fresh()

    @contextmanager
    def _one_more_waiting(self) -> Iterator[None]:
        self._attach()
        self.waiting += 1
        if self._ticking is None or self._ticking.done():
            self._ticking = self._loop.create_task(self._tick())
        try:
            yield
        finally:
            self.waiting -= 1

    def _attach(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        self._loop, self._news, self._ticking = loop, loop.create_future(), None
        self.tail.listeners[:] = [lambda: loop.call_soon_threadsafe(self._wake)]

    def _wake(self) -> None:
        news, self._news = self._news, self._loop.create_future()
        news.set_result(None)

    async def _tick(self) -> None:
        """Look for what no hint told of, while anybody waits. A database that does not answer is asked again."""
        while self.waiting:
            self.tail.fresh()
            await asyncio.sleep(SAFETY_TICK_SECONDS)


news = News(tail)
