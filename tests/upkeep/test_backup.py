"""A backup while the site is written to, and the way back: what was acknowledged before is there, and every reader
that has seen more is told to load afresh."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.servers import Server
from tests.support.workers import Worker

WRITERS = 8
CASE = pytest.mark.parametrize("is_stopped", [True, False], ids=["stopped", "running"])

pytestmark = pytest.mark.slow


def say(site: Server, text: str) -> dict:
    answer = site.post({"text": text, "username": "Ada"})
    assert answer.status == 201
    return answer.json()


def listed(site: Server) -> dict:
    return site.get("/api/comments?limit=1000&fresh=true").json()


def texts(site: Server) -> list[str]:
    return [comment["text"] for comment in listed(site)["comments"]]


def open_socket(site: Server, cursor: int) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{site.port}/ws/changes?after={cursor}")


def closing_of(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            socket.recv(timeout=30)
            socket.send("{}")
    return closed.value.rcvd.code


def refusal(site: Server, cursor: int, **more: int) -> tuple[int, str]:
    query = "".join(f"&{name}={value}" for name, value in more.items())
    answer = site.get(f"/api/changes?after={cursor}{query}")
    return answer.status, answer.json().get("code", "")


@pytest.fixture
def site(new_site) -> Server:
    return new_site


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "a backup"


def test_what_was_acknowledged_before_a_backup_under_eight_writers_is_there_after_a_kill(site, file):
    before = [say(site, f"before {number}")["id"] for number in range(20)]
    posters = [Worker(site.env, "post", site.url, f"127.0.1.{n}", f"writer {n}", 15) for n in range(1, WRITERS + 1)]
    site.manage("backup", file)
    for poster in posters:
        poster.result()
    site.kill()
    assert "The stream is in order." in site.manage("restore", "--no-input", file).stdout
    site.start()
    page = listed(site)
    found = [comment["id"] for comment in page["comments"]]
    assert set(before) <= set(found)
    assert page["total"] == len(found)
    seen = site.get("/api/changes?after=0&limit=200").json()
    assert [change["id"] for change in seen["changes"]] == found
    say(site, "life goes on")
    assert texts(site)[-1] == "life goes on"


@CASE
def test_every_reader_of_the_epoch_that_has_ended_loads_afresh_and_nobody_else_has_to(site, file, is_stopped):
    say(site, "kept")
    kept = listed(site)["cursor"]
    site.manage("backup", file)
    lost = [say(site, f"lost {number}") for number in range(3)]
    cursors = [change["version"] for change in site.get(f"/api/changes?after={kept}").json()["changes"]]
    with open_socket(site, cursors[-1]) as socket, ThreadPoolExecutor() as others:
        waiting = others.submit(refusal, site, cursors[-1], wait=30)
        socket.recv(timeout=30)
        if is_stopped:
            site.stop()
        site.manage("restore", "--no-input", file)
        if is_stopped:
            site.start()
        else:
            assert closing_of(socket) == 4410
            assert waiting.result() == (410, "stream_restored")
    for cursor in [*cursors, cursors[0] - 1]:
        assert refusal(site, cursor) == (410, "stream_restored")
    with open_socket(site, cursors[-1]) as socket:
        assert closing_of(socket) == 4410
    assert texts(site) == ["kept"]
    again, timestamp = listed(site)["cursor"], lost[-1]["timestamp"]
    assert site.get(f"/api/changes?after={kept}").json()["changes"] == []
    assert site.get(f"/api/changes?after={again}").status == 200
    new = say(site, "new")
    for cursor in (kept, again):
        [change] = site.get(f"/api/changes?after={cursor}").json()["changes"]
        assert change["id"] == new["id"]
    for cursor in cursors:  # the tail holds all that has come since, and still says no
        assert refusal(site, cursor) == (410, "stream_restored")
    assert [comment["id"] for comment in site.get(f"/api/comments?after={timestamp}").json()] == [new["id"]]


def test_a_second_restore_ends_the_epoch_of_the_first(site, file):
    say(site, "kept")
    site.manage("backup", file)
    lost = []
    for number in range(2):
        say(site, f"lost {number}")
        lost.append(listed(site)["cursor"])
        site.manage("restore", "--no-input", file)
        assert texts(site) == ["kept"]
    assert [refusal(site, cursor) for cursor in lost] == [(410, "stream_restored")] * 2
    assert refusal(site, listed(site)["cursor"])[0] == 200


def test_who_had_come_to_an_import_that_is_gone_loads_afresh(site, file):
    say(site, "kept")
    site.manage("backup", file)
    lines = [json.dumps({"text": f"old {n}", "username": "Ada", "timestamp": 1_500_000_000_000 + n}) for n in range(3)]
    site.manage("import_comments", "-", input="\n".join(lines))
    cursor = site.get("/api/changes?after=0&limit=2").json()["cursor"]
    site.manage("restore", "--no-input", file)
    assert refusal(site, cursor) == (410, "stream_restored")
    site.manage("import_comments", "-", input="\n".join(lines))
    assert [change["text"] for change in site.get("/api/changes?after=0").json()["changes"]] == [
        "old 0", "old 1", "old 2", "kept"
    ]  # fmt: skip
    assert refusal(site, cursor) == (410, "stream_restored")


def test_a_backup_never_overwrites_and_leaves_nothing_behind_that_is_half_done(site, file):
    file.write_text("something precious")
    done = site.manage("backup", file, check=False)
    assert done.returncode == 1 and "never overwrites" in done.stderr
    assert file.read_text() == "something precious"
    done = site.manage("backup", file.parent / "nowhere" / "x", check=False)
    assert done.returncode == 1 and "cannot be written" in done.stderr
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("damage", ["cut short", "another file", "the other database", "nothing"])
def test_what_is_no_backup_changes_nothing(site, file, damage):
    say(site, "still here")
    whole = file.with_name("whole")
    site.manage("backup", whole)
    foreign = b"PGDMP" if whole.read_bytes().startswith(b"SQLite") else b"SQLite format 3\0"
    half = whole.read_bytes()[: whole.stat().st_size // 2]
    written = {"cut short": half, "another file": b"Hello", "the other database": foreign * 1000, "nothing": b""}
    file.write_bytes(written[damage])
    done = site.manage("restore", "--no-input", file, check=False)
    assert done.returncode == 1 and "Nothing was restored." in done.stderr
    assert "Traceback" not in done.stderr
    assert texts(site) == ["still here"]
    say(site, "and on")


def test_a_restore_asks_first(site, file):
    say(site, "still here")
    site.manage("backup", file)
    say(site, "this too")
    assert site.manage("restore", file, input="no\n", check=False).returncode == 1
    assert texts(site) == ["still here", "this too"]
    site.manage("restore", file, input="yes\n")
    assert texts(site) == ["still here"]


def test_readers_meet_no_error_while_a_running_site_is_restored(site, file):
    for number in range(30):
        say(site, f"kept {number}")
    site.manage("backup", file)
    say(site, "lost")
    is_over, answers = threading.Event(), []

    def read() -> None:
        while not is_over.is_set():
            answer = site.get("/api/comments?limit=100")
            answers.append((answer.status, len(answer.json()["comments"])))

    with ThreadPoolExecutor() as others:
        reading = others.submit(read)
        site.manage("restore", "--no-input", file)
        is_over.set()
        reading.result()
    assert set(answers) <= {(200, 31), (200, 30)}
    assert texts(site)[-1] == "kept 29"
