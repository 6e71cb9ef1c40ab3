"""Several server processes behind one listening socket, and what becomes of them.

One that dies is started again, later and later if it dies again and again. On SIGHUP they are replaced one after the
other: each new one is up before its old one is told to leave. They end with this process, however it ends.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from prometheus_client.multiprocess import mark_process_dead

LOOK_SECONDS = 1.0
START_SECONDS = 60.0
STOP_SECONDS = 25.0  # more than a post may wait for its turn on SQLite, less than systemd waits
STEADY_SECONDS = 10.0  # one that has lived for so long was not ill from birth
MOST_SECONDS = 60.0  # between two starts
STOP, RELOAD = b"s", b"r"
MEASURED = "PROMETHEUS_MULTIPROC_DIR"
SIGNALS = {signal.SIGINT: STOP, signal.SIGTERM: STOP, signal.SIGHUP: RELOAD}


class Worker:
    def __init__(self, command: list[str], inherited: list[int]) -> None:
        self.ready, tell = os.pipe()
        self.started = time.monotonic()
        self.told_ready: bool | None = None  # not yet known
        self.is_mourned = False  # its end has been told
        command = [sys.executable, "-m", "saywhat.worker", "--ready", str(tell), *command]
        self.process = subprocess.Popen(command, pass_fds=[*inherited, tell])
        os.close(tell)

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def came_up(self) -> bool | None:
        """None as long as it may yet."""
        if self.told_ready is None and select.select([self.ready], [], [], 0)[0]:
            self.told_ready = os.read(self.ready, 1) != b""
        return self.told_ready

    @property
    def was_steady(self) -> bool:
        return bool(self.came_up) and time.monotonic() - self.started > STEADY_SECONDS

    def forget(self) -> None:
        os.close(self.ready)
        mark_process_dead(self.process.pid, os.environ[MEASURED])


class Workers:
    """`prepare` is called before they are replaced, and says whether that makes sense."""

    def __init__(self, count: int, command: list[str], listening: int, prepare: Callable[[], bool]) -> None:
        os.environ[MEASURED] = tempfile.mkdtemp(prefix="saywhat-metrics-")  # where they put what /metrics adds up
        # Only this process holds the other end, so it is closed when this process ends, whatever ends it.
        self.lifeline, _ = os.pipe()
        self.command = ["--lifeline", str(self.lifeline), *command]
        self.inherited = [listening, self.lifeline]
        self.prepare = prepare
        # A signal may come at any instruction: a handler that took a lock could wait for what it has interrupted.
        self.told, tell = os.pipe()
        for number, what in SIGNALS.items():
            signal.signal(number, lambda *_, what=what: os.write(tell, what))
        self.deaths = 0  # one after the other, of those that were not steady
        self.not_before = 0.0  # is another one started
        self.is_told_to_stop = False
        self.running = [self.start() for _ in range(count)]

    def start(self) -> Worker:
        return Worker(self.command, self.inherited)

    def run(self) -> None:
        while not self.is_told_to_stop:
            if self.wait(LOOK_SECONDS) == RELOAD:
                self.replace_all()
            self.replace_the_dead()
        self.stop(*self.running)
        shutil.rmtree(os.environ[MEASURED], ignore_errors=True)

    def wait(self, seconds: float, *others: int) -> bytes:
        """What a signal has told; nothing, if the time is up or one of the others has something to say."""
        if self.told not in select.select([self.told, *others], [], [], seconds)[0]:
            return b""
        what = os.read(self.told, 1)
        self.is_told_to_stop |= what == STOP
        return what

    def replace_the_dead(self) -> None:
        for index, worker in enumerate(self.running):
            if worker.has_ended and not worker.is_mourned:
                self.mourn(worker)
            if worker.is_mourned and time.monotonic() >= self.not_before:
                worker.forget()
                self.running[index] = self.start()

    def mourn(self, worker: Worker) -> None:
        """What is ill for good need not keep the machine busy."""
        worker.is_mourned = True
        self.deaths = 0 if worker.was_steady else self.deaths + 1
        seconds = min(MOST_SECONDS, 2.0 ** (self.deaths - 2)) if self.deaths > 1 else 0.0
        self.not_before = time.monotonic() + seconds
        said = f"A worker ended with {worker.process.returncode}: starting another"
        say(f"{said} in {seconds:.0f} s, for {self.deaths} have died at once." if seconds else f"{said}.")

    def replace_all(self) -> None:
        say("Told to start anew: the processes are replaced one after the other.")
        if not self.prepare():
            say("That does not work: the old processes stay.")
            return
        for index, old in enumerate(self.running):
            new = self.start()
            if not self.comes_up(new):
                self.stop(new)
                say("A new process did not come up: the old ones that are left stay.")
                return
            self.running[index] = new
            self.stop(old)
        self.deaths = 0

    def comes_up(self, worker: Worker) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while (left := deadline - time.monotonic()) > 0 and not self.is_told_to_stop:
            if worker.came_up is not None:
                return worker.came_up
            self.wait(left, worker.ready)
        return False

    def stop(self, *workers: Worker) -> None:
        for worker in workers:
            worker.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for worker in workers:
            try:
                worker.process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say("A worker does not stop: killing it.")
                worker.process.kill()
                worker.process.wait()
            worker.forget()


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
