"""The fast lane: the reads that everybody makes, answered before Django.

Django's handler costs many times what the answer does. This small ASGI application stands before it, takes the hot
GETs from visitors and answers them from the tail, through the same functions as the API's operations, with the same
status, headers and body. Whatever it does not recognise goes to Django untouched.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import lru_cache
from io import BytesIO

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.db import Error as DatabaseError
from django.http import HttpResponse

from comments import meters
from comments.reading.news import News, news
from comments.reading.readers import readers
from comments.reading.tail import Snapshot
from comments.wire.params import ChangesParams, ListParams

from . import reads
from .caller import Asked, joined, may_be_a_bot
from .questions import HotParams, question_of
from .refusals import unavailable
from .representation import PRIVATE
from .response import Headers, Response

Application = Callable[[dict, Callable, Callable], Awaitable[None]]
# What decides over the headers that Django's middleware gives to an answer, and whether it lets a request in at all.
DECISIVE = (b"host", b"x-forwarded-proto", b"x-forwarded-host")
# Who asks the same question with the same of these gets the same response.
SHAPING = (*DECISIVE, b"if-none-match", b"accept-encoding")


class FastLane:
    def __init__(self, application: Application, news: News = news) -> None:
        self.application = application
        self.news = news

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        params = recognised(scope)
        response = await self._response(params, scope) if params else None
        if response is None:
            await self.application(scope, receive, send)
            return
        for message in response.messages:
            await send(message)

    async def _response(self, params: HotParams, scope: dict) -> Response | None:
        self.news.attach()
        headers = joined(scope["headers"])
        shaping = tuple(map(headers.get, SHAPING))
        fixed = fixed_headers(scope["scheme"], *shaping[: len(DECISIVE)])
        # Only Django knows whether it is one: the long polls of those are held here, and answered there.
        for_bots = may_be_a_bot(scope, headers)
        if fixed is None or (for_bots and not is_long_poll(params)):
            return None
        try:
            snapshot = await self._snapshot(params, for_bots)
        except DatabaseError as error:
            return refused(unavailable(error), fixed)  # Django would ask again, and wait again
        if for_bots:
            return None
        if is_poll(params):
            readers.polled()
        request = (scope["path"], scope["query_string"], scope["scheme"], shaping, readers.count())
        return snapshot.responses.made_once(request, lambda: made(params, snapshot, headers, fixed))

    def _snapshot(self, params: HotParams, for_bots: bool) -> Awaitable[Snapshot]:
        if isinstance(params, ListParams):
            return self.news.fresh() if params.fresh else self.news.recent()
        return self._awaited(params, for_bots) if params.wait else self.news.fresh()

    async def _awaited(self, params: ChangesParams, for_bots: bool) -> Snapshot:
        """The tail as soon as it has something for this reader, or when the time is up, or this process ends."""
        snapshot = await self.news.fresh()
        if has_nothing(params, snapshot, for_bots) and not self.news.is_leaving:
            with suppress(TimeoutError), self.news.listening(), meters.long_polls.track_inprogress():
                async with asyncio.timeout(params.wait):
                    return await self._news_for(params, for_bots)
            # The time is up. Only the table can say that there was nothing.
            snapshot = await self.news.fresh()
        return snapshot

    async def _news_for(self, params: ChangesParams, for_bots: bool) -> Snapshot:
        while True:
            upcoming = self.news.upcoming(for_bots)
            if not has_nothing(params, snapshot := self.news.tail.snapshot, for_bots) or self.news.is_leaving:
                return snapshot
            await upcoming.wait()


def is_long_poll(params: HotParams) -> bool:
    return isinstance(params, ChangesParams) and params.wait > 0


def is_poll(params: HotParams) -> bool:
    return isinstance(params, ChangesParams) and not params.wait


def has_nothing(params: ChangesParams, snapshot: Snapshot, for_bots: bool) -> bool:
    """Whether there is nothing for this reader yet, so that it may wait."""
    found = reads.from_tail(params, snapshot, for_bots)
    return found is not None and not found.is_news


def made(params: HotParams, snapshot: Snapshot, headers: Asked, fixed: Headers) -> Response | None:
    found = reads.from_tail(params, snapshot)
    if found is None:
        return None
    response = found.response(
        reads.cache_control(params),
        headers.get(b"if-none-match", b"").decode("latin-1"),
        headers.get(b"accept-encoding", b"").decode("latin-1"),
    )
    return completed(response, fixed)


def refused(response: HttpResponse, fixed: Headers) -> Response:
    headers = [*response.items(), ("Cache-Control", PRIVATE), ("Access-Control-Expose-Headers", "Retry-After")]
    return completed(Response(response.status_code, headers, response.content), fixed)


def completed(response: Response, fixed: Headers) -> Response:
    """With the headers that Django's middleware would add."""
    length = [] if response.status == 304 else [("Content-Length", str(len(response.body)))]
    return Response(response.status, [*fixed, *response.headers, *length], response.body)


def recognised(scope: dict) -> HotParams | None:
    """The question, if the tail may have the answer."""
    params = question_of(scope)
    return params if params and scope["method"] == "GET" and not params.needs_table else None


@lru_cache(256)
def fixed_headers(scheme: str, *decisive: bytes | None) -> Headers | None:
    """The headers that Django's middleware gives to every answer of the API; None if it does not let the request in,
    for its host or because it has to come by https. Asked once for each host and scheme."""
    request = ASGIRequest(
        {
            "type": "http",
            "method": "GET",
            "path": "/api/comments",
            "query_string": b"",
            "scheme": scheme,
            "headers": [(name, value) for name, value in zip(DECISIVE, decisive, strict=True) if value],
        },
        BytesIO(),
    )
    response = _Middleware.loaded().get_response(request)
    if response.status_code != 200:
        return None
    own = {"Cache-Control", "Content-Length", "Content-Type"}
    return [(name, value) for name, value in response.items() if name not in own]


class _Middleware(BaseHandler):
    """All of the middleware, around an empty answer. `_get_response` is Django's own: see saywhat/handler.py."""

    @classmethod
    @lru_cache(1)
    def loaded(cls) -> "_Middleware":
        handler = cls()
        handler.load_middleware()
        return handler

    def _get_response(self, request: ASGIRequest) -> HttpResponse:
        return HttpResponse(content_type="application/json")
