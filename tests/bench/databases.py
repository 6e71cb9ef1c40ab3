"""Streams of many comments on SQLite, made once and kept in var/bench: `python -m tests.bench.databases ROWS`.

They come in through the import door; on top are ten comments that have just been posted, which a poll can return.
"""

import atexit
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.audit.kill import database_url
from tests.bench import cores
from tests.support.declared_settings import ROOT
from tests.support.servers import Server, clean_environment

KEPT = ROOT / "var/bench"
NEW = 10
BEFORE_NEW = 10**15  # StreamClock.HISTORY_END: versions of what was imported are below, of what was posted above
FIRST_MS = 1_500_000_000_000
WORDS = "looking costs almost nothing, however many look, and each of them sees every message exactly once. " * 2


def stream_of(rows: int) -> Path:
    """The folder (a server's VAR_DIR) of a stream with so many comments."""
    folder = KEPT / str(rows)
    if not folder.exists():
        print(f"Making a stream of {rows:,} comments in {folder} …", file=sys.stderr)
        unfinished = KEPT / f"{rows}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        Server(unfinished).manage("migrate", "-v0")
        env = {**clean_environment(), "VAR_DIR": str(unfinished)}
        subprocess.run([sys.executable, "-m", "tests.bench.databases", str(rows)], cwd=ROOT, env=env, check=True)
        unfinished.rename(folder)
    Server(folder).manage("migrate", "-v0")  # it may be older than the newest migration
    return folder


@contextmanager
def copy_of(rows: int) -> Iterator[Path]:
    """The same, to be written into."""
    copy = KEPT / f"copy-{os.getpid()}"
    shutil.copytree(stream_of(rows), copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


@cache
def on_postgresql(rows: int) -> str:
    """The URL of such a stream on a PostgreSQL of its own, made anew for each run; commits reach the disk."""
    kept = ExitStack()
    atexit.register(kept.close)
    with cores.on(cores.ALL):
        settings = kept.enter_context(database_url("postgresql", fsync=True))
    print(f"Making a stream of {rows:,} comments on PostgreSQL …", file=sys.stderr)
    with TemporaryDirectory() as folder:
        server = Server(Path(folder), **settings)
        server.manage("migrate", "-v0")
        filling = [sys.executable, "-m", "tests.bench.databases", str(rows)]
        subprocess.run(filling, cwd=ROOT, env=server.env, check=True)
    return settings["DATABASE_URL"]


def fill(rows: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saywhat.settings")
    import django

    django.setup()
    from django.db import connection

    from comments.history import importing
    from comments.text.cleaning import Draft
    from comments.writing import posting

    reader = importing.LineReader()
    for numbers in chunks(range(rows - NEW), importing.CHUNK):
        importing.store((n, reader.comment(line(n))) for n in numbers)
    for n in range(rows - NEW, rows):
        posting.post(Draft(text=text(n), username="Ada"), ip_address(f"127.0.0.{1 + n % 250}"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def chunks(numbers: range, size: int) -> Iterator[range]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def line(n: int) -> dict:
    """Some comments are hidden, and few come from a small room, as in a real stream."""
    return {
        "id": f"row-{n}",
        "timestamp": FIRST_MS + n * 1000,
        "username": f"user {n % 500}",
        "text": text(n),
        "domain": "small.example" if n % 1000 == 0 else "large.example",
        "state": "hidden" if n % 100 == 99 else "visible",
    }


def text(n: int) -> str:
    return f"{n}: {WORDS[n % 90 :]}"


if __name__ == "__main__":
    fill(int(sys.argv[1]))
