"""Plants the faults in a copy of the tree, one after the other, and runs the tests that must notice each of them.

With words, only those faults whose name or file has one of them: `bin/mutate planted hints "the tick"`.
"""

import shlex
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from . import bots, page, server, town
from .fault import Fault, copy_of_the_tree, planted

TIME_LIMIT_SECONDS = 300
PASSED, FAILED = 0, 1  # by pytest's exit status


@cache
def passes(tests: str, tree: Path) -> bool:
    """Without a fault."""
    return run(tests, tree) == PASSED


def is_noticed(fault: Fault, tree: Path) -> bool:
    assert passes(fault.tests, tree), f"{fault.tests} fail without any fault"
    with planted(fault, tree):
        return run(fault.tests, tree) == FAILED


def run(tests: str, tree: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *shlex.split(tests)]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, timeout=TIME_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        return FAILED  # a test that waits for ever does not pass
    assert done.returncode in (PASSED, FAILED), f"{tests} cannot be run:\n{done.stdout.decode()}"
    return done.returncode


def main(words: list[str]) -> int:
    every = (*server.FAULTS, *bots.FAULTS, *page.FAULTS, *town.FAULTS)
    faults = [fault for fault in every if not words or any(word in str(fault) for word in words)]
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
