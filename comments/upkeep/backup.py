"""A copy of the whole database in one file, made while the site runs, and the way back.

A restore is one transaction, in which the stream's epoch ends: see `Epoch`.
"""

import os
import secrets
from pathlib import Path
from types import ModuleType

from django.db import connection
from tqdm import tqdm

from comments.stream.clock import StreamClock

from . import postgresql, sqlite
from .epoch import Epoch
from .impossible import Impossible

WAYS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


def back_up(file: Path, bar: tqdm) -> None:
    """Write the database as it is at one moment. Raises Impossible; then there is no file."""
    refuse_existing(file)
    StreamClock.objects.get_or_create(pk=1)  # a restore ends its epoch, so there has to be one
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        beside.touch(mode=0o600, exist_ok=False)
        WAYS[connection.vendor].copy_out(beside, bar)
        keep(beside)
        refuse_existing(file)
        beside.rename(file)
        keep(file.parent)
    except OSError as error:
        raise Impossible(f"{file} cannot be written: {error.strerror or error}.") from error
    finally:
        beside.unlink(missing_ok=True)


def restore(file: Path, bar: tqdm) -> None:
    """Put a backup in the place of all there is, whether the site runs or not. Raises Impossible; then all is as it
    was."""
    refuse_foreign(file)
    epoch = Epoch.next()
    connection.close()
    WAYS[connection.vendor].copy_in(file, epoch, bar)


def refuse_existing(file: Path) -> None:
    if file.exists():
        raise Impossible(f"{file} exists already: a backup never overwrites anything. Choose another name.")


def refuse_foreign(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            start = opened.read(16)
    except OSError as error:
        raise Impossible(f"{file} cannot be read: {error.strerror}.") from error
    kinds = [vendor for vendor, way in WAYS.items() if start.startswith(way.MAGIC)]
    if kinds != [connection.vendor]:
        kind = f"of {kinds[0]}" if kinds else "of no database that is known here"
        raise Impossible(
            f"{file} is {kind}, and DATABASE_URL names {connection.vendor}. "
            "Between two kinds of database, export_comments and import_comments carry the comments."
        )


def keep(path: Path) -> None:
    """On the disk, whatever happens to the machine."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
