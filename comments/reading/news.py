"""Waiting for news, in the event loop of a server process: for the fast lane, long polls and WebSockets.

A push is a hint, the table is the truth. A hint makes the tail read at once; without one it reads once in a second
while anybody listens. So a hint that is lost costs a second, and never a message.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from django.db import Error

from comments import meters
from comments.stream.clock import after_commit

from .tail import Snapshot, Tail, tail

SAFETY_TICK_SECONDS = 1.0
BEAT_SECONDS = 0.05  # at least, between two wakes: where a hundred come in a second, readers take in five at a time
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


class News:
    """What the readers of one event loop wait for. It costs one read of the tail at a time, however many they are."""

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self.listeners = 0
        self._is_hinted = False  # since the last news
        self.heartbeats = 0  # no sign of life goes out while the database does not answer: it would mean "no news"
        self.is_leaving = False  # this process ends: who waits has to wait elsewhere
        self.spread_seconds = 0.0  # over which they are sent away
        self.loop: asyncio.AbstractEventLoop  # these since it is attached
        self._event: asyncio.Event
        self._event_for_bots: asyncio.Event
        self._woken_at = 0.0  # by news, in the loop's time
        self._is_for_all = False  # the wake that is due
        self._beat: asyncio.TimerHandle | None = None
        self._ticking: asyncio.Task | None = None
        self._reading: tuple[Future, Shared] | None = None

    def attach(self) -> None:
        """Belong to the running loop. Costs nothing when it does already."""
        loop = asyncio.get_running_loop()
        if getattr(self, "loop", None) is not loop:
            self.loop, self._ticking, self._reading, self._beat = loop, None, None, None
            self._event, self._event_for_bots = asyncio.Event(), asyncio.Event()
            self.tail.on_news = self._wake_soon

    def fresh(self) -> Awaitable[Snapshot]:
        """The tail as of a read that begins after this call; see `Tail.fresh`."""
        future = self.tail.fresh()
        if self._reading is None or self._reading[0] is not future:
            self._reading = future, Shared.of(future)
        return self._reading[1]

    async def recent(self) -> Snapshot:
        """The same, or if the database fails, the last tail; see `Tail.recent`."""
        last = self.tail.last_if_recent()
        try:
            return await self.fresh()
        except Error:
            if last is None:
                raise
            return last

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

    def upcoming(self, for_bots: bool = False) -> asyncio.Event:
        """Set at the next news, and now and then without any. Take it before you look at the tail, then wait for it:
        so nothing that comes between is missed. What a bot notes wakes bots alone."""
        return self._event_for_bots if for_bots else self._event

    def hint(self) -> None:
        """Something has been committed. May be called from any thread."""
        self._is_hinted = True
        if self.listeners:
            self.tail.fresh()

    def leave(self, spread_seconds: float) -> None:
        self.is_leaving, self.spread_seconds = True, spread_seconds
        if hasattr(self, "loop"):
            self.wake()

    def wake(self, all: bool = True) -> None:
        for_bots, self._event_for_bots = self._event_for_bots, asyncio.Event()
        for_bots.set()
        if all:
            for_all, self._event = self._event, asyncio.Event()
            for_all.set()

    def _wake_soon(self, all: bool) -> None:
        """From the tail's thread, which may outlive the loop."""
        if not self._is_hinted:
            meters.unhinted.inc()
        self._is_hinted = False
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._in_beat, all)

    def _in_beat(self, all: bool) -> None:
        """Wake them, unless they have just been woken; then in a moment, once for all that has come until then."""
        self._is_for_all |= all
        if self._beat is None:
            wait = self._woken_at + BEAT_SECONDS - self.loop.time()
            self._beat = self.loop.call_later(max(0.0, wait), self._wake_in_beat)

    def _wake_in_beat(self) -> None:
        is_for_all, self._is_for_all, self._beat = self._is_for_all, False, None
        self._woken_at = self.loop.time()
        self.wake(is_for_all)

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
