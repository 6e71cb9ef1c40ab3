"""Bots that wait for work wait here, before Django: there each would keep a thread."""

from collections.abc import Callable

from channels.db import database_sync_to_async

from comments.bots.waiting import Waiting, waiting
from comments.callers.bots import CLAIM
from comments.wire.params import WorkParams

from .caller import is_bot_with
from .fastlane import Application
from .questions import question_of_bots

PATH = "/api/bots/work"
DEALT = "comments.dealt"  # in the scope: the id of the comment that comes first in the answer


class WorkLane:
    def __init__(self, application: Application, waiting: Waiting = waiting) -> None:
        self.application = application
        self.waiting = waiting

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        params = question_of_bots(scope, PATH, WorkParams)
        # Whoever cannot take work is dealt none, which others would have to wait for.
        if params and params.wait and await database_sync_to_async(is_bot_with)(scope, CLAIM):
            scope = {**scope, DEALT: await self.waiting.for_work(params.wait)}
        await self.application(scope, receive, send)
