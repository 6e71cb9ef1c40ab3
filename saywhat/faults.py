"""What keeps the site from starting, or a command from its work: one sentence that says what to do, and exit status
1."""

import errno
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dj_database_url import ParseError, UnknownSchemeError
from environs import EnvError, ValidationError

FULL = "The disk is full: make room on it. Nothing of what was stored before is lost."
OLD = "The database is older than this version of the site: run bin/manage migrate."
READ_ONLY = "The database may only be read: this has to be done on one that may be written."
NO_URL = "DATABASE_URL says no database that is known here: it is like postgres://USER:PASSWORD@HOST/NAME, or sqlite:///PATH."
BY_SQLSTATE = {"53100": FULL, "42P01": OLD, "42703": OLD, "25006": READ_ONLY}
BY_SQLITE = {
    "SQLITE_FULL": FULL,
    "SQLITE_READONLY": "{name} may not be written: give this user the right to write it and the folder that it is in.",
    "SQLITE_CANTOPEN": "{name} cannot be opened: see that its folder is there, and that this user may write in it.",
    "SQLITE_IOERR": "{name} cannot be read or written ({error}): see whether its disk is well.",
    "SQLITE_BUSY": "{name} is being written by somebody else: try again when that is done.",
    "SQLITE_NOTADB": "{name} is none ({error}): move it away, or restore a backup: bin/manage restore FILE.",
    "SQLITE_CORRUPT": "{name} is damaged ({error}): move it away, and restore a backup: bin/manage restore FILE.",
}
# PostgreSQL gives no code to who cannot connect.
BY_WORDS = {
    "password authentication failed": "PostgreSQL at {place} does not take the user and password of DATABASE_URL.",
    "no password supplied": "PostgreSQL at {place} asks for a password: put it into DATABASE_URL.",
    "does not exist": "PostgreSQL at {place} has none like that ({error}): make it, or correct DATABASE_URL.",
    "": "PostgreSQL at {place} does not answer ({error}): start it, or correct DATABASE_URL.",
}


@contextmanager
def told() -> Iterator[None]:
    """End this process with a sentence if what is done within fails for a reason that has one."""
    try:
        yield
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        sys.exit(" ".join(sentence.split()))


def sentence_of(error: BaseException) -> str | None:
    """None for what is nobody's fault but ours."""
    if isinstance(error, (EnvError, ValidationError)):
        said = re.sub(r"[\[\]']", "", str(error)).rstrip(".")
        return f"A setting is wrong: {said}. README.md tells what each of them takes."
    if isinstance(error, (UnknownSchemeError, ParseError)):
        return NO_URL
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return FULL
    if isinstance(error, OSError) and error.filename:
        return _of_file(error)
    return _of_database(error)


def _of_file(error: OSError) -> str:
    return (
        f"{error.filename}: {error.strerror}. See that it is there and that this user may read and write it; VAR_DIR "
        "says in which folder the site keeps its data."
    )


def _of_database(error: BaseException) -> str | None:
    from django.core.exceptions import ImproperlyConfigured
    from django.db import Error, connection

    if isinstance(error, ImproperlyConfigured):
        return f"A setting is wrong: {error}"
    if not isinstance(error, Error):
        return None
    return _of_sqlite(error, connection) if connection.vendor == "sqlite" else _of_postgresql(error, connection)


def _of_sqlite(error: BaseException, connection) -> str | None:
    if str(error).startswith(("no such table", "no such column")) or "has no column" in str(error):
        return OLD
    name = getattr(error.__cause__, "sqlite_errorname", "") or ""
    found = [sentence for begin, sentence in BY_SQLITE.items() if name.startswith(begin)]
    where = f"The database {connection.settings_dict['NAME']}"
    return found[0].format(name=where, error=error) if found else None


def _of_postgresql(error: BaseException, connection) -> str | None:
    state = getattr(error.__cause__, "sqlstate", None)
    if state:
        return BY_SQLSTATE.get(state)
    said = _why_not_connected(connection) or str(error)
    found = next(sentence for words, sentence in BY_WORDS.items() if words in said)
    settings = connection.settings_dict
    place = f"{settings['HOST'] or 'this machine'}, port {settings['PORT'] or 5432},"
    return found.format(place=place, error=said.strip().rpartition("FATAL:")[2].strip() or said)


def _why_not_connected(connection) -> str:
    """The pool only says that it waited in vain."""
    import psycopg

    parameters = connection.get_connection_params()
    parameters.pop("pool", None)
    try:
        psycopg.connect(**parameters, connect_timeout=5).close()
    except psycopg.Error as error:
        return str(error)
    return ""
