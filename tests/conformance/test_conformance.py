"""The kit, held to our own server, which keeps all of it, and to servers that are wrong, each of which it notices."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance import wrong_sockets, wrong_streams, wrong_wire, wrong_work
from tests.conformance.__main__ import violation_of
from tests.conformance.checks import CHECKS, Check
from tests.conformance.spoiling import spoiled
from tests.support.declared_settings import ROOT
from tests.support.servers import UNLIMITED, Server

pytestmark = pytest.mark.slow

AT_ONCE = 4
LONG = ("R08", "R66", "R67")  # which wait
EVERY = ("--posts-per-minute", "1000000")


@pytest.fixture(scope="module")
def server(make_server):
    with make_server(**UNLIMITED) as server:
        server.token = server.manage("create_bot", "conformance", *EVERY).stdout.strip()
        yield server


def test_our_server_keeps_the_wire_and_each_hazard(server: Server):
    """By the command, as a stranger runs it."""
    command = [sys.executable, "-m", "tests.conformance", "--url", server.url, "--token", server.token]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "WRONG" not in done.stdout, done.stdout
    assert (done.returncode, f"{len(CHECKS)} checks, 0 violated" in done.stdout) == (0, True), (
        done.stdout + done.stderr
    )
    assert "Traceback" not in server.log()


def test_a_wrong_token_and_a_server_that_is_not_there_are_no_success(server: Server):
    check = next(check for check in CHECKS if check.hazards == "R64")
    assert "401" in violation_of(check, server.url, "wrong")
    assert violation_of(check, "http://127.0.0.1:9", server.token)


WRONG = wrong_sockets.WRONG | wrong_streams.WRONG | wrong_wire.WRONG | wrong_work.WRONG


def check_beginning(beginning: str) -> Check:
    (check,) = [check for check in CHECKS if check.name.startswith(f"{beginning} ")]
    return check


def test_each_check_is_held_to_a_server_that_is_wrong():
    assert {check_beginning(beginning).name for beginning, _ in WRONG.values()} == {check.name for check in CHECKS}


@pytest.mark.once
@pytest.mark.parametrize("wrong", WRONG)
def test_a_server_that_is_wrong_is_noticed(wrong, server: Server, monkeypatch):
    monkeypatch.setattr("tests.conformance.answers.PATIENCE_SECONDS", 3.0)
    beginning, spoils = WRONG[wrong]
    with spoiled(server.url, **spoils) as url:
        assert violation_of(check_beginning(beginning), url, server.token)


@pytest.mark.once
def test_the_proxy_alone_spoils_nothing_nor_do_others_who_talk_meanwhile(server: Server):
    checks = [check for check in CHECKS if check.hazards not in LONG]
    with spoiled(server.url) as url, ThreadPoolExecutor(AT_ONCE) as asking:
        violations = asking.map(lambda check: violation_of(check, url, server.token), checks)
        wrong = {check.name: said for check, said in zip(checks, violations, strict=True) if said}
    assert not wrong
