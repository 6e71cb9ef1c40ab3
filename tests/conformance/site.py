"""The server under test, as a client sees it. Whatever it answers has to keep what holds for every answer."""

import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from websockets.sync.client import ClientConnection, connect

PATIENCE_SECONDS = 60.0
MOST_WAITS = 30  # for a limit
Comment = dict[str, Any]


class Violation(Exception):
    """What the server does and must not do, as a sentence."""


def must(condition: object, sentence: str) -> None:
    if not condition:
        raise Violation(sentence)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # their names in lower case
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Violation(f"status {self.status} has a body that is no JSON: {self.body[:80]!r}") from error

    def of(self, status: int, code: str = "") -> Any:
        """Its JSON, if it is what it should be."""
        told = f"{self.status} {self.body[:120].decode(errors='replace')}"
        must(self.status == status, f"answered {told}, and not {status} {code}")
        content = self.json()
        must(not code or content.get("code") == code, f"answered {told}, and not the code {code}")
        return content


class Site:
    """`token` is that of a bot that may read context, post and claim. What is posted is in a room of this run."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url.rstrip("/"), token
        self.room = f"conformance-{secrets.token_hex(6)}"

    # Requests

    def ask(self, method: str, path: str, data: Any = None, token: str | None = "", **headers: str) -> Answer:
        """`token` None: as a visitor. A body that is bytes is sent as it is. Who is told to wait does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            named["Authorization"] = f"Bearer {token or self.token}"
        if data is not None:
            named.setdefault("Content-Type", "application/json")
        body = data if isinstance(data, bytes) or data is None else json.dumps(data).encode()
        for _ in range(MOST_WAITS):
            answer = self._asked(method, path, body, named)
            if answer.status != 429:
                break
            after = answer.headers.get("retry-after", "")
            must(after.isdecimal() and int(after) > 0, "429 without a Retry-After in seconds")
            time.sleep(int(after))
        keeps_the_rules(method, path, answer)
        return answer

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def _asked(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        url = urlsplit(self.url)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.netloc, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, url.path + path, body, headers)
            said = connection.getresponse()
            named = {name.lower(): value for name, value in said.getheaders()}
            return Answer(said.status, named, said.read())
        finally:
            connection.close()

    # The stream

    def post(self, text: str, **more: Any) -> Comment:
        comment = {"text": text, "username": "conformance", "domain": self.room, **more}
        return self.ask("POST", "/api/comments", comment).of(201)

    def listed(self, query: str = "", **more: Any) -> list[Comment]:
        return self.get(f"/api/comments?domain={self.room}{query}", **more).of(200)["comments"]

    def polled(self, after: int, query: str = "", **more: Any) -> list[Comment]:
        return self.get(f"/api/comments?after={after}&domain={self.room}{query}", **more).of(200)

    def changes(self, after: int, query: str = "", **more: Any) -> dict[str, Any]:
        return self.get(f"/api/changes?after={after}&domain={self.room}{query}", **more).of(200)

    def head(self) -> int:
        """The cursor of who has seen everything."""
        return self.get("/api/comments?limit=1&fresh=true").of(200)["cursor"]

    def drained(self, cursor: int, limit: int = 50) -> list[Comment]:
        """All changes after a cursor; each page has to say rightly whether more follows."""
        found: list[Comment] = []
        while True:
            page = self.changes(cursor, f"&limit={limit}")
            must(page["after"] == cursor, "an envelope does not say which cursor it answers")
            must(len(page["changes"]) <= limit, "a page is longer than its limit")
            must(page["cursor"] > cursor or not page["hasMore"], "hasMore without getting on")
            found, cursor = found + page["changes"], page["cursor"]
            if not page["hasMore"]:
                return found

    # Work

    def ask_bots(self, text: str, **params: Any) -> Comment:
        return self.post(text, botParams={"processed": False, **params})

    def act(self, comment: Comment, verb: str, **body: Any) -> Answer:
        return self.ask("POST", f"/api/comments/{quote(comment['id'], safe='')}/{verb}", body)

    def claim(self, comment: Comment, seconds: int = 60) -> str:
        return self.act(comment, "claim", seconds=seconds).of(200)["lease"]

    def offered(self) -> list[Comment]:
        """The work of this run, in the order in which it is offered."""
        work = self.get("/api/bots/work?limit=100").of(200)["work"]
        return [comment for comment in work if comment["domain"] == self.room]

    def answers_to(self, comment: Comment) -> list[str]:
        return [found["text"] for found in self.listed("&limit=1000&fresh=true") if found["replyTo"] == comment["id"]]

    # WebSocket

    @contextmanager
    def socket(self, after: int) -> Iterator["Socket"]:
        url = self.url.replace("http", "ws", 1)
        headers = {"Authorization": f"Bearer {self.token}"}
        address = f"{url}/ws/changes?after={after}&domain={self.room}"
        with connect(address, additional_headers=headers, open_timeout=PATIENCE_SECONDS, max_size=None) as connection:
            yield Socket(connection, after)


class Socket:
    """Each envelope has to join on to the one before it, and is acknowledged."""

    def __init__(self, connection: ClientConnection, cursor: int) -> None:
        self.connection, self.cursor = connection, cursor

    def until(self, text: str) -> list[Comment]:
        found: list[Comment] = []
        while text not in [change.get("text") for change in found]:
            envelope = json.loads(self.connection.recv(PATIENCE_SECONDS))
            must(envelope["after"] == self.cursor, "a WebSocket leaves a gap or an overlap between envelopes")
            self.cursor = envelope["cursor"]
            found += envelope["changes"]
            self.connection.send(json.dumps({"cursor": self.cursor}))
        return found


def keeps_the_rules(method: str, path: str, answer: Answer) -> None:
    """What holds for every answer of the API."""
    where = f"{method} {path[:60]}"
    must("set-cookie" not in answer.headers, f"{where} sets a cookie")
    must(answer.status < 500 or answer.status == 503, f"{where} answered {answer.status}")
    must(answer.headers.get("access-control-allow-origin") == "*", f"{where} cannot be read by other sites")
    if answer.status < 400:
        return
    error = answer.json()
    is_shaped = isinstance(error, dict) and {"error", "code"} <= set(error)
    must(is_shaped and isinstance(error["code"], str), f"{where}: an error of another shape: {answer.body[:80]!r}")


def soon(holds: Callable[[], bool], sentence: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        must(time.monotonic() < deadline, sentence)
        time.sleep(0.2)


def texts(comments: list[Comment]) -> list[str]:
    return [comment["text"] for comment in comments]
