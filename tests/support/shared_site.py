"""One server for many tests, one after the other, each of which finds a stream that has not begun.

To start a server and to load Django for a command takes seconds of a busy machine; to empty a database takes none.
"""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.emptying import MADE_BY_MIGRATIONS
from tests.support.private_postgres import wait_until
from tests.support.servers import ROOT, Server

EMPTY_SECONDS = 30


class SharedSite(Server):
    """Its commands are carried out by one process that stays (`resident`)."""

    resident: subprocess.Popen | None = None
    logged_before = 0  # how much, in all turns before this one

    @property
    def database(self) -> Path:
        """On SQLite."""
        return self.folder / "saywhat.sqlite3"

    @property
    def beginning(self) -> Path:
        return self.folder / "beginning.sqlite3"

    def start(self) -> "SharedSite":
        if self.database.exists() and not self.beginning.exists():
            self.copied_to(self.beginning)
        return super().start()

    def __exit__(self, *exception) -> None:
        if self.resident:
            self.resident.communicate()
        super().__exit__(*exception)

    def begins_anew(self, beginning: Path | None = None) -> "SharedSite":
        """With what the database had before the first start, or on SQLite with what another file has."""
        self.thaw()
        if self.process is None or self.process.poll() is not None:
            self.start()
        if url := self.settings.get("DATABASE_URL"):
            empty(url)
        else:
            copy(beginning or self.beginning, self.database)
        self.logged_before = len(super().log())
        wait_until(self.is_empty, EMPTY_SECONDS, lambda: f"The stream does not begin anew:\n{self.log()}")
        return self

    def copied_to(self, path: Path) -> Path:
        copy(self.database, path)
        return path

    def log(self) -> str:
        """Of this turn."""
        return super().log()[self.logged_before :]

    def is_empty(self) -> bool:
        """Asked of the server, which thereby learns that its stream has ended."""
        return self.get("/api/comments?fresh=true").json()["comments"] == []

    def manage(self, *arguments: str, input: str | None = None, check: bool = True):
        files = {name: self.folder / f"command.{name}" for name in ("stdin", "stdout", "stderr")}
        files["stdin"].write_text(input or "")
        status = self.carried_out([str(argument) for argument in arguments], files)
        done = subprocess.CompletedProcess(arguments, status, files["stdout"].read_text(), files["stderr"].read_text())
        assert not check or done.returncode == 0, f"manage.py {arguments} ended with {status}: {done.stderr}"
        return done

    def carried_out(self, arguments: list[str], files: dict[str, Path]) -> int:
        self.resident = self.resident or subprocess.Popen(
            [sys.executable, "-m", "tests.support.resident"],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        command = {"arguments": arguments} | {name: str(path) for name, path in files.items()}
        self.resident.stdin.write(json.dumps(command) + "\n")
        self.resident.stdin.flush()
        return int(self.resident.stdout.readline())


def empty(url: str) -> None:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for (table,) in found.fetchall():
            if table not in MADE_BY_MIGRATIONS | {"django_migrations"}:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def copy(database: Path, over: Path) -> None:
    """In one transaction, whoever else is at work with either."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(over)) as target:
        source.backup(target)
