"""Bots that wait for work wait here, before Django: there each would keep a thread."""

from collections.abc import Callable

from pydantic import ValidationError

from comments.bots.waiting import Waiting, waiting
from comments.errors import Refused
from comments.wire.params import WorkParams

from .caller import joined, may_be_a_bot
from .fastlane import Application

PATH = "/api/bots/work"


class WorkLane:
    def __init__(self, application: Application, waiting: Waiting = waiting) -> None:
        self.application = application
        self.waiting = waiting

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if seconds := seconds_to_wait(scope):
            await self.waiting.for_work(seconds)
        await self.application(scope, receive, send)


def seconds_to_wait(scope: dict) -> int:
    """0 for everything else, and for whoever Django refuses."""
    if scope["type"] != "http" or scope["path"] != PATH or not may_be_a_bot(scope, joined(scope["headers"])):
        return 0
    try:
        return WorkParams.of(scope["query_string"].decode("ascii")).wait
    except (Refused, ValidationError, ValueError):
        return 0
