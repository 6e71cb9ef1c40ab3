"""The change feed of bots that moderate: each comment as it is, with its state, also one that never was in the stream.

As a page of the API and a message of a WebSocket it has the same bytes. Who waits for news of it waits before Django.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error

from comments.callers.bots import MODERATE
from comments.errors import Refused
from comments.reading import table
from comments.reading.news import News, news
from comments.wire.entry import to_bytes
from comments.wire.params import StatesParams
from comments.wire.schemas import CommentWithState, CommentWithStateList

from .caller import is_bot_with, required_bot_of_scope
from .consumers import ChangesSocket, Followed
from .fastlane import Application
from .questions import question_of_bots
from .representation import Representation

PATH = "/api/bots/moderation"


def page(after: int, limit: int) -> Representation:
    """Raises Refused with status 410 or 422 for a cursor that is not of this stream."""
    found = table.changes(after, limit, private=True)
    return _represented(
        CommentWithStateList(
            comments=[CommentWithState.of(comment) for comment in found.comments],
            after=after,
            cursor=found.cursor,
            hasMore=found.has_more,
            pollAfterMs=settings.POLL_AFTER_MS,
        )
    )


class StatesLane:
    """Long polls."""

    def __init__(self, application: Application, news: News = news) -> None:
        self.application = application
        self.news = news

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        params = question_of_bots(scope, PATH, StatesParams)
        if params and params.wait and await database_sync_to_async(is_bot_with)(scope, MODERATE):
            self.news.attach()
            with suppress(TimeoutError, Error, Refused), self.news.listening():
                async with asyncio.timeout(params.wait):
                    await self._change_after(params.after)
        await self.application(scope, receive, send)

    async def _change_after(self, after: int) -> None:
        await self.news.fresh()
        while not self.news.is_leaving:
            upcoming = self.news.upcoming(for_bots=True)
            if self.news.tail.snapshot.clock.version != after:
                found = await database_sync_to_async(table.changes)(after, 1, private=True)
                if found.comments:
                    return
                after = found.cursor  # a bot has noted something
            await upcoming.wait()


class StatesSocket(ChangesSocket):
    params_class = StatesParams

    async def _identify(self) -> None:
        await database_sync_to_async(required_bot_of_scope)(self.scope, MODERATE)
        self.for_bots = True

    async def _made(self, params: Followed, after: int) -> Representation:
        return await database_sync_to_async(page)(after, params.limit)


async def states_socket(scope: dict, receive: Callable, send: Callable) -> None:
    await StatesSocket(scope, receive, send).run()


def _represented(listed: CommentWithStateList) -> Representation:
    return Representation(to_bytes(listed), listed.cursor, listed.has_more, is_news=bool(listed.comments))
