"""What takes seconds to make and is the same for all tests, made by the first process of a run that needs it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


def filled_once(base: Path, name: str, fill: Callable[[Path], object]) -> Path:
    """A folder that one worker of this run fills, while the others wait for it."""
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir(exist_ok=True)
            fill(folder)
            done.touch()
    return folder
