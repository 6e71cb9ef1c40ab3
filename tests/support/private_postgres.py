"""A PostgreSQL server of the tests' own: a temporary folder, a free port of 127.0.0.1, nothing shared or kept."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

START_SECONDS = 60
PORTS = range(10_000, 30_000)
# Postgres refuses to run as root, so root's tests hand it to an account without rights.
ACCOUNTS_FOR_ROOT = ["postgres", "nobody"]


def free_port() -> int:
    """A port that nobody listens on, from below those that the system gives to outgoing connections: between being
    found and being used, and while a server is down, such a connection could take it."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class PrivatePostgres:
    """Runs from `start()` to `stop()`. `fsync` costs time and only matters when the machine itself may fail."""

    def __init__(self, programs: Path, fsync: bool = False):
        self.programs = programs
        self.fsync = fsync
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="saywhat-postgres-"))
        self.account = account()
        self.process = None

    def start(self) -> "PrivatePostgres":
        if self.account:
            shutil.chown(self.folder, self.account["user"], self.account["group"])
        self.run_program("initdb", "--auth=trust", "--username=saywhat", "--encoding=UTF8", "--no-sync").wait()
        self.come_back()
        return self

    def come_back(self) -> None:
        """After `go_away()`, with everything that was committed."""
        self.process = self.run_program("postgres", *self.options())
        wait_until(self.answers, START_SECONDS, lambda: f"PostgreSQL did not start:\n{self.log()}")

    def go_away(self) -> None:
        """End all sessions and listen no more; the data stays."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # its "fast shutdown": end the sessions, then itself
            self.process.wait(timeout=START_SECONDS)

    def options(self) -> list[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 300,
            "fsync": "on" if self.fsync else "off",
            "full_page_writes": "on" if self.fsync else "off",
        }
        return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]

    def run_program(self, name: str, *arguments: str) -> subprocess.Popen:
        with self.log_path.open("a") as log:
            return subprocess.Popen(
                [self.programs / name, "-D", self.folder / "data", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                start_new_session=True,  # a Ctrl-C is for the tests, which then stop the server in order
                **self.account,
            )

    @property
    def log_path(self) -> Path:
        return self.folder / "log"

    def log(self) -> str:
        return self.log_path.read_text()

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended:\n{self.log()}")
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        return f"postgres://saywhat@127.0.0.1:{self.port}/{database}"

    def execute(self, statement, database: str = "postgres") -> list[tuple]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def create_database(self, name: str, template: str = "template1") -> str:
        """The URL of a new database, empty or a copy of `template`."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        self.go_away()
        shutil.rmtree(self.folder, ignore_errors=True)


def account() -> dict:
    """Whom it runs as, for Popen; empty when that is whoever runs the tests."""
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in ACCOUNTS_FOR_ROOT if name in known)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def wait_until(condition, seconds: float, complaint) -> None:
    """Return as soon as the condition holds; `complaint()` says what is wrong when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(complaint())
        time.sleep(0.02)
