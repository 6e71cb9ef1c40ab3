"""Waiting for work, in the event loop of a server process: however many bots wait, one of them looks.

It looks when there is news of the stream, and once in a second, because a lease that ends is news of nobody. As many
are let go as there is work for, those first that have waited longest; the others wait on.
"""

import asyncio
from collections import deque
from contextlib import suppress

from channels.db import database_sync_to_async
from django.db import Error

from comments.reading.news import News, news

from . import queue

LOOK_SECONDS = 1.0
PAUSE_SECONDS = 0.05  # between two looks, on a stream where there is always news
MOST = 100


def count() -> int:
    return queue.waiting()[:MOST].count()


class Waiting:
    def __init__(self, news: News) -> None:
        self.news = news
        self.bots: deque[asyncio.Future] = deque()
        self._looking: asyncio.Task | None = None

    async def for_work(self, seconds: float) -> None:
        """Until there may be work for this bot, or the time is up, or this process ends."""
        self.news.attach()
        bot: asyncio.Future = asyncio.get_running_loop().create_future()
        self.bots.append(bot)
        self._look_if_nobody_does()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await bot
        finally:
            with suppress(ValueError):
                self.bots.remove(bot)

    def _look_if_nobody_does(self) -> None:
        loop = asyncio.get_running_loop()
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._looking = loop.create_task(self._look())

    async def _look(self) -> None:
        with self.news.listening():
            while self.bots:
                upcoming = self.news.upcoming(for_bots=True)
                self._let_go(len(self.bots) if self.news.is_leaving else await self._found())
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await upcoming.wait()
                await asyncio.sleep(PAUSE_SECONDS)

    async def _found(self) -> int:
        """How much work there is; when the database does not answer, all shall go and be told."""
        try:
            return await database_sync_to_async(count)()
        except Error:
            return len(self.bots)

    def _let_go(self, many: int) -> None:
        while many and self.bots:
            bot = self.bots.popleft()
            if not bot.done():
                bot.set_result(None)
                many -= 1


waiting = Waiting(news)
