"""Copies of a SQLite database, by SQLite's online backup: https://sqlite.org/backup.html"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from tqdm import tqdm

from .epoch import Epoch
from .impossible import Impossible

MAGIC = b"SQLite format 3\0"
PAGES = 1000  # copied at once
WAIT_SECONDS = 60.0
# A backup begins again whenever somebody else writes, unless the connection that it reads has a moment of its own.
PIN = ("BEGIN", "SELECT count(*) FROM sqlite_schema")
WHOLE = "PRAGMA integrity_check"
IN_ONE_FILE = "PRAGMA journal_mode=DELETE"
CLOCK = "SELECT version, history, lost FROM comments_streamclock"
EPOCH = "UPDATE comments_streamclock SET version = ?, timestamp = max(timestamp, ?), history = ?, lost = ?"


def copy_out(file: Path, bar: tqdm) -> None:
    with opened(database_path()) as source, opened(file) as target:
        for statement in PIN:
            source.execute(statement).fetchall()
        copy(source, target, bar)
        target.execute(IN_ONE_FILE)
        refuse_damaged(target, file)


def copy_in(file: Path, epoch: Epoch, bar: tqdm) -> None:
    """The epoch begins in a copy of the backup, and then all of it takes the place of the database at once."""
    with TemporaryDirectory(dir=database_path().parent, prefix=".restore-") as folder:
        staged = Path(folder) / "staged"
        stage(file, staged, epoch, bar)
        with opened(staged) as source, opened(database_path()) as target:
            copy(source, target, bar)


def stage(file: Path, staged: Path, epoch: Epoch, bar: tqdm) -> None:
    with opened(file) as source, opened(staged) as target:
        copy(source, target, bar)
        refuse_damaged(target, file)
        begin(epoch, target, file)


def database_path() -> Path:
    return Path(connection.settings_dict["NAME"])


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as database:
            yield database
    except sqlite3.Error as error:
        raise Impossible(
            f"{path} does not do: {error}. If it is damaged, move it away, with what begins with the same name."
        ) from error


def copy(source: sqlite3.Connection, target: sqlite3.Connection, bar: tqdm) -> None:
    def told(status: int, left: int, total: int) -> None:
        bar.total = total
        bar.update(total - left - bar.n)

    bar.reset()
    source.backup(target, pages=PAGES, progress=told)


def refuse_damaged(database: sqlite3.Connection, file: Path) -> None:
    found = database.execute(WHOLE).fetchall()
    if found != [("ok",)]:
        raise Impossible(f"{file} is damaged: {found[0][0]}. Use an earlier backup.")


def begin(epoch: Epoch, database: sqlite3.Connection, file: Path) -> None:
    clock = database.execute(CLOCK).fetchone()
    if clock is None:
        raise Impossible(f"{file} is no backup: the clock of the stream is not in it.")
    version, history, lost = clock
    spans = [*json.loads(lost), [version + 1, epoch.version - 1]]
    if history < epoch.history:
        spans.append([history + 1, epoch.history])
        history = epoch.history + 1
    database.execute(EPOCH, [epoch.version, epoch.timestamp, history, json.dumps(spans)])
