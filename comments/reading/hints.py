"""Hints between processes: after a commit, every server process is told to look, through Channels' layer on Redis.

Each process has one subscription, not one for each reader. A hint says nothing but "look": if it is lost, or Redis is
down, the safety tick finds the news within a second.
"""

import asyncio
import logging

from channels.layers import BaseChannelLayer, get_channel_layer
from django.conf import settings

from comments.stream.clock import after_commit

from .news import News, news

GROUP = "stream"
RETRY_SECONDS = 5.0
RENEW_SECONDS = 3600.0  # the layer forgets a subscription after a day

log = logging.getLogger(__name__)


class Hints:
    """Carries hints between this process's loop and the others'."""

    def __init__(self, news: News, layer: BaseChannelLayer) -> None:
        self.news = news
        self.layer = layer
        self._hearing: asyncio.Task | None = None
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

    def _tell_soon(self) -> None:
        """One hint under way at a time, and one more for all that was committed meanwhile."""
        if self._telling is not None and not self._telling.done():
            self._tell_again = True
            return
        self._telling = self.news.loop.create_task(self._tell())

    async def _tell(self) -> None:
        try:
            await self.layer.group_send(GROUP, {"type": "hint"})
        except Exception as error:  # whatever is wrong with Redis, a hint is only a hint
            log.warning("A hint to the other processes was lost: %s", type(error).__name__)
        if self._tell_again:
            self._tell_again = False
            self._telling = self.news.loop.create_task(self._tell())

    async def _hear(self) -> None:
        while True:
            try:
                await self._subscribed()
            except Exception as error:  # the same
                log.warning("No hints from other processes for now: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _subscribed(self) -> None:
        channel = await self.layer.new_channel()
        while True:
            await self.layer.group_add(GROUP, channel)
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    while True:
                        await self.layer.receive(channel)
                        self.news.hint()
            except TimeoutError:
                pass


hints = Hints(news, get_channel_layer()) if settings.REDIS_URL else None
if hints:
    after_commit.append(hints.tell)
