"""The loop that tells hooks. Each server process has one, in a thread and an event loop of its own; each hook is told
by one of them, one message after the other, in the order of the feed."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from django.db import Error, close_old_connections, connection

from comments import meters
from comments.errors import Refused

from . import taking, target
from .hook import Hook
from .message import Message, headers_of
from .taking import Outcome

LOOK_SECONDS = 1.0
REST_SECONDS = 10.0  # where there are no hooks
AT_ONCE = 16  # calls

log = logging.getLogger(__name__)


class Courier:
    def __init__(self) -> None:
        self.me = secrets.token_urlsafe(18)
        self.table = ThreadPoolExecutor(1, "hooks")
        self.places = asyncio.Semaphore(AT_ONCE)
        self.serving: dict[int, asyncio.Task] = {}

    async def run(self) -> None:
        while True:
            await asyncio.sleep(await self.look())

    async def look(self) -> float:
        """Serve what is due; how many seconds until the next look. A database that is away is spoken of by others."""
        try:
            if self.serving:
                await self.ask(taking.keep, list(self.serving), self.me)
            for pk in await self.ask(taking.take_due, self.me):
                self._serve_soon(pk)
            return LOOK_SECONDS if self.serving or await self.ask(Hook.objects.running().exists) else REST_SECONDS
        except Error:
            return LOOK_SECONDS
        except Exception:  # whatever it is, this process has nobody else who looks
            log.exception("Webhooks could not be looked after.")
            return REST_SECONDS

    async def serve(self, pk: int) -> None:
        """Until there is nothing left to tell, or a call has failed."""
        try:
            while found := await self.ask(taking.next_message, pk, self.me):
                hook, message = found
                async with self.places:
                    outcome = await call(hook, message)
                if not await self.ask(taking.note, pk, self.me, message, outcome):
                    return
        except (Error, Refused):
            pass  # it is taken again when nobody holds it any more

    async def ask(self, work: Callable, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.table, partial(in_order, work, *args))

    def _serve_soon(self, pk: int) -> None:
        self.serving[pk] = asyncio.create_task(self.serve(pk))
        self.serving[pk].add_done_callback(lambda _: self.serving.pop(pk))


async def call(hook: Hook, message: Message) -> Outcome:
    """Only 2xx means that it was taken."""
    began = time.monotonic()
    try:
        status = await target.send(hook.url, headers_of(message, hook.secret, int(time.time())), message.body)
        what, is_done = str(status), 200 <= status < 300
    except target.Failed as failed:
        what, is_done = failed.what, False
    meters.deliveries.labels("done" if is_done else "failed").inc()
    return Outcome(what, is_done, round((time.monotonic() - began) * 1000))


def in_order(work: Callable, *args: Any) -> Any:
    """A connection that failed is not used again, and one of a pool goes back."""
    try:
        return work(*args)
    except Error:
        connection.close()
        raise
    finally:
        close_old_connections()
