"""An audit from its beginning to its history: who takes part, and in which order they come and go."""

import http.client
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from .history import History, load
from .site import connection_to
from .worker import Plan

ROOT = Path(__file__).resolve().parents[2]
READERS = ["ListReader", "PollReader", "FeedReader", "LongPollReader", "SocketReader"]


class AuditFailed(Exception):
    """The audit could not be carried out, so it says nothing about the site."""


@dataclass(frozen=True)
class Options:
    urls: list[str]
    domain: str = field(default_factory=lambda: f"audit-{secrets.token_hex(4)}")
    seed: int = 0
    posters: int = 4
    posts: int = 50  # of each
    readers: int = 2  # of each form
    moderators: int = 0
    pause_seconds: float = 0.2
    patience_seconds: float = 60
    token: str = ""
    notes_token: str = ""  # a bot's; without it nobody notes anything
    env: dict[str, str] = field(default_factory=lambda: dict(os.environ))  # with it moderators find the database


class Process:
    """A worker, as the audit holds it."""

    def __init__(self, kind: str, plan: Plan, env: dict[str, str]) -> None:
        self.name = plan.name
        self.file = Path(plan.file)
        self.complaint = self.file.with_suffix(".err")
        with self.complaint.open("w") as stderr:
            command = [sys.executable, "-m", "comments.audit", kind]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=stderr, stderr=stderr, text=True
            )
        self.process.stdin.write(plan.to_line())
        self.process.stdin.flush()

    def wait_until_up(self) -> None:
        """It opens its file when it has its plan."""
        while not self.file.exists() and self.process.poll() is None:
            time.sleep(0.02)

    def tell_to_stop(self) -> None:
        self.process.stdin.close()

    def wait(self) -> None:
        if self.process.wait() != 0:
            raise AuditFailed(self.complaint.read_text().strip() or f"{self.name} ended unexpectedly")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if not self.process.stdin.closed:
            self.process.stdin.close()


class Audit:
    """`with Audit(options) as audit: history = audit.history()`. Between the two, everybody is at work."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="saywhat-audit-"))
        self.last_id = f"last-{secrets.token_hex(8)}"
        self.processes: list[Process] = []

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _begin(self) -> None:
        options = self.options
        self.cursor, self.timestamp = state_of(options)
        self.readers = [self._start(kind, number) for kind in READERS for number in range(options.readers)]
        self.moderators = [self._start("Moderator", number) for number in range(options.moderators)]
        for process in self.processes:  # so that nobody is still on the way when it is all over
            process.wait_until_up()
        self.posters = [self._start("Poster", number) for number in range(options.posters)]

    def __exit__(self, *exception) -> None:
        for process in self.processes:
            process.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def history(self, stop_posting: bool = False) -> History:
        """Let the posters finish, or tell them to; then post the last comment, wait until all have seen it, and
        return what they have written down."""
        if stop_posting:
            self._tell_to_stop(self.posters)
        self._wait_for(self.posters)
        self._tell_to_stop(self.moderators)
        self._wait_for(self.moderators)
        self._wait_for([self._start("LastPoster", 0)])
        self._tell_to_stop(self.readers)
        self._wait_for(self.readers)
        return load(sorted(self.folder.glob("*.ndjson")))

    def _start(self, kind: str, number: int) -> Process:
        options = self.options
        name = f"{kind} {number}"
        plan = Plan(
            name=name,
            seed=f"{options.seed} {name}",
            urls=options.urls,
            domain=options.domain,
            last_id=self.last_id,
            cursor=self.cursor,
            timestamp=self.timestamp,
            file=str(self.folder / f"{kind}-{number}.ndjson"),
            posts=options.posts,
            pause_seconds=options.pause_seconds,
            patience_seconds=options.patience_seconds,
            token=options.token if kind in ("Poster", "LastPoster") else "",
            notes_token=options.notes_token if kind == "Poster" else "",
            moderators=options.moderators,
        )
        self.processes.append(Process(kind, plan, options.env))
        return self.processes[-1]

    def _tell_to_stop(self, processes: list[Process]) -> None:
        for process in processes:
            process.tell_to_stop()

    def _wait_for(self, processes: list[Process]) -> None:
        for process in processes:
            process.wait()


def state_of(options: Options) -> tuple[int, int]:
    """The cursor and the timestamp at which the stream is before anything of the audit is in it."""
    connection = connection_to(options.urls[0], "")
    try:
        connection.request("GET", "/api/stats")
        stats = json.loads(connection.getresponse().read())
        return stats["cursor"], stats["latestTimestamp"]
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        raise AuditFailed(f"{options.urls[0]} does not answer as this product does: {error!r}") from error
    finally:
        connection.close()
