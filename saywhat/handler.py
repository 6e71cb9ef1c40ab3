"""Django behind the ASGI server: a bounded number of requests at once, each in one thread from first to last.

Django's own handler starts a thread for each request, however many there are, goes back and forth between it and the
event loop, and a new thread begins with a new database connection. These threads stay. What they cannot take waits,
and what is too much is told so at once. The fast lane stands before this, so a flood of posts slows no readers; and
searches have few places of their own, so however many search, posts and the desk find theirs.

This leans on what Django does not document: `ASGIHandler.create_request`, `get_script_prefix`, `load_middleware` and
`_handler_class`. tests/serving/test_private_django.py fails by name when a new Django changes one of them.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from comments import meters
from comments.api.middleware import for_programs
from comments.api.questions import is_costly
from comments.api.refusals import refusal
from comments.api.response import Response
from comments.errors import Refused
from saywhat import logs

AT_ONCE = 12  # with those below, fewer than the pool of database connections has
QUEUE = 128
# A costly read takes a core for up to a second (comments/reading/bounds.py), and half of them are for everybody else.
COSTLY_AT_ONCE = 1 if (os.cpu_count() or 1) < 4 else 2
COSTLY_QUEUE = 1000  # one that waits takes no thread, only memory
COSTLY_PATIENCE_SECONDS = 1.0
GIVING_WAY = 10  # of the 19 steps of niceness
RETRY_AFTER_SECONDS = 1
BUSY = Refused(503, "busy", "Too many requests are waiting here. Try again.", RETRY_AFTER_SECONDS)

Receive = Callable[[], Awaitable[dict]]
Send = Callable[[dict], Awaitable[None]]


class Places:
    """Threads that stay, and the requests that run in them or wait for one: `queue` of them, each for so long.

    One that is turned away asks again at once, if it is not polite. So those who wait are kept waiting before they are
    told: to refuse hundreds over and over takes more of the machine than what they ask for.
    """

    def __init__(self, name: str, at_once: int, queue: int, patience: float | None = None) -> None:
        self.threads = ThreadPoolExecutor(at_once, name, initializer=give_way if patience else None)
        self.free = asyncio.Semaphore(at_once)
        self.patience = patience
        self.most = at_once + queue
        self.taken = 0
        self.meter = meters.places.labels(name)

    async def run(self, respond: Callable[[], Response]) -> Response:
        if self.taken >= self.most:
            return turned_away()
        self.taken += 1
        self.meter.inc()
        try:
            return await self._run_when_free(respond)
        finally:
            self.taken -= 1
            self.meter.dec()

    async def _run_when_free(self, respond: Callable[[], Response]) -> Response:
        try:
            async with asyncio.timeout(self.patience):
                await self.free.acquire()
        except TimeoutError:
            return turned_away()
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, respond)
        finally:
            self.free.release()


def give_way() -> None:
    """Let this thread have what the others leave of the machine. Only Linux counts a thread's niceness as its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVING_WAY)


class ThreadedHandler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self.usual = Places("django", AT_ONCE, QUEUE)
        self.costly = Places("costly", COSTLY_AT_ONCE, COSTLY_QUEUE, COSTLY_PATIENCE_SECONDS)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)  # none of it has to be adapted to the event loop

    async def __call__(self, scope: dict, receive: Receive, send: Send) -> None:
        body = await read_body(receive)  # before it takes a place, for it may come slowly
        if body is None:
            return
        places = self.costly if is_costly(scope) else self.usual
        response = await places.run(partial(self._respond, scope, body))
        for message in response.messages:
            await send(message)

    def _respond(self, scope: dict, body: bytes) -> Response:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(scope, BytesIO(body))
        logs.request_id.set(logs.id_of(dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")))
        response = refused or self.get_response(request)
        response._handler_class = self.__class__
        try:
            return sent(response)
        finally:
            response.close()


async def read_body(receive: Receive) -> bytes | None:
    """The body, or so much of it that Django refuses it for its size; None if the visitor has gone."""
    body = b""
    while len(body) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body[: settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1]


def turned_away() -> Response:
    response = refusal(BUSY)
    for_programs(response)
    response["Content-Length"] = str(len(response.content))
    return sent(response)


def sent(response: HttpResponseBase) -> Response:
    cookies = [("Set-Cookie", cookie.output(header="").strip()) for cookie in response.cookies.values()]
    return Response(response.status_code, [*response.items(), *cookies], response.getvalue())
