"""bin/serve, from nothing to an answering site, as somebody runs it who has just cloned the repository."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.declared_settings import ROOT
from tests.support.private_postgres import free_port, wait_until
from tests.support.servers import clean_environment

PATHS = ["/", "/api/comments/health", "/static/admin/css/base.css"]
LISTEN_SECONDS = 120
STOP_SECONDS = 60

pytestmark = [pytest.mark.once, pytest.mark.slow]


@dataclass
class Visit:
    """What there was to see of one start of bin/serve, up to Ctrl-C."""

    said: str
    statuses: dict[str, int]
    exit_status: int


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """What git holds, or would hold, and nothing else; in a path with a space."""
    clone = tmp_path_factory.mktemp("a clone")
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    return clone


@pytest.fixture(scope="module")
def first(clone) -> Visit:
    return visit(clone)


@pytest.fixture(scope="module")
def first_secret(clone, first) -> str:
    return (clone / "var/secret_key").read_text()


@pytest.fixture(scope="module")
def second(clone, first_secret) -> Visit:
    return visit(clone)


def visit(clone: Path, **settings: str) -> Visit:
    port = free_port()
    process = run_serve(clone, port, **settings)
    try:
        said = read_until("create_moderator", process.stdout)
        wait_until(lambda: listens(port), LISTEN_SECONDS, lambda: f"bin/serve does not listen. It said: {said}")
        statuses = {path: status_of(port, path) for path in PATHS}
    finally:
        rest = interrupt(process)
    return Visit(said + rest, statuses, process.returncode)


def interrupt(process: subprocess.Popen) -> str:
    """As a terminal's Ctrl-C does: the whole group. What it says to that."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        return process.communicate(timeout=STOP_SECONDS)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise


def run_serve(clone: Path, port: int, **settings: str) -> subprocess.Popen:
    return subprocess.Popen(
        [clone / "bin/serve"],
        cwd="/",
        env={**outside_environments(), "PORT": str(port), **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def read_until(word: str, lines: Iterable[str]) -> str:
    said = ""
    for line in lines:
        said += line
        if word in line:
            break
    return said


def outside_environments() -> dict[str, str]:
    """The environment of somebody who is in no virtual environment, as whoever runs these tests is."""
    environment = {name: value for name, value in clean_environment().items() if not name.startswith("VIRTUAL_ENV")}
    folders = environment["PATH"].split(os.pathsep)
    folders = [folder for folder in folders if not os.path.exists(f"{folder}/../pyvenv.cfg")]  # or not to be read
    return {**environment, "PATH": os.pathsep.join(folders)}


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def status_of(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_one_command_makes_a_site_out_of_a_bare_clone(first):
    assert "Installing what requirements.txt names" in first.said
    assert first.statuses == dict.fromkeys(PATHS, 200)


def test_it_says_where_it_listens(first):
    assert "Say What Want is at http://127.0.0.1:" in first.said


def test_ctrl_c_ends_it_in_order(first):
    assert first.exit_status == 0
    assert "Traceback" not in first.said


def test_the_second_start_has_nothing_to_install(second):
    assert "Installing" not in second.said
    assert second.statuses == dict.fromkeys(PATHS, 200)


def test_the_secret_key_is_kept(clone, first_secret, second):
    assert len(first_secret) > 50
    assert (clone / "var/secret_key").read_text() == first_secret


def test_a_changed_requirements_file_is_installed(clone, second):
    with (clone / "requirements.txt").open("a") as requirements:
        requirements.write("# changed\n")
    assert "Installing what requirements.txt names" in visit(clone).said


def test_another_server_is_installed_when_it_is_asked_for(clone, second):
    seen = visit(clone, SERVER="uvicorn")
    assert "Installing what requirements-uvicorn.txt names" in seen.said
    assert seen.statuses == dict.fromkeys(PATHS, 200)
    assert (seen.exit_status, "Traceback" in seen.said) == (0, False)


def test_a_server_that_there_is_not_is_said_in_a_sentence(clone):
    process = run_serve(clone, free_port(), SERVER="apache")
    assert process.communicate(timeout=LISTEN_SECONDS)[0] == "SERVER is daphne or uvicorn: not 'apache'.\n"
    assert process.returncode == 1


def test_bin_manage_is_djangos_command_line_for_that_site(clone, second):
    migrations = [clone / "bin/manage", "migrate", "--check"]
    assert subprocess.run(migrations, cwd="/", env=outside_environments()).returncode == 0


def test_a_port_in_use_is_said_in_a_sentence_before_anything_is_made(clone, second, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = run_serve(clone, port, VAR_DIR=str(tmp_path))
        said, _ = process.communicate(timeout=LISTEN_SECONDS)
    assert process.returncode == 1
    assert f"Cannot listen on 127.0.0.1, port {port}" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_migrated_is_not_served(clone, second, tmp_path):
    (tmp_path / "saywhat.sqlite3").write_text("This is not a database.")
    port = free_port()
    process = run_serve(clone, port, VAR_DIR=str(tmp_path))
    said, _ = process.communicate(timeout=LISTEN_SECONDS)
    assert process.returncode == 1
    assert "file is not a database" in said
    assert not listens(port)


def test_who_comes_while_the_database_is_migrated_is_answered_afterwards(make_server):
    server = make_server()
    program = "from saywhat import serve; serve.prepare = input; serve.main()"
    command = [sys.executable, "-c", program, "--prepare", "--port", str(server.port)]
    with subprocess.Popen(command, cwd=ROOT, env=server.env, stdin=subprocess.PIPE, text=True) as server.process:
        wait_until(server.listens, LISTEN_SECONDS, lambda: "It does not listen.")
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", "/api/comments")
        print("go on", file=server.process.stdin, flush=True)
        assert connection.getresponse().status == 200
        connection.close()
        server.stop()


def test_without_python_a_sentence_says_what_to_install(clone, tmp_path):
    for name in ("sh", "cat", "dirname"):
        (tmp_path / name).symlink_to(shutil.which(name))
    done = subprocess.run([clone / "bin/serve"], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        1,
        "Python 3.11 or newer is needed: install it (Debian: apt install python3 python3-venv).\n",
    )


def test_an_ipv6_address_is_served_too(make_server):
    server = make_server()
    command = [sys.executable, "-m", "saywhat.serve", "--host", "::1", "--port", str(server.port)]
    with subprocess.Popen(command, cwd=ROOT, env=server.env, stderr=subprocess.PIPE, text=True) as process:
        assert f"http://[::1]:{server.port}" in process.stderr.readline()
        connection = http.client.HTTPConnection("::1", server.port, timeout=60)
        body = json.dumps({"text": "Hello", "username": "Ada"})
        connection.request("POST", "/api/comments", body, {"Content-Type": "application/json"})
        assert connection.getresponse().status == 201
        connection.close()
        process.terminate()
