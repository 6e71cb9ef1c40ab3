"""How long a read may take: whatever anybody asks for, a thread and a connection are free again after a second."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from django.db import OperationalError, connection

from comments.errors import Refused
from comments.stream.clock import StreamClock, one_moment

MAX_SECONDS = 1.0
STEPS = 10_000  # of SQLite's machine between two looks at the time: each takes the interpreter's lock
TOO_COSTLY = Refused(503, "too_costly", "This takes too long to find. Ask for less, or for something rarer.", 5)
SQLITE_INTERRUPT = 9
QUERY_CANCELED = "57014"


@contextmanager
def bounded_moment() -> Iterator[StreamClock]:
    """`one_moment()` for whoever reads what a stranger asked for. Raises Refused (503, `too_costly`) when the time is
    up: there is no half of an answer."""
    try:
        with _limit(time.monotonic() + MAX_SECONDS), one_moment() as clock:
            yield clock
    except OperationalError as error:
        if _was_stopped(error):
            raise TOO_COSTLY from error
        raise


def _limit(deadline: float) -> AbstractContextManager[None]:
    # Inside of a transaction a limit would outlast the read; no visitor's read is in one.
    return nullcontext() if connection.in_atomic_block else LIMITS[connection.vendor](deadline)


@contextmanager
def _limit_on_sqlite(deadline: float) -> Iterator[None]:
    connection.ensure_connection()
    database = connection.connection
    database.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    try:
        yield
    finally:
        if connection.connection is database:  # or it was closed, because it failed
            database.set_progress_handler(None, 0)


def _limit_on_postgresql(deadline: float) -> AbstractContextManager[None]:
    def limited(execute: Callable, sql: Any, params: Any, many: bool, context: dict) -> Any:
        """Each statement has what is left of the time."""
        if not sql.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            left_ms = max(1, round((deadline - time.monotonic()) * 1000))
            execute(f"SET LOCAL statement_timeout = {left_ms}", None, False, context)
        return execute(sql, params, many, context)

    return connection.execute_wrapper(limited)


LIMITS: dict[str, Callable[[float], AbstractContextManager[None]]] = {
    "sqlite": _limit_on_sqlite,
    "postgresql": _limit_on_postgresql,
}


def _was_stopped(error: OperationalError) -> bool:
    code = {"sqlite": "sqlite_errorcode", "postgresql": "sqlstate"}[connection.vendor]
    return getattr(error.__cause__, code, None) in (SQLITE_INTERRUPT, QUERY_CANCELED)
