"""The WebSocket of the change feed: /ws/changes?after=C sends the envelopes of /api/changes as they come to be.

It is a hint that saves waiting; the cursor is what a reader relies on. So a reader that cannot keep up is closed, and
goes on from its cursor, here or by polling: nothing is buffered for it without bound.
"""

import asyncio
import random
from collections.abc import Callable
from typing import cast

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError
from pydantic import ValidationError

from comments import meters
from comments.errors import Refused
from comments.reading.news import News, news
from comments.wire.params import ChangesParams, StatesParams

from . import reads
from .caller import bot_of_scope, joined, may_be_a_bot, sees_context
from .representation import Representation

Followed = ChangesParams | StatesParams

MAX_UNACKNOWLEDGED = 32  # envelopes
TOO_SLOW = 4408  # like 408
RESTART = 1012  # the protocol's own word for it: come again
REFUSED = 4000  # plus the status that the API would give
# The server holds its own messages to the same limit as those of strangers: see --websocket-max-message-size.
MAX_MESSAGE_BYTES = 256 * 1024
TOO_LARGE = Refused(413, "too_large", "The next comment, an imported one, is too large for a message: poll for it.")
PATIENCE_SECONDS = 5.0  # with a reader that has so many to acknowledge


class TooSlow(Exception):
    """A reader has left too much unacknowledged."""


class Leaving(Exception):
    """This process ends."""


class ChangesSocket:
    """One reader. It says which cursor it has applied, by sending `{"cursor": c}` after each envelope."""

    params_class: type[Followed] = ChangesParams
    hearing: asyncio.Task

    def __init__(self, scope: dict, receive: Callable, send: Callable, news: News = news) -> None:
        self.scope = scope
        self.may_be_a_bot = may_be_a_bot(scope, joined(scope["headers"]))
        self.query_string = scope["query_string"].decode("latin-1")
        self.for_bots = False
        self.receive = receive
        self.send = send
        self.news = news
        self.unacknowledged = 0
        self.heard = asyncio.Event()
        self.has_left = False

    async def run(self) -> None:
        if (await self.receive())["type"] != "websocket.connect":
            return
        await self.send({"type": "websocket.accept"})
        self.news.attach()
        self.hearing = asyncio.create_task(self._hear(cast(asyncio.Task, asyncio.current_task())))
        try:
            await self._send_changes()
        except asyncio.CancelledError:
            if not self.has_left:
                raise
        finally:
            self.hearing.cancel()

    async def _hear(self, sending: asyncio.Task) -> None:
        """Take acknowledgements until the reader leaves: as many as envelopes go, so little is done for each."""
        while (await self.receive())["type"] != "websocket.disconnect":
            self.unacknowledged = 0
            self.heard.set()
        self.has_left = True
        sending.cancel()

    async def _send_changes(self) -> None:
        try:
            params = self.params_class.of(self.query_string).model_copy(update={"wait": 1})  # it always does
            with self.news.listening(), meters.sockets.track_inprogress():
                await self._follow(params)
        except ValidationError:
            await self._close(REFUSED + 422, "invalid_parameter")
        except Refused as refused:
            await self._close(REFUSED + refused.status, refused.code)
        except DatabaseError:
            await self._close(REFUSED + 503, "unavailable")
        except TooSlow:
            await self._close(TOO_SLOW, "too_slow")
        except Leaving:
            await self._close(RESTART, "restart")

    async def _follow(self, params: Followed) -> None:
        """Send an envelope at once, and from then on whenever there is something, or as a sign of life."""
        await self._identify()
        await self.news.fresh()
        after, heartbeat = params.after, -1
        while True:
            upcoming = self.news.upcoming(self.for_bots)
            if heartbeat not in (-1, self.news.heartbeats):
                await self._identify()
            envelope = await self._envelope(params, after)
            if envelope.is_news or envelope.has_more or heartbeat != self.news.heartbeats:
                heartbeat = self.news.heartbeats
                await self._send(envelope)
                after = envelope.cursor  # the next envelope joins on to the last that was sent
            if self.news.is_leaving:
                await asyncio.sleep(self.news.spread_seconds * random.random())
                raise Leaving
            if not envelope.has_more:
                await upcoming.wait()

    async def _identify(self) -> None:
        """Bots see more; again with each sign of life, for a token may be taken back. Visitors cost no question."""
        if self.may_be_a_bot:
            self.for_bots = sees_context(await database_sync_to_async(bot_of_scope)(self.scope))

    async def _envelope(self, params: Followed, after: int) -> Representation:
        """An envelope that fits into one message; what is left out makes the next."""
        envelope = await self._made(params, after)
        while len(envelope.body) > MAX_MESSAGE_BYTES and params.limit > 1:
            params = params.model_copy(update={"limit": params.limit // 2})
            envelope = await self._made(params, after)
        if len(envelope.body) > MAX_MESSAGE_BYTES:
            raise TOO_LARGE
        return envelope

    async def _made(self, params: Followed, after: int) -> Representation:
        params = cast(ChangesParams, params)
        if envelope := reads.changes_from_tail(params, after, self.news.tail.snapshot, self.for_bots):
            return envelope
        # Readers far behind the tail take turns in one thread: they may wait, and the database's connections are few.
        return await database_sync_to_async(reads.changes_from_table)(params, after, self.for_bots)

    async def _send(self, envelope: Representation) -> None:
        if self.unacknowledged >= MAX_UNACKNOWLEDGED:
            await self._acknowledgement()
        self.unacknowledged += 1
        await self.send({"type": "websocket.send", "text": envelope.text})

    async def _acknowledgement(self) -> None:
        self.heard.clear()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.heard.wait()
        except TimeoutError as error:
            raise TooSlow from error

    async def _close(self, code: int, reason: str) -> None:
        """Nobody is listened to any more: granian closes no socket on which somebody is."""
        self.hearing.cancel()
        await asyncio.wait([self.hearing])
        await self.send({"type": "websocket.close", "code": code, "reason": reason})


async def changes_socket(scope: dict, receive: Callable, send: Callable) -> None:
    await ChangesSocket(scope, receive, send).run()


async def no_socket(scope: dict, receive: Callable, send: Callable) -> None:
    """There is none at this path: refused before it opens, which the client sees as 403."""
    await receive()
    await send({"type": "websocket.close"})
