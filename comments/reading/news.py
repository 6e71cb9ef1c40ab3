"""Waiting for news, in the event loop of a server process: for the fast lane, long polls and WebSockets.

A push is a hint, the table is the truth. A hint makes the tail read at once; without one it reads once in a second
while anybody listens. So a hint that is lost costs a second, and never a message.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cached_property

from comments.stream.clock import after_commit

from .tail import Snapshot, Tail, tail

SAFETY_TICK_SECONDS = 1.0
HEARTBEAT_TICKS = 6  # the page says how it stands with the server, never older than 10 s


class Shared(asyncio.Future):
    """What many wait for. One of them that is cancelled must not cancel it for the others: it goes when the wait is
    over. That is half the price of `asyncio.shield`, which makes a future and two callbacks for each."""

    @classmethod
    def of(cls, future: Future) -> "Shared":
        """In the running loop, what a future of a thread comes to."""
        shared = cls()
        loop = shared.get_loop()

        def tell(future: Future) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(shared._take, future)

        future.add_done_callback(tell)
        return shared

    def cancel(self, msg: object = None) -> bool:
        return False

    def _take(self, future: Future) -> None:
        if error := future.exception():
            self.set_exception(error)
        else:
            self.set_result(future.result())


class SharedRead:
    """One read of the tail, for all in this loop who wait for it."""

    def __init__(self, tail: Tail, future: Future) -> None:
        self.tail = tail
        self.future = future
        self.fresh = Shared.of(future)

    @cached_property
    def recent(self) -> Shared:
        """What it comes to; or the last tail, as soon as that is not going to be recent any more."""
        last, seconds_left = self.tail.snapshot, self.tail.recent_seconds_left
        if seconds_left <= 0:
            return self.fresh
        recent = Shared()

        def settle(fresh: Shared | None = None) -> None:
            timer.cancel()
            if not recent.done():
                recent.set_result(fresh.result() if fresh and not fresh.exception() else last)

        timer = recent.get_loop().call_later(seconds_left, settle)
        self.fresh.add_done_callback(settle)
        return recent


class News:
    """What the readers of one event loop wait for. It costs one read of the tail at a time, however many they are."""

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self.listeners = 0
        self.heartbeats = 0  # no sign of life goes out while the database does not answer: it would mean "no news"
        self.loop: asyncio.AbstractEventLoop  # these two since it is attached
        self._event: asyncio.Event
        self._ticking: asyncio.Task | None = None
        self._reading: SharedRead | None = None

    def attach(self) -> None:
        """Belong to the running loop. Costs nothing when it does already."""
        loop = asyncio.get_running_loop()
        if getattr(self, "loop", None) is not loop:
            self.loop, self._event, self._ticking, self._reading = loop, asyncio.Event(), None, None
            self.tail.on_news = self._wake_soon

    def fresh(self) -> Awaitable[Snapshot]:
        """The tail as of a read that begins after this call; see `Tail.fresh`."""
        return self._read().fresh

    def recent(self) -> Awaitable[Snapshot]:
        """The same, or while the database does not answer, the last tail; see `Tail.recent`."""
        return self._read().recent

    def _read(self) -> SharedRead:
        future = self.tail.fresh()
        if self._reading is None or self._reading.future is not future:
            self._reading = SharedRead(self.tail, future)
        return self._reading

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While anybody does, the tail follows the table by itself."""
        self.listeners += 1
        if self._ticking is None or self._ticking.done():
            self._ticking = self.loop.create_task(self._tick())
        try:
            yield
        finally:
            self.listeners -= 1

    def upcoming(self) -> asyncio.Event:
        """Set at the next news, and now and then without any. Take it before you look at the tail, then wait for it:
        so nothing that comes between is missed."""
        return self._event

    def hint(self) -> None:
        """Something has been committed. May be called from any thread."""
        if self.listeners:
            self.tail.fresh()

    def wake(self) -> None:
        event, self._event = self._event, asyncio.Event()
        event.set()

    def _wake_soon(self) -> None:
        """From the tail's thread, which may outlive the loop."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.wake)

    async def _tick(self) -> None:
        ticks = 0
        while self.listeners:
            self.tail.fresh()
            await asyncio.sleep(SAFETY_TICK_SECONDS)
            ticks += 1
            if ticks % HEARTBEAT_TICKS == 0 and self.tail.recent_seconds_left > 0:
                self.heartbeats += 1
                self.wake()


news = News(tail)
after_commit.append(news.hint)
