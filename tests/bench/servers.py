"""The servers that are measured, on their own core: the product, and bare applications under the same program."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import cores
from tests.bench.databases import stream_of
from tests.support.servers import Server

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Bench:
    """How to measure: under which program, for how long at a time, and with which part of the crowds."""

    program: str
    seconds: float = 4
    part: float = 1

    def crowd(self, full: int) -> int:
        return round(full * self.part)

    @contextmanager
    def site(self, stream: int | Path, **settings: str) -> Iterator[Server]:
        """The product, over a stream of so many comments or over the one in this folder."""
        folder = stream if isinstance(stream, Path) else stream_of(stream)
        with cores.on(cores.FOR_SERVERS):
            server = Server(folder, self.program, **settings).start()
        try:
            assert server.get("/api/comments").status == 200  # and its tail is loaded
            yield server
        finally:
            server.stop()

    @contextmanager
    def bare(self, application: str, **settings: str) -> Iterator[Server]:
        with TemporaryDirectory() as folder, cores.on(cores.FOR_SERVERS):
            server = Server(Path(folder), self.program, f"tests.bench.{application}", **settings).start()
            try:
                server.get("/")  # it listens before it has begun: its first round must not pay for that
                with cores.on(cores.FOR_LOAD):
                    yield server
            finally:
                end(server)


def end(server: Server) -> None:
    """A baseline has nothing to finish; under daphne, Django's threads that keep a connection keep it from ending."""
    for child in processes(server)[1:]:
        os.kill(int(child.name), signal.SIGKILL)
    server.kill()


def head(server: Server) -> int:
    """The cursor of a reader who has seen everything."""
    return json.loads(server.get("/api/stats").body)["cursor"]


def processes(server: Server) -> list[Path]:
    """In /proc: the process and its children. granian's work is done by a child."""
    found = [Path(f"/proc/{server.process.pid}")]
    for process in found:
        children = (process / f"task/{process.name}/children").read_text().split()
        found += [Path(f"/proc/{child}") for child in children]
    return found


def total(server: Server, name: str) -> int:
    """A number of /proc/PID/status, summed: "VmRSS" in KB, "Threads"."""
    lines = [line for process in processes(server) for line in (process / "status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def cpu_ms(server: Server) -> float:
    """User and system time of its processes."""
    fields = [(process / "stat").read_text().rpartition(")")[2].split() for process in processes(server)]
    return sum(int(found[11]) + int(found[12]) for found in fields) * 1000 / TICKS
