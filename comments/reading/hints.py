"""Hints between processes: after a commit, every server process is told to look, through Channels' layer on Redis.

Each process has one subscription, not one for each reader. A hint says nothing but "look": if it is lost, or Redis is
down, the safety tick finds the news within a second. On the same way the processes tell each other how many readers
they have.
"""

import asyncio
import logging

from django.conf import settings

from comments import meters
from comments.outage import Outage
from comments.stream.clock import after_commit

from .hint_layer import HintLayer, goes_on
from .news import News, news
from .readers import Readers, readers

GROUP = "stream"
HINT = {"type": "hint"}
RETRY_SECONDS = 1.0
# Redis forgets a subscription without a word: when it starts anew, is flushed or short of memory, and after a day.
RENEW_SECONDS = 30.0

log = logging.getLogger(__name__)


class Hints:
    """Carries hints between this process's loop and the others'."""

    def __init__(
        self,
        news: News,
        layer: HintLayer,
        readers: Readers = readers,
        renew_seconds: float = RENEW_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self.news = news
        self.layer = layer
        self.readers = readers
        self.line = Outage(
            log,
            "Redis does not answer (%s): until it does, news of other processes comes within a second.",
            "Redis answers again: news of other processes comes at once.",
        )
        self.renew_seconds = renew_seconds
        self.retry_seconds = retry_seconds
        self._hearing: asyncio.Task | None = None
        self._renewing: asyncio.Task | None = None
        self._telling: asyncio.Task | None = None
        self._tell_again = False

    def attach(self) -> None:
        """Listen in the running loop, from its first request on."""
        self.news.attach()
        if self._hearing is None:
            self._hearing = asyncio.get_running_loop().create_task(self._hear())

    def tell(self) -> None:
        """Something has been committed. May be called from any thread."""
        if self._hearing is not None:
            self.news.loop.call_soon_threadsafe(self._tell_soon)

    def tell_of_readers(self, count: int) -> None:
        """So many readers has this process. May be called from any thread."""
        message = {"type": "readers", "process": self.readers.process, "count": count}
        if self._hearing is not None:
            self.news.loop.call_soon_threadsafe(lambda: self.news.loop.create_task(self._send(message)))

    def _tell_soon(self) -> None:
        """One hint under way at a time, and one more for all that was committed meanwhile."""
        if self._telling is not None and not self._telling.done():
            self._tell_again = True
            return
        self._telling = self.news.loop.create_task(self._tell())

    async def _tell(self) -> None:
        meters.hints.labels("sent").inc()
        await self._send(HINT)
        if self._tell_again:
            self._tell_again = False
            self._telling = self.news.loop.create_task(self._tell())

    async def _send(self, message: dict) -> None:
        try:
            await self.layer.group_send(GROUP, message)
            self.line.works("telling")
        except Exception as error:  # whatever is wrong with Redis, a hint is only a hint
            self.line.fails("telling", error)

    async def _hear(self) -> None:
        channel = await self.layer.new_channel()  # one for good: each that is left behind would get hints for a day
        self._renewing = asyncio.create_task(self._renew(channel))
        while goes_on():
            try:
                await self._subscribe(channel)
                await self._receive(channel)
            except Exception as error:  # the same
                self.line.fails("hearing", error)
            await asyncio.sleep(self.retry_seconds)

    async def _receive(self, channel: str) -> None:
        while goes_on():
            message = await self.layer.receive(channel)
            self.line.works("hearing")
            self._take(message)

    def _take(self, message: dict) -> None:
        if message["type"] == "readers":
            self.readers.heard(message["process"], message["count"])
        else:
            meters.hints.labels("received").inc()
            self.news.hint()

    async def _renew(self, channel: str) -> None:
        """Beside the read, never instead of it: a read that is broken off may take a hint with it."""
        while goes_on():
            await asyncio.sleep(self.renew_seconds)
            try:
                await self._subscribe(channel)
            except Exception as error:  # the same
                self.line.fails("hearing", error)

    async def _subscribe(self, channel: str) -> None:
        """It hears its own hint, too: so it looks for what was told before, and learns that the line works."""
        await self.layer.group_add(GROUP, channel)
        self._tell_soon()


hints = Hints(news, HintLayer(hosts=[settings.REDIS_URL])) if settings.REDIS_URL else None
if hints:
    after_commit.append(hints.tell)
    readers.on_count = hints.tell_of_readers
