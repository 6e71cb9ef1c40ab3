"""Plants the faults in a copy of the tree, one after the other, and runs the tests that must notice each of them.

With words, only those faults whose name or file has one of them: `bin/mutate planted hints "the tick"`.
"""

import os
import shlex
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from . import EVERY
from .fault import Fault, copy_of_the_tree, planted

PASSED, FAILED = 0, 1  # by pytest's exit status
LIKE_CI = os.environ | {"CI": "true"}  # which has to notice, too, and is faster


@cache
def seconds_of(tests: str, tree: Path) -> float:
    """How long they take without a fault."""
    began = time.monotonic()
    assert run(tests, tree) == PASSED, f"{tests} fail without any fault"
    return time.monotonic() - began


def is_noticed(fault: Fault, tree: Path) -> bool:
    patience = 60 + 5 * seconds_of(fault.tests, tree)
    with planted(fault, tree):
        return run(fault.tests, tree, patience) == FAILED


def run(tests: str, tree: Path, seconds: float | None = None) -> int:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *shlex.split(tests)]
    try:
        done = subprocess.run(command, cwd=tree, env=LIKE_CI, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return FAILED  # a test that waits for ever does not pass
    assert done.returncode in (PASSED, FAILED), f"{tests} cannot be run:\n{done.stdout.decode()}"
    return done.returncode


def main(words: list[str]) -> int:
    faults = [fault for fault in EVERY if not words or any(word in str(fault) for word in words)]
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_of_the_tree(Path(folder) / "tree")
        for fault in faults:
            noticed = is_noticed(fault, tree)
            unnoticed += not noticed
            print("noticed  " if noticed else "UNNOTICED", fault, flush=True)
    print(f"{len(faults)} faults, {unnoticed} unnoticed")
    return min(unnoticed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
