"""A Redis server of the tests' own: a free port of 127.0.0.1, nothing kept."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from tests.support.private_postgres import free_port, wait_until

START_SECONDS = 20


class PrivateRedis:
    """Runs from `start()` to `stop()`, and may be started again."""

    def __init__(self, program: str):
        self.program = program
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.folder = Path(tempfile.mkdtemp(prefix="saywhat-redis-"))
        self.process = None

    def start(self) -> "PrivateRedis":
        options = {"bind": "127.0.0.1", "port": str(self.port), "save": "", "appendonly": "no"}
        self.process = subprocess.Popen(
            [self.program, *(word for name, value in options.items() for word in (f"--{name}", value))],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"]},
            start_new_session=True,
        )
        wait_until(self.listens, START_SECONDS, lambda: "Redis did not start")
        return self

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(START_SECONDS)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
