"""The tests pass wherever they are started: also in the background of a script, where Ctrl-C is ignored."""

import signal
import subprocess
import sys

import pytest

from tests.support.declared_settings import ROOT

pytestmark = pytest.mark.once


def ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_what_a_test_starts_takes_an_interrupt():
    program = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    assert subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL).returncode == -signal.SIGINT


@pytest.mark.slow
@pytest.mark.parametrize("spread", [[], ["--numprocesses", "1"]], ids=["one process", "workers"])
def test_it_does_so_in_the_background_too(spread):
    test = f"{__file__}::{test_what_a_test_starts_takes_an_interrupt.__name__}"
    command = [sys.executable, "-m", "pytest", *spread, test]
    done = subprocess.run(command, cwd=ROOT, preexec_fn=ignore_interrupts, capture_output=True, text=True)
    assert "1 passed" in done.stdout, done.stdout
