"""Copies of a PostgreSQL database, by PostgreSQL's own programs."""

import os
import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient
from tqdm import tqdm

from .epoch import Epoch
from .impossible import Impossible

MAGIC = b"PGDMP"
CHUNK = 1 << 16
WHAT_IT_IS = ["--no-owner", "--no-privileges"]
# What a newer version has made, too, and no backup of an older one names.
CLEAR = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('DROP TABLE %I CASCADE', found.tablename);
    END LOOP;
END $$;
"""
EPOCH = """
RESET search_path;
UPDATE comments_streamclock SET
    version = {version}, timestamp = greatest(timestamp, {timestamp}),
    history = CASE WHEN history < {history} THEN {history} + 1 ELSE history END,
    lost = lost || jsonb_build_array(jsonb_build_array(version + 1, {version} - 1)) || CASE WHEN history < {history}
        THEN jsonb_build_array(jsonb_build_array(history + 1, {history})) ELSE '[]'::jsonb END;
"""


def copy_out(file: Path, bar: tqdm) -> None:
    with file.open("wb") as written, ExitStack() as stack:
        dump = started(stack, "pg_dump", "--format=custom", *WHAT_IT_IS, *where(), stdout=subprocess.PIPE)
        pour(dump.stdout, written, bar)
        refuse_failed(dump)


def copy_in(file: Path, epoch: Epoch, bar: tqdm) -> None:
    """One transaction, which ends with the connection if anything goes wrong."""
    alone = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--file=-", *where()]
    with ExitStack() as stack:
        script = ["--clean", "--if-exists", *WHAT_IT_IS, "--file=-", str(file)]
        read = started(stack, "pg_restore", *script, stdout=subprocess.PIPE)
        psql = started(stack, "psql", *alone, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            psql.stdin.write(CLEAR.encode())
            pour(read.stdout, psql.stdin, bar)
            refuse_failed(read)
            psql.stdin.write(EPOCH.format(**vars(epoch)).encode())
            psql.stdin.close()
        except BrokenPipeError:
            pass  # it says itself why it has ended
        refuse_failed(psql)


def where() -> list[str]:
    """The arguments that say which database. The password is no argument, for everybody could read it there."""
    return DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])[0][1:]


def started(stack: ExitStack, program: str, *arguments: str, **pipes: int) -> subprocess.Popen:
    """Ended with the stack, if it has not ended by itself."""
    _, secret = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    environment = {**os.environ, **(secret or {})}
    try:
        process = subprocess.Popen([program, *arguments], env=environment, stderr=subprocess.PIPE, **pipes)
    except FileNotFoundError as error:
        raise Impossible(f"{program} is not installed here (Debian: apt install postgresql-client).") from error
    stack.callback(end, process)
    return process


def end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
        with suppress(BrokenPipeError):
            pipe.close()


def pour(source: IO[bytes], target: IO[bytes], bar: tqdm) -> None:
    while chunk := source.read(CHUNK):
        target.write(chunk)
        bar.update(len(chunk))


def refuse_failed(process: subprocess.Popen) -> None:
    said = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
    if process.wait():
        raise Impossible(said.splitlines()[0] if said else f"It has ended with {process.returncode}.")
