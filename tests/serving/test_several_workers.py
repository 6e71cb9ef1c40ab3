"""Several workers behind one port, and the process that looks after them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.declared_settings import ROOT
from tests.support.private_postgres import wait_until
from tests.support.servers import Server

START_SECONDS = 60
STOP_SECONDS = 15

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture
def starting(make_server):
    """A site of two processes that has just been started, and what it says, line by line."""
    server = make_server()
    start(server, "-m", "saywhat.serve")
    yield server
    end(server)


def start(server: Server, *program: str) -> None:
    command = [sys.executable, *program, "--port", str(server.port), "--workers", "2"]
    server.process = subprocess.Popen(
        command, cwd=ROOT, env=server.env, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def end(server: Server) -> None:
    server.stop()
    server.process.stderr.close()
    with suppress(ProcessLookupError):  # as it should be
        os.killpg(server.process.pid, signal.SIGKILL)


@pytest.fixture
def two_workers(starting):
    """The same when it is up."""
    wait_until(starting.listens, START_SECONDS, lambda: "The workers do not listen.")
    answers(starting)
    return starting


def answers(server: Server) -> None:
    for _ in range(10):  # the kernel chooses which worker
        assert server.get("/api/stats").status == 200


def read_until(word: str, lines: Iterable[str]) -> str:
    said = ""
    for line in lines:
        said += line
        if word in line:
            break
    return said


def workers_of(server: Server) -> list[int]:
    pid = server.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def started_workers(server: Server) -> list[int]:
    wait_until(lambda: len(workers_of(server)) == 2, START_SECONDS, lambda: "There are no two workers.")
    return workers_of(server)


def is_running(pid: int) -> bool:
    """One that has ended may wait for somebody to take note of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def handles_sigterm(pid: int) -> bool:
    """daphne does when it is up. Without a handler even a stopped process may end by it."""
    caught = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def until_gone(workers: list[int], port: int) -> None:
    """A process that nobody waits for lets go of its port a moment after it has ended."""
    wait_until(lambda: not any(map(is_running, workers)), STOP_SECONDS, lambda: "A worker lives on.")
    wait_until(lambda: is_free(port), STOP_SECONDS, lambda: "The port is still taken.")


def test_several_processes_without_redis_are_said_plainly(two_workers):
    assert "2 processes without REDIS_URL" in read_until("REDIS_URL", two_workers.process.stderr)


def test_a_worker_that_dies_is_replaced_and_all_end_with_the_first_process(two_workers):
    first, second = workers_of(two_workers)
    os.kill(first, signal.SIGKILL)
    assert "ended with -9" in read_until("starting another", two_workers.process.stderr)
    workers = started_workers(two_workers)
    assert second in workers
    assert first not in workers
    answers(two_workers)
    two_workers.stop()
    assert two_workers.process.returncode == 0
    assert not any(map(is_running, workers))


def test_a_worker_that_is_told_to_stop_while_it_starts_does_and_is_replaced(starting):
    first, second = started_workers(starting)
    os.kill(first, signal.SIGTERM)
    read_until("starting another", starting.process.stderr)
    assert not is_running(first)
    assert second in started_workers(starting)


def test_they_end_and_leave_the_port_when_the_first_process_is_killed(two_workers):
    workers = workers_of(two_workers)
    two_workers.kill()
    until_gone(workers, two_workers.port)


def test_they_end_also_when_it_is_killed_before_they_have_begun(starting):
    workers = started_workers(starting)
    starting.kill()
    until_gone(workers, starting.port)


@pytest.mark.parametrize("moment", ["http://127.0.0.1", "REDIS_URL"])
def test_they_end_whenever_the_first_process_is_told_to_stop(starting, moment):
    read_until(moment, starting.process.stderr)
    workers = workers_of(starting)
    starting.stop()  # raises if it does not end
    assert not any(map(is_running, workers))
    assert is_free(starting.port)


def test_they_end_when_it_is_told_to_stop_before_they_have_begun(starting):
    workers = started_workers(starting)
    starting.stop()
    assert starting.process.returncode == 0
    assert not any(map(is_running, workers))
    assert is_free(starting.port)


def test_a_worker_that_does_not_stop_is_killed(make_server):
    server = make_server()
    start(server, "-c", "from saywhat import serve, workers; workers.STOP_SECONDS = 0.2; serve.main()")
    stuck, other = started_workers(server)
    wait_until(lambda: handles_sigterm(stuck), START_SECONDS, lambda: "The worker does not come up.")
    os.kill(stuck, signal.SIGSTOP)
    server.process.terminate()
    assert "killing it" in read_until("killing it", server.process.stderr)
    end(server)
    assert not any(map(is_running, [stuck, other]))
    assert is_free(server.port)
