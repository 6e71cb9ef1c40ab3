"""The server under test, as a client sees it. Whatever it answers has to keep what holds for every answer."""

import http.client
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from . import answers
from .answers import Answer, Violation, must
from .rules import keeps_the_rules

MOST_WAITS = 30  # for a limit
LEAVE_SECONDS = 1.0  # with a WebSocket whose server says nothing of that
Comment = dict[str, Any]


class Site:
    """`token` is that of a bot that may read context, post and claim. What is posted is in a room of this run."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url.rstrip("/"), token
        self.room = f"conformance-{secrets.token_hex(6)}"
        self.asked: dict[str, str] = {}  # the latest lease, if any, of each comment that asks bots

    # Requests

    def ask(self, method: str, path: str, data: Any = None, token: str | None = "", **headers: str) -> Answer:
        """`token` None: as a visitor. A body that is bytes is sent as it is. Who is told to wait does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            named["authorization"] = f"Bearer {token or self.token}"
        if data is not None:
            named.setdefault("content-type", "application/json")
        body = data if isinstance(data, bytes) or data is None else json.dumps(data).encode()
        return self._asked_until_heard(method, path, body, named)

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def connection(self) -> http.client.HTTPConnection:
        url = urlsplit(self.url)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        return kind(url.netloc, timeout=answers.PATIENCE_SECONDS)

    def raw_head(self, path: str) -> bytes:
        """Every byte of the answer to a HEAD, which a client of HTTP would not look for."""
        url, connection = urlsplit(self.url), self.connection()
        try:
            connection.connect()
            asked = f"HEAD {url.path}{path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n"
            connection.sock.sendall(asked.encode())
            return connection.sock.makefile("rb").read()
        finally:
            connection.close()

    def _asked_until_heard(self, method: str, path: str, *request: Any) -> Answer:
        """For 429 as long as it takes, for 503 as long as a busy server may."""
        deadline = time.monotonic() + answers.PATIENCE_SECONDS
        for _ in range(MOST_WAITS):
            answer = self._asked(method, path, *request)
            keeps_the_rules(method, path, answer)
            if answer.status not in (429, 503) or (answer.status == 503 and time.monotonic() > deadline):
                break
            after = answer.headers.get("retry-after", "")
            must(after.isdecimal() and int(after) > 0, f"{answer.status} without a Retry-After in seconds")
            time.sleep(int(after))
        return answer

    def _asked(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = self.connection()
        try:
            connection.request(method, urlsplit(self.url).path + path, body, headers)
            said = connection.getresponse()
            named = {name.lower(): value for name, value in said.getheaders()}
            return Answer(said.status, named, said.read())
        finally:
            connection.close()

    # The stream

    def post(self, text: str, token: str | None = "", **more: Any) -> Comment:
        comment = {"text": text, "username": "conformance", "domain": self.room, **more}
        return self.ask("POST", "/api/comments", comment, token).of(201)

    def say(self, text: str, **more: Any) -> Comment:
        """As a visitor."""
        return self.post(text, None, **more)

    def several(self, count: int = 25) -> list[Comment]:
        return [self.post(f"number {n}") for n in range(count)]

    def own(self, comments: list[Comment]) -> list[Comment]:
        """Those of this run, where others may be talking."""
        return [comment for comment in comments if comment["domain"].lower().startswith(self.room)]

    def listed(self, query: str = "", **more: Any) -> list[Comment]:
        return self.get(f"/api/comments?domain={self.room}{query}", **more).of(200)["comments"]

    def polled(self, after: int, query: str = "", **more: Any) -> list[Comment]:
        return self.get(f"/api/comments?after={after}&domain={self.room}{query}", **more).of(200)

    def changes(self, after: int, query: str = "", **more: Any) -> dict[str, Any]:
        return self.get(f"/api/changes?after={after}&domain={self.room}{query}", **more).of(200)

    def head(self) -> int:
        """The cursor of who has seen everything."""
        return self.get("/api/comments?limit=1&fresh=true").of(200)["cursor"]

    def stats(self) -> dict[str, int]:
        return self.get("/api/stats", token=None).of(200)

    def drained(self, cursor: int, limit: int = 50, query: str = "") -> list[Comment]:
        """All changes after a cursor; each page has to say rightly whether more follows."""
        found: list[Comment] = []
        while True:
            page = self.changes(cursor, f"&limit={limit}{query}")
            must(page["after"] == cursor, "an envelope does not say which cursor it answers")
            must(len(page["changes"]) <= limit, "a page is longer than its limit")
            must(page["cursor"] > cursor or not page["hasMore"], "hasMore without getting on")
            is_within = all(cursor < change["version"] <= page["cursor"] for change in page["changes"])
            must(is_within, "a page has changes that are not between its two cursors")
            found, cursor = found + page["changes"], page["cursor"]
            if not page["hasMore"]:
                return found

    # Work

    def ask_bots(self, text: str, **params: Any) -> Comment:
        comment = self.post(text, botParams={"processed": False, **params})
        self.asked[comment["id"]] = ""
        return comment

    def note(self, comment: Comment, lease: str = "", **params: Any) -> Answer:
        path = f"/api/comments/{quote(comment['id'], safe='')}"
        return self.ask("PATCH", path, {"botParams": params, "lease": lease})

    def act(self, comment: Comment, verb: str, **body: Any) -> Answer:
        return self.ask("POST", f"/api/comments/{quote(comment['id'], safe='')}/{verb}", body)

    def claim(self, comment: Comment, seconds: int = 60) -> str:
        self.asked[comment["id"]] = lease = self.act(comment, "claim", seconds=seconds).of(200)["lease"]
        return lease

    def offered(self) -> list[Comment]:
        """The work of this run, in the order in which it is offered."""
        return self.own(self.get("/api/bots/work?limit=100").of(200)["work"])

    def leave(self) -> None:
        """Ask nothing any more of bots that would go on answering."""
        for id, lease in self.asked.items():
            if self.note({"id": id}, lease, processed=True).status == 409:  # that lease is over
                self.note({"id": id}, processed=True)

    def answers_to(self, comment: Comment) -> list[str]:
        return [found["text"] for found in self.listed("&limit=1000&fresh=true") if found["replyTo"] == comment["id"]]

    # WebSocket

    @contextmanager
    def connected(self, path: str, authorization: str = "") -> Iterator[ClientConnection]:
        """As a visitor, unless there is an authorization."""
        address = self.url.replace("http", "ws", 1) + path
        headers = {"Authorization": authorization} if authorization else {}
        patience = {"open_timeout": answers.PATIENCE_SECONDS, "close_timeout": LEAVE_SECONDS}
        with connect(address, additional_headers=headers, max_size=None, **patience) as connection:
            yield connection

    @contextmanager
    def socket(self, after: int, authorization: str = "") -> Iterator["Socket"]:
        with self.connected(f"/ws/changes?after={after}&domain={self.room}", authorization) as connection:
            yield Socket(connection, after)

    def bots_socket(self, after: int):
        return self.socket(after, f"Bearer {self.token}")


class Socket:
    """Each envelope has to join on to the one before it, and is acknowledged."""

    def __init__(self, connection: ClientConnection, cursor: int) -> None:
        self.connection, self.cursor = connection, cursor

    def until(self, text: str) -> list[Comment]:
        """All changes up to the one with this text. Signs of life alone are not listened to for ever."""
        found: list[Comment] = []
        deadline = time.monotonic() + answers.PATIENCE_SECONDS
        while text not in [change.get("text") for change in found]:
            must(time.monotonic() < deadline, f"a WebSocket does not tell of '{text}'")
            found += self.envelope()["changes"]
        return found

    def envelope(self) -> dict[str, Any]:
        envelope = json.loads(self.connection.recv(answers.PATIENCE_SECONDS))
        must(envelope["after"] == self.cursor, "a WebSocket leaves a gap or an overlap between envelopes")
        self.cursor = envelope["cursor"]
        self.connection.send(json.dumps({"cursor": self.cursor}))
        return envelope


def refusal(connection: ClientConnection) -> int | None:
    """The code with which a WebSocket is closed before it tells anything."""
    try:
        told = connection.recv(answers.PATIENCE_SECONDS)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    raise Violation(f"a WebSocket that has to be refused tells {told[:80]!r}")


def texts(comments: list[Comment]) -> list[str]:
    return [comment["text"] for comment in comments]
