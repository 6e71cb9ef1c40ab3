"""Webhooks are told beside the requests, from the moment on in which the process answers, or its first request."""

import asyncio
from threading import Lock, Thread

from comments.hooks.courier import Courier

once = Lock()  # taken by the first who asks, and kept


def begin() -> None:
    if once.acquire(blocking=False):
        Thread(target=lambda: asyncio.run(Courier().run()), name="courier", daemon=True).start()


def calling(application):
    """The ASGI application, and beside it the calls."""

    async def calling(scope, receive, send):
        begin()
        await application(scope, receive, send)

    return calling
