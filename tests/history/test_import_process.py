"""An import as an operator runs it: a process of its own, which may be killed at any moment and is then run again."""

import gzip
import json
import os
import random
import sqlite3
import subprocess
import sys
import termios
from pathlib import Path

import psycopg
import pytest

from tests.support.declared_settings import ROOT
from tests.support.private_postgres import wait_until
from tests.support.servers import Server

pytestmark = pytest.mark.slow

LINES = 10_000
KILLED_AT = (1, 3_500, 9_000)  # rows that are in the table when the process is killed, or some more
WAIT_SECONDS = 60
REAL_FILE = ROOT.parent / "shared/data/chat-2017-2018.ndjson.gz"  # no part of the project
REAL_LINES = 44_070


@pytest.fixture(scope="module")
def history_file(tmp_path_factory) -> Path:
    """Lines like those of a busy chat: seconds that many share, words said again, names of all kinds."""
    chance = random.Random(1)
    names = ["ada", "José", "日本", "a name of more than sixteen letters", "_\x02bold\x02_"]
    timestamp = 1_507_466_702_000
    path = tmp_path_factory.mktemp("history") / "history.ndjson.gz"
    with gzip.open(path, "wt") as file:
        for number in range(LINES):
            timestamp += 1000 * chance.choice([0, 0, 0, 1, 2, 60])
            text = "+1" if number % 7 == 0 else f"{number} {'word ' * chance.randrange(30)}"
            line = {"timestamp": timestamp, "username": chance.choice(names), "text": text}
            print(json.dumps(line, ensure_ascii=False), file=file)
    return path


@pytest.fixture(scope="module")
def uninterrupted_server(make_server, history_file) -> Server:
    server = make_server()
    server.manage("import_comments", history_file)
    return server


@pytest.fixture(scope="module")
def uninterrupted(uninterrupted_server) -> list[tuple]:
    return contents(uninterrupted_server)


def query(server: Server, statement: str) -> list[tuple]:
    """From outside, past Django: what is really there."""
    if url := server.env.get("DATABASE_URL"):
        with psycopg.connect(url) as connection:
            return connection.execute(statement).fetchall()
    connection = sqlite3.connect(server.folder / "saywhat.sqlite3", timeout=WAIT_SECONDS)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def contents(server: Server) -> list[tuple]:
    """The whole table in the order of its versions, and what the clock counts."""
    columns = "version, timestamp, id, username, username_key, text, color, domain, state"
    rows = query(server, f"SELECT {columns} FROM comments_comment ORDER BY version")
    return rows + query(server, "SELECT history, visible_total, timestamp FROM comments_streamclock")


def rows_in(server: Server) -> int:
    return query(server, "SELECT count(*) FROM comments_comment")[0][0]


def import_and_kill(server: Server, file: Path, at: int) -> None:
    command = [sys.executable, "manage.py", "import_comments", str(file)]
    process = subprocess.Popen(command, cwd=ROOT, env=server.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(
            lambda: rows_in(server) >= at or process.poll() is not None, WAIT_SECONDS, lambda: "nothing came in"
        )
    finally:
        process.kill()
        process.wait()


def test_an_import_killed_at_any_moment_and_run_again_gives_the_same_table(make_server, history_file, uninterrupted):
    server, halves = make_server(), []
    for at in KILLED_AT:
        import_and_kill(server, history_file, at)
        halves.append(rows_in(server))
    assert 0 < halves[0] < LINES, "the first kill came too late to show anything"
    assert halves == sorted(halves)
    done = server.manage("import_comments", history_file)
    assert done.stdout == f"{LINES - halves[-1]} imported, {halves[-1]} already there, 0 left out\n"
    assert contents(server) == uninterrupted
    assert len(uninterrupted) == LINES + 1


def test_two_imports_at_once_give_each_comment_once(make_server, history_file, uninterrupted):
    server = make_server()
    command = [sys.executable, "manage.py", "import_comments", str(history_file)]
    both = [subprocess.Popen(command, cwd=ROOT, env=server.env, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert contents(server) == uninterrupted


def test_the_exit_status_says_whether_anything_was_left_out(make_server, tmp_path):
    server, path = make_server(), tmp_path / "history.ndjson"
    path.write_text('{"timestamp": 1, "username": "Ada", "text": "a"}\nnonsense\n')
    done = server.manage("import_comments", path, check=False)
    assert done.returncode == 1
    assert done.stdout == "1 imported, 0 already there, 1 left out\n"
    assert done.stderr == "line 2: it is not JSON\nCommandError: 1 could not be imported: see above\n"
    path.write_text("")
    assert server.manage("import_comments", path).returncode == 0


def test_what_one_process_exports_another_imports_through_a_pipe(make_server, uninterrupted_server, uninterrupted):
    other = make_server()
    written = uninterrupted_server.manage("export_comments", input=b"").stdout
    done = other.manage("import_comments", "-", input=written)
    assert done.stdout == f"{LINES} imported, 0 already there, 0 left out\n".encode()
    assert contents(other) == uninterrupted
    assert other.manage("export_comments", input=b"").stdout == written


def test_a_terminal_shows_how_far_an_import_has_come(make_server, history_file):
    server = make_server()
    terminal, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [sys.executable, "manage.py", "import_comments", str(history_file)]
    process = subprocess.Popen(command, cwd=ROOT, env=server.env, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(terminal, 4096):
            shown += part
    except OSError:  # Linux says so when nobody has the other end open
        pass
    os.close(terminal)
    assert process.wait() == 0
    assert b"Importing: " in shown
    assert b"100%" in shown


@pytest.fixture
def real_file() -> Path:
    if not REAL_FILE.exists():
        pytest.skip(f"the real history is not part of the project: {REAL_FILE.name}")
    return REAL_FILE


def test_R36_the_real_history_goes_in_once_and_can_be_walked_back_to_its_beginning(make_server, real_file):
    server = make_server()
    import_and_kill(server, real_file, 20_000)
    there = rows_in(server)
    assert 20_000 <= there < REAL_LINES
    done = server.manage("import_comments", real_file)
    assert done.stdout == f"{REAL_LINES - there} imported, {there} already there, 0 left out\n"
    first = contents(server)
    done = server.manage("import_comments", real_file)
    assert done.stdout == f"0 imported, {REAL_LINES} already there, 0 left out\n"
    assert contents(server) == first

    with server, gzip.open(real_file, "rt") as file:
        lines = [json.loads(line) for line in file]
        comments = walked_back(server)
    assert [(comment["username"], comment["text"]) for comment in comments] == [
        (line["username"], line["text"]) for line in sorted(lines, key=lambda line: line["timestamp"])
    ]
    stamps = [comment["timestamp"] for comment in comments]
    assert stamps == sorted(set(stamps))
    assert len({comment["id"] for comment in comments}) == REAL_LINES


def walked_back(server: Server) -> list[dict]:
    """All comments, oldest first, read from the newest back as a page does that is scrolled up."""
    comments, before, more = [], "", True
    while more:
        page = server.get(f"/api/comments?limit=1000{before}").json()
        comments = page["comments"] + comments
        before, more = f"&before={comments[0]['timestamp']}", page["hasMore"]
    return comments
