"""Those who read, each in one of the forms that the site offers, until they have seen the last comment.

They stop and go on at random, ask for more or less, and break connections before they have read the answer. Whatever
happens, they go on from their cursor: all that they rely on is that.
"""

import json
from collections.abc import Iterator
from contextlib import suppress

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from .history import CHANGES, LONG_POLL, POLL, SECOND_NS, WEBSOCKET, Read, Seen, seconds
from .site import Answer, with_query
from .worker import RETRY_SECONDS, GaveUp, Plan, Worker
from .writers import read_list

LIMITS = [1, 2, 7, 50, 200]
WAITS_SECONDS = [1, 2, 5, 20]  # a hint that was lost shows only where the wait is longer than the bound
HANGS_UP = 0.1
BEGINS_WITH_A_LIST = 0.5
LOADS_AFRESH = 0.03
CONNECTION_SECONDS = [0.3, 1, 3, 10, 20]
LEAVES_UNREAD = 0.05
TRY_AGAIN = (4408, 4503)  # closed for being too slow, or because the database does not answer


class Reader(Worker):
    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.has_seen_last = False

    def is_over(self) -> bool:
        """Also when it has waited long enough for the last comment: then that is lost."""
        patience = self.plan.patience_seconds * SECOND_NS
        return self.has_seen_last or (self.is_told_to_stop() and self.now() > self.told_at + patience)

    def take(self, read: Read) -> None:
        self.note(read)
        self.has_seen_last |= any(seen.id == self.plan.last_id for seen in read.seen)

    def question(self, path: str, **params: object) -> str:
        return with_query(path, {"domain": self.plan.domain, **params})

    def answered(self, target: str) -> tuple[int, Answer]:
        """The answer, and when the question began that it answers; some before that may have been dropped."""
        began = 0

        def ask() -> Answer:
            nonlocal began
            began = self.now()
            return self.site.ask("GET", target)

        while self.dice.random() < HANGS_UP:
            self.site.ask_and_hang_up("GET", target)
        return began, self.insist(ask)


class ListReader(Reader):
    """Loads the page again and again."""

    def run(self) -> None:
        while not self.is_over():
            fresh = self.dice.random() < 0.5
            params = {"domain": self.plan.domain, "limit": self.dice.choice([50, 1000])}
            self.take(read_list(self, params | ({"fresh": "true"} if fresh else {}), fresh))
            self.pause()


class PollReader(Reader):
    """A bot or page of the first version."""

    def run(self) -> None:
        after = self.plan.timestamp
        while not self.is_over():
            limit = self.dice.choice(LIMITS)
            target = self.question("/api/comments", after=after, limit=limit, fresh="true")
            began, answer = self.answered(target)
            seen = [Seen.of(comment) for comment in answer.value]
            complete = len(seen) < limit
            self.take(Read(self.name, POLL, began, self.now(), seen, after, complete, listening=began))
            after = seen[-1].timestamp if seen else after
            if complete:
                self.pause()


class FeedReader(Reader):
    """A page of ours. It starts with a list and goes on from there, or starts with the audit itself."""

    form = CHANGES

    def run(self) -> None:
        self.pause()
        self.cursor = self.plan.cursor
        if self.dice.random() < BEGINS_WITH_A_LIST:
            self.load()
        while not self.is_over():
            self.follow()
            if self.dice.random() < LOADS_AFRESH:
                self.load()

    def load(self) -> None:
        limit = self.dice.choice([10, 100, 1000])
        read = read_list(self, {"domain": self.plan.domain, "limit": limit, "fresh": "true"}, fresh=True)
        self.take(read)
        self.cursor = read.after

    def follow(self) -> None:
        """For a while: one question, or one connection."""
        began, answer = self.answered(self.question("/api/changes", **self.params()))
        self.apply(answer.value, began, listening=began)
        if not answer.value["hasMore"]:
            self.pause()

    def params(self) -> dict:
        return {"after": self.cursor, "limit": self.dice.choice(LIMITS)}

    def apply(self, envelope: dict, began: int, listening: int | None) -> None:
        seen = [Seen.of(change) for change in envelope["changes"]]
        complete = not envelope["hasMore"]
        fresh = self.form != CHANGES
        self.take(Read(self.name, self.form, began, self.now(), seen, self.cursor, complete, fresh, listening))
        self.cursor = envelope["cursor"]


class LongPollReader(FeedReader):
    form = LONG_POLL

    def params(self) -> dict:
        return super().params() | {"wait": self.dice.choice(WAITS_SECONDS)}


class SocketReader(FeedReader):
    form = WEBSOCKET

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.got_on_at = self.now()

    def follow(self) -> None:
        cursor = self.cursor
        try:
            self.follow_one_connection()
            self.got_on_at = self.now()
            self.pause()
        except (WebSocketException, OSError) as error:
            self.got_on_at = self.now() if self.cursor != cursor else self.got_on_at
            self.bear(error)

    def bear(self, error: Exception) -> None:
        code = error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd else 0
        if code >= 4000 and code not in TRY_AGAIN:
            raise GaveUp(f"{self.name}: the WebSocket was closed with {code} {error.rcvd.reason}")
        self.note_trouble(f"WebSocket closed with {code}" if code else "WebSocket lost")
        if seconds(self.now() - self.got_on_at) > self.plan.patience_seconds:
            raise GaveUp(f"{self.name}: no WebSocket for {self.plan.patience_seconds} s: {error}")
        self.is_told_to_stop(self.dice.uniform(*RETRY_SECONDS))

    def follow_one_connection(self) -> None:
        began = self.now()
        url = self.dice.choice(self.plan.urls).replace("http", "ws", 1)
        with connect(
            url + self.question("/ws/changes", **self.params()), proxy=None, max_size=None, close_timeout=1
        ) as socket:
            for envelope, listening in self.envelopes(socket, began):
                self.apply(envelope, began, listening)
                if self.is_over() or self.dice.random() < LEAVES_UNREAD:
                    break
                with suppress(ConnectionClosed):  # what came before the end is still to be read
                    socket.send(json.dumps({"cursor": self.cursor}))
                if self.dice.random() < 0.2:
                    self.pause()
            if self.dice.random() < 0.7:
                socket.close_socket()  # without a word, as when a train enters a tunnel

    def envelopes(self, socket: ClientConnection, began: int) -> Iterator[tuple[dict, int | None]]:
        """What comes, until it is time to break the connection; and since when this reader had been listening, if it
        had taken all there was."""
        until = began + self.dice.choice(CONNECTION_SECONDS) * SECOND_NS
        listening = began
        while True:
            envelope, waited = self.next_envelope(socket, seconds(until - self.now()))
            if envelope is None:
                break
            yield envelope, listening if waited else None
            if envelope["hasMore"]:
                listening = self.now()
        self.take(Read(self.name, self.form, began, self.now(), [], self.cursor, complete=False, listening=listening))

    def next_envelope(self, socket: ClientConnection, for_seconds: float) -> tuple[dict | None, bool]:
        """The envelope, and whether it had to be waited for; None if none came in this time."""
        try:
            return json.loads(socket.recv(timeout=0)), False
        except TimeoutError:
            pass
        try:
            return json.loads(socket.recv(timeout=max(0, for_seconds))), True
        except TimeoutError:
            return None, True
