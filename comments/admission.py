"""How many requests Django handles at once. It has a thread for each, and would have thousands under a flood.

The fast lane stands before this, so a flood of posts does not slow the readers.
"""

import asyncio
from collections.abc import Awaitable, Callable

from .answers import refusal
from .errors import Refused

AT_ONCE = 12  # below the size of the pool of database connections
QUEUE = 128
RETRY_AFTER_SECONDS = 1
BUSY = Refused(503, "busy", "Too many requests are waiting here. Try again.", RETRY_AFTER_SECONDS)

Application = Callable[[dict, Callable, Callable], Awaitable[None]]


class Admission:
    """Lets AT_ONCE requests in, keeps QUEUE waiting, and turns the others away at once."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.places = asyncio.Semaphore(AT_ONCE)
        self.waiting = 0

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if self.places.locked() and self.waiting >= QUEUE:
            await turn_away(send)
            return
        self.waiting += 1
        try:
            await self.places.acquire()
        finally:
            self.waiting -= 1
        try:
            await self.application(scope, receive, send)
        finally:
            self.places.release()


async def turn_away(send: Callable) -> None:
    response = refusal(BUSY)
    response["Cache-Control"] = "no-store"
    response["Access-Control-Allow-Origin"] = "*"
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
