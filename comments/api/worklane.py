"""Bots that wait for work wait here, before Django: there each would keep a thread."""

from collections.abc import Callable

from channels.db import database_sync_to_async
from django.db import Error
from pydantic import ValidationError

from comments.bots.waiting import Waiting, waiting
from comments.callers.bots import CLAIM
from comments.errors import Refused
from comments.wire.params import WorkParams

from .caller import joined, may_be_a_bot, required_bot_of_scope
from .fastlane import Application

PATH = "/api/bots/work"
DEALT = "comments.dealt"  # in the scope: the id of the comment that comes first in the answer


class WorkLane:
    def __init__(self, application: Application, waiting: Waiting = waiting) -> None:
        self.application = application
        self.waiting = waiting

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        seconds = seconds_to_wait(scope)
        if seconds and await database_sync_to_async(may_claim)(scope):
            scope = {**scope, DEALT: await self.waiting.for_work(seconds)}
        await self.application(scope, receive, send)


def seconds_to_wait(scope: dict) -> int:
    """0 for everything else, and for what Django refuses."""
    if scope["type"] != "http" or scope["path"] != PATH or not may_be_a_bot(scope, joined(scope["headers"])):
        return 0
    try:
        return WorkParams.of(scope["query_string"].decode("ascii")).wait
    except (Refused, ValidationError, ValueError):
        return 0


def may_claim(scope: dict) -> bool:
    """Or Django says why not: whoever cannot take work is dealt none, which others would have to wait for."""
    try:
        return bool(required_bot_of_scope(scope, CLAIM))
    except (Refused, Error):
        return False
