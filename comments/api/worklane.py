"""Bots that wait for work wait here, before Django: there each would keep a thread."""

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

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        params = question_of_bots(scope, PATH, WorkParams)
        if params and params.wait and await self._may_claim(scope):
            scope = {**scope, DEALT: await self.waiting.for_work(params.wait)}
        await self.application(scope, receive, send)

    async def _may_claim(self, scope: dict) -> bool:
        """Whoever cannot take work is dealt none, which others would have to wait for. Django, which answers, asks
        again: so a token that was taken back a moment ago gets nothing, and what it was dealt is dealt anew."""
        token = joined(scope["headers"]).get(b"authorization", b"")
        now = monotonic()
        if self.known.get(token, now) > now:
            return True
        may = await database_sync_to_async(is_bot_with)(scope, CLAIM)
        if may and token:
            self._remember(token, now + KNOWN_SECONDS)
        return may

    def _remember(self, token: bytes, until: float) -> None:
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        self.known[token] = until
