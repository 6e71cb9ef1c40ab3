"""Bots that wait for work wait here, before Django: there each would keep a thread."""

import asyncio
from collections.abc import Callable
from time import monotonic

from channels.db import database_sync_to_async

from comments.bots.waiting import Waiting, waiting
from comments.callers.bots import CLAIM
from comments.wire.params import WorkParams

from .caller import is_bot_with, joined
from .fastlane import Application
from .questions import question_of_bots

PATH = "/api/bots/work"
DEALT = "comments.dealt"  # in the scope: the id of the comment that comes first in the answer
KNOWN_SECONDS = 1.0
MOST_KNOWN = 1000  # tokens


class WorkLane:
    def __init__(self, application: Application, waiting: Waiting = waiting) -> None:
        self.application = application
        self.waiting = waiting
        self.known: dict[bytes, float] = {}  # tokens, and until when they need not be asked about again
        self.asking: dict[bytes, asyncio.Task[bool]] = {}  # about which token: all its workers come at once

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        params = question_of_bots(scope, PATH, WorkParams)
        if params and params.wait and await self._may_claim(scope):
            scope = {**scope, DEALT: await self.waiting.for_work(params.wait)}
        await self.application(scope, receive, send)

    async def _may_claim(self, scope: dict) -> bool:
        """Whoever cannot take work is dealt none, which others would have to wait for. Django, which answers, asks
        again: so a token that was taken back a moment ago gets nothing, and what it was dealt is dealt anew."""
        token, now = joined(scope["headers"]).get(b"authorization", b""), monotonic()
        if not token:  # a bot may be known by its network, which says nothing of who else shows none
            return await self._ask(scope)
        if self.known.get(token, now) > now:
            return True
        if token not in self.asking:
            self.asking[token] = asyncio.create_task(self._ask(scope))
            self.asking[token].add_done_callback(lambda asked: self._answered(token, asked, now + KNOWN_SECONDS))
        return await asyncio.shield(self.asking[token])  # who hangs up does not end it for the others

    async def _ask(self, scope: dict) -> bool:
        return await database_sync_to_async(is_bot_with)(scope, CLAIM)

    def _answered(self, token: bytes, asked: asyncio.Task[bool], until: float) -> None:
        del self.asking[token]
        if asked.cancelled() or asked.exception() or not asked.result():
            return
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        self.known[token] = until
