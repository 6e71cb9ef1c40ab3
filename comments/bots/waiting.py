"""Waiting for work, in the event loop of a server process: however many bots wait, one of them looks.

It looks when the stream's news asks for an answer, and once in a second, because a lease that ends is news of nobody.
What it finds is dealt: each bot gets another comment, those first that have waited longest, and the others wait on. So
bots that are let go together do not all reach for the same. What is dealt and not claimed is dealt again.
"""

import asyncio
from collections import deque
from contextlib import suppress

from channels.db import database_sync_to_async
from django.db import Error

from comments import meters
from comments.reading.news import News, news

from . import queue

LOOK_SECONDS = 1.0
PAUSE_SECONDS = 0.05  # between two looks, where somebody asks all the time
MOST = 1000  # dealt after one look
NEVER = float("-inf")


def find(most: int) -> list[str]:
    """The ids of what may be claimed, most urgent first. 1 query, by an index alone."""
    return list(queue.waiting().values_list("pk", flat=True)[:most])


class Waiting:
    def __init__(self, news: News) -> None:
        self.news = news
        self.bots: deque[asyncio.Future[str]] = deque()
        self.dealt: dict[str, float] = {}  # what was not claimed when somebody last looked, and when it was dealt
        self._looking: asyncio.Task | None = None
        self._looked_at = NEVER

    async def for_work(self, seconds: float) -> str:
        """Until there may be work for this bot, the time is up, or this process ends: the id that is dealt to it, or
        nothing."""
        self.news.attach()
        bot: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.bots.append(bot)
        self._look_if_nobody_does()
        try:
            async with asyncio.timeout(seconds):
                return await bot
        except TimeoutError:
            return ""
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
                await self._pause()
                upcoming, seen = self.news.upcoming(for_bots=True), self.news.tail.snapshot.clock.version
                await self._look_once()
                if not self.bots:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._work_after(seen, upcoming)

    async def _pause(self) -> None:
        """So that those who come at the same time are served by one look."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._looked_at + PAUSE_SECONDS - loop.time()))
        self._looked_at = loop.time()

    async def _work_after(self, seen: int, upcoming: asyncio.Event) -> None:
        """Other news is not worth a look."""
        while True:
            await upcoming.wait()
            upcoming = self.news.upcoming(for_bots=True)
            if self.news.is_leaving or self.news.tail.snapshot.asks_bots_after(seen):
                return

    async def _look_once(self) -> None:
        """And tell. When the process ends or the database does not answer, all shall go and be told."""
        if self.news.is_leaving:
            return self._let_all_go()
        meters.work_looks.inc()
        try:
            self._deal(await self._found(min(MOST, len(self.bots)) + len(self.dealt)))
        except Error:
            self._let_all_go()

    async def _found(self, most: int) -> list[str]:
        return await database_sync_to_async(find)(most)

    def _deal(self, found: list[str]) -> None:
        """First what nobody was dealt, most urgent first; then what nobody has claimed since, but not at once."""
        now = asyncio.get_running_loop().time()
        self.dealt = {id: self.dealt[id] for id in found if id in self.dealt}
        for id in sorted(found, key=lambda id: self.dealt.get(id, NEVER))[:MOST]:
            if now - self.dealt.get(id, NEVER) < LOOK_SECONDS or not self._let_go(id):
                return
            self.dealt[id] = now

    def _let_all_go(self) -> None:
        while self.bots:
            self._let_go("")

    def _let_go(self, id: str) -> bool:
        """Whether there was a bot that still waits."""
        while self.bots:
            bot = self.bots.popleft()
            if not bot.done():
                bot.set_result(id)
                return True
        return False


waiting = Waiting(news)
