"""What is gone, said once; and that it is back, said once. A log with a line for each request says less."""

import logging

from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError

# What a database says that does not answer, may only be read, or lacks a migration. Never answered as a success.
AWAY = (OperationalError, InterfaceError, InternalError, ProgrammingError)
# It answers, and stores nothing: the disk is full or fails, or it may only be read.
UNWRITABLE = {"53100", "58030", "25006"}
UNWRITABLE_SQLITE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC")


def is_unwritable(error: BaseException) -> bool:
    said_by = error.__cause__ or error
    sqlite = getattr(said_by, "sqlite_errorname", None) or ""
    return getattr(said_by, "sqlstate", None) in UNWRITABLE or sqlite.startswith(UNWRITABLE_SQLITE)


class Outage:
    """Of something that may be reached in several ways. `gone` has a place for the kind of the first error."""

    def __init__(self, log: logging.Logger, gone: str, back: str) -> None:
        self.log = log
        self.gone = gone
        self.back = back
        self.broken: set[str] = set()

    def fails(self, way: str, error: BaseException) -> None:
        if not self.broken:
            self.log.error(self.gone, type(error).__name__)
        self.broken.add(way)

    def works(self, way: str) -> None:
        if self.broken == {way}:
            self.log.error(self.back)
        self.broken.discard(way)


DATABASE = "database"
log = logging.getLogger("comments.database")
database = Outage(
    log,
    "The database does not answer (%s): readers are told 503 until it does.",
    "The database answers again.",
)
storing = Outage(
    log,
    "The database stores nothing (%s): its disk is full, or it may only be read. Who posts is told 503 until it does.",
    "The database stores again.",
)


def is_away(error: BaseException) -> None:
    """Say once that it is, whichever it is."""
    (storing if is_unwritable(error) else database).fails(DATABASE, error)
