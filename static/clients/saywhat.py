"""A client for bots of Say What Want, in one file: it needs Python 3.11 and nothing else.

    from saywhat import Site

    site = Site("https://chat.example", token)
    site.answer(lambda comment: comment["text"].upper())

`answer` takes work, answers it exactly once and waits for more; `follow` gives what happens in the stream. Both go on
after outages of the server or the network. Everything else is one request each, and raises `Refused`. `AsyncSite` has
the same for asyncio, and answers several at once; `verified` is for who is called by a webhook.
"""

import asyncio
import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

Comment = dict[str, Any]
Make = Callable[[Comment], Awaitable[str]]
PATIENCE_SECONDS = 60.0  # of one request, a long poll included
WAIT_SECONDS = 25
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
OUTAGES = (OSError, HTTPException, ValueError)  # refused, broken off, or no JSON: a proxy says so
# Somebody else's, or nobody's any more.
OVER = {"claimed", "done", "dead", "not_for_bots", "not_found", "stale_lease", "removed"}


class Refused(Exception):
    """What the server says no to. `code` is stable; `retry_after` is in seconds, or 0."""

    def __init__(self, status: int, code: str, error: str, retry_after: float = 0) -> None:
        super().__init__(f"{status} {code}: {error}")
        self.status = status
        self.code = code
        self.retry_after = retry_after

    @property
    def is_temporary(self) -> bool:
        return self.status == 429 or self.status >= 500


@dataclass(frozen=True)
class Lease:
    """The right to answer one comment, until the server's clock says `until` (ms since 1970)."""

    comment_id: str
    lease: str
    until: int
    attempt: int


class Site:
    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self.token = token

    # The stream

    def comments(self, **query: Any) -> dict[str, Any]:
        """The newest: `{"comments", "total", "hasMore", "cursor"}`."""
        return self.ask("GET", "/api/comments", query)

    def changes(self, after: int, wait: int = 0) -> dict[str, Any]:
        return self.ask("GET", "/api/changes", {"after": after, "wait": wait})

    def follow(self, cursor: int | None = None) -> Iterator[Comment]:
        """Each change from now on, or from a cursor on; a removal has `removed`."""
        while True:
            if cursor is None:
                cursor = self.patiently(lambda: self.comments(limit=0, fresh="true"))["cursor"]
            try:
                page = self.patiently(partial(self.changes, cursor, WAIT_SECONDS))
            except Refused as refused:
                if refused.status != 410:
                    raise
                cursor = None  # it is too old: what was between is in the list
                continue
            yield from page["changes"]
            cursor = page["cursor"]

    def post(self, text: str, username: str = "bot", **more: Any) -> Comment:
        """A bot with an account posts under the name of that. With an `id` it may be sent again."""
        return self.ask("POST", "/api/comments", data={"text": text, "username": username, **more})

    # Work

    def work(self, limit: int = 10, wait: int = 0) -> list[Comment]:
        return self.ask("GET", "/api/bots/work", {"limit": limit, "wait": wait})["work"]

    def claim(self, id: str, seconds: int = 60) -> Lease:
        return _lease(id, self._act(id, "claim", seconds=seconds))

    def renew(self, lease: Lease, seconds: int = 60) -> Lease:
        return _lease(lease.comment_id, self._act(lease.comment_id, "renew", lease=lease.lease, seconds=seconds))

    def release(self, lease: Lease, reason: str = "", retry_after_seconds: int = 0) -> None:
        body = {"lease": lease.lease, "reason": reason[:300], "retryAfterSeconds": retry_after_seconds}
        self._act(lease.comment_id, "release", **body)

    def reply(self, lease: Lease, text: str, **more: Any) -> Comment:
        """May be sent again: the same lease gets the same answer."""
        return self._act(lease.comment_id, "reply", lease=lease.lease, text=text, **more)

    def answer(self, make: Callable[[Comment], str], seconds: int = 120, retry_after_seconds: int = 10) -> None:
        """Answer all work, one after the other, for ever; `make` has so many seconds. If it fails, the work is given
        back, and after BOT_ATTEMPTS attempts a person is asked."""
        while True:
            for comment in self.patiently(lambda: self.work(limit=1, wait=WAIT_SECONDS)):
                self.answer_one(comment, make, seconds, retry_after_seconds)

    def answer_one(self, comment: Comment, make: Callable[[Comment], str], seconds: int, retry_after: int) -> None:
        try:
            lease = self.patiently(lambda: self.claim(comment["id"], seconds))
            try:
                text = make(comment)
            except Exception as error:
                why = type(error).__name__  # never what it says, which may hold a key
                self.patiently(lambda: self.release(lease, why, retry_after))
                return
            self.patiently(lambda: self.reply(lease, text))
        except Refused as refused:
            if refused.code not in OVER and refused.status != 422:
                raise

    # Requests

    def patiently(self, request: Callable[[], Any]) -> Any:
        """Again until it is answered. For requests that may be sent twice."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return request()
            except Refused as refused:
                if not refused.is_temporary:
                    raise
                time.sleep(refused.retry_after or pause)
            except OUTAGES:
                time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def ask(
        self, method: str, path: str, query: dict[str, Any] | None = None, data: dict[str, Any] | None = None
    ) -> Any:
        body = None if data is None else json.dumps(data).encode()
        request = Request(self.url + _target(path, query), body, _headers(self.token), method=method)
        try:
            with urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return json.load(response)
        except HTTPError as error:
            raise _refused(error.code, error.reason, error.headers, error.read()) from error

    def _act(self, id: str, verb: str, **body: Any) -> Any:
        return self.ask("POST", f"/api/comments/{quote(id, safe='')}/{verb}", data=body)


class AsyncSite:
    """The same for asyncio. A request that is cancelled is broken off."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self.token = token

    async def comments(self, **query: Any) -> dict[str, Any]:
        return await self.ask("GET", "/api/comments", query)

    async def changes(self, after: int, wait: int = 0) -> dict[str, Any]:
        return await self.ask("GET", "/api/changes", {"after": after, "wait": wait})

    async def follow(self, cursor: int | None = None) -> AsyncIterator[Comment]:
        while True:
            if cursor is None:
                cursor = (await self.patiently(lambda: self.comments(limit=0, fresh="true")))["cursor"]
            try:
                page = await self.patiently(partial(self.changes, cursor, WAIT_SECONDS))
            except Refused as refused:
                if refused.status != 410:
                    raise
                cursor = None
                continue
            for change in page["changes"]:
                yield change
            cursor = page["cursor"]

    async def post(self, text: str, username: str = "bot", **more: Any) -> Comment:
        return await self.ask("POST", "/api/comments", data={"text": text, "username": username, **more})

    async def work(self, limit: int = 10, wait: int = 0) -> list[Comment]:
        return (await self.ask("GET", "/api/bots/work", {"limit": limit, "wait": wait}))["work"]

    async def claim(self, id: str, seconds: int = 60) -> Lease:
        return _lease(id, await self._act(id, "claim", seconds=seconds))

    async def renew(self, lease: Lease, seconds: int = 60) -> Lease:
        answer = await self._act(lease.comment_id, "renew", lease=lease.lease, seconds=seconds)
        return _lease(lease.comment_id, answer)

    async def release(self, lease: Lease, reason: str = "", retry_after_seconds: int = 0) -> None:
        body = {"lease": lease.lease, "reason": reason[:300], "retryAfterSeconds": retry_after_seconds}
        await self._act(lease.comment_id, "release", **body)

    async def reply(self, lease: Lease, text: str, **more: Any) -> Comment:
        return await self._act(lease.comment_id, "reply", lease=lease.lease, text=text, **more)

    async def answer(self, make: Make, seconds: int = 120, retry_after_seconds: int = 10, at_once: int = 4) -> None:
        """Answer all work, so many at once, for ever."""

        async def answer() -> None:
            while True:
                for comment in await self.patiently(lambda: self.work(limit=1, wait=WAIT_SECONDS)):
                    await self.answer_one(comment, make, seconds, retry_after_seconds)

        await asyncio.gather(*(answer() for _ in range(at_once)))

    async def answer_one(self, comment: Comment, make: Make, seconds: int, retry_after: int) -> None:
        try:
            lease = await self.patiently(lambda: self.claim(comment["id"], seconds))
            try:
                text = await make(comment)
            except Exception as error:
                why = type(error).__name__
                await self.patiently(lambda: self.release(lease, why, retry_after))
                return
            await self.patiently(lambda: self.reply(lease, text))
        except Refused as refused:
            if refused.code not in OVER and refused.status != 422:
                raise

    async def patiently(self, request: Callable[[], Awaitable[Any]]) -> Any:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await request()
            except Refused as refused:
                if not refused.is_temporary:
                    raise
                await asyncio.sleep(refused.retry_after or pause)
            except OUTAGES:
                await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def ask(
        self, method: str, path: str, query: dict[str, Any] | None = None, data: dict[str, Any] | None = None
    ) -> Any:
        site, body = urlsplit(self.url), b"" if data is None else json.dumps(data).encode()
        headers = _headers(self.token) | {"Host": site.netloc, "Connection": "close", "Content-Length": str(len(body))}
        lines = [f"{method} {site.path}{_target(path, query)} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
        is_encrypted = site.scheme == "https"
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(
                site.hostname, site.port or (443 if is_encrypted else 80), ssl=is_encrypted or None
            )
            try:
                writer.write("\r\n".join([*lines, "", ""]).encode() + body)
                return _read(await reader.read())
            finally:
                writer.close()

    async def _act(self, id: str, verb: str, **body: Any) -> Any:
        return await self.ask("POST", f"/api/comments/{quote(id, safe='')}/{verb}", data=body)


def verified(headers: Mapping[str, str], body: bytes, secret: str, within_seconds: float = 300) -> dict[str, Any]:
    """What a webhook tells: `{"type", "timestamp", "data"}`. Raises ValueError if the site did not say so just now."""
    id, sent, signatures = (headers.get(f"webhook-{name}") or "" for name in ("id", "timestamp", "signature"))
    if not sent.isdecimal() or abs(time.time() - int(sent)) > within_seconds:
        raise ValueError("This was signed long ago, or by another clock.")
    key = b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + b64encode(hmac.digest(key, f"{id}.{sent}.".encode() + body, "sha256")).decode()
    if not any(hmac.compare_digest(signature.encode(), expected.encode()) for signature in signatures.split()):
        raise ValueError("This was not signed with the secret of this webhook.")
    return json.loads(body)


def _lease(id: str, answer: dict[str, Any]) -> Lease:
    return Lease(id, answer["lease"], answer["until"], answer["attempt"])


def _target(path: str, query: dict[str, Any] | None) -> str:
    return path + (f"?{urlencode(query)}" if query else "")


def _headers(token: str) -> dict[str, str]:
    return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})


class _Said:
    """What a server has said, for the parser of the standard library, which wants a socket."""

    def __init__(self, said: bytes) -> None:
        self.said = said

    def makefile(self, mode: str) -> BytesIO:
        return BytesIO(self.said)


def _read(said: bytes) -> Any:
    response = HTTPResponse(_Said(said))  # type: ignore[arg-type]
    response.begin()
    body = response.read()
    if response.status >= 300:
        raise _refused(response.status, response.reason, response.headers, body)
    return json.loads(body)


def _refused(status: int, reason: str, headers: Mapping[str, str], body: bytes) -> Refused:
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    after = headers.get("Retry-After") or ""
    return Refused(status, said.get("code", ""), said.get("error", reason), float(after) if after.isdigit() else 0)
