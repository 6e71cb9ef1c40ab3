"""Serves the site with daphne, as bin/serve does: `python -m saywhat.serve --port 8000 --workers 2`.

One process becomes daphne. Several share the listening socket, so the kernel gives each connection to one that is
free; one that dies is started again, and they end with this process, however it ends (see `saywhat.worker`).
"""

import argparse
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"
BACKLOG = 1024  # connections that wait to be taken: after a restart all readers come at once
RESTART_SECONDS = 1.0
STOP_SECONDS = 25.0  # more than a post may wait for its turn on SQLite, less than systemd waits
DAPHNE = [
    "--no-server-name",
    *("--websocket-max-message-size", "262144"),  # it limits what daphne sends, too: see comments/api/consumers.py
    *("--http-timeout", "60"),
    *("-v", "0"),  # no access log, which would hold the visitors' addresses
]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="saywhat.serve", description="Serves Say What Want.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="how many processes (1)")
    parser.add_argument("--prepare", action="store_true", help="migrate and collect static files before serving")
    parser.add_argument("application", nargs="?", default="saywhat.asgi:application")
    return parser.parse_args()


def listen(host: str, port: int) -> socket.socket:
    try:
        family, *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        sys.exit(f"Cannot listen on {host}, port {port} ({error}): choose another port, as in PORT=8001 bin/serve")
    listening.set_inheritable(True)
    return listening


def prepare() -> None:
    """The port is taken by now, so nothing is done in vain; whoever comes meanwhile waits in the backlog."""
    for command in (["migrate"], ["collectstatic", "--no-input"]):
        done = subprocess.run([sys.executable, MANAGE, *command, "--verbosity", "0"])
        if done.returncode:
            sys.exit(done.returncode)


class Workers:
    def __init__(self, count: int, application: list[str], listening: socket.socket) -> None:
        self.listening = listening
        # Only this process holds the other end, so it is closed when this process ends, whatever ends it.
        self.lifeline, _ = os.pipe()
        self.command = [sys.executable, "-m", "saywhat.worker", str(self.lifeline), *application]
        # A signal may come at any instruction: a handler that took a lock could wait for what it has interrupted.
        self.told_to_stop, tell = os.pipe()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *signal_and_frame: os.write(tell, b"."))
        self.running = [self.start() for _ in range(count)]

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(self.command, pass_fds=[self.listening.fileno(), self.lifeline])

    def run(self) -> None:
        while not select.select([self.told_to_stop], [], [], RESTART_SECONDS)[0]:
            self.replace_the_dead()
        self.stop()

    def replace_the_dead(self) -> None:
        for index, worker in enumerate(self.running):
            if worker.poll() is not None:
                say(f"A worker ended with {worker.returncode}: starting another.")
                self.running[index] = self.start()

    def stop(self) -> None:
        for worker in self.running:
            worker.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self.running:
            try:
                worker.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say("A worker does not stop: killing it.")
                worker.kill()
                worker.wait()


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    asked = options()
    listening = listen(asked.host, asked.port)
    if asked.prepare:
        prepare()
    shown = f"[{asked.host}]" if ":" in asked.host else asked.host
    say(f"Say What Want is at http://{shown}:{asked.port} (Ctrl-C stops it).")
    say("To create a moderator: bin/manage create_moderator NAME")
    application = [*DAPHNE, "--fd", str(listening.fileno()), asked.application]
    if asked.workers == 1:
        os.execv(sys.executable, [sys.executable, "-m", "daphne", *application])
    if not os.environ.get("REDIS_URL"):
        say(
            f"{asked.workers} processes without REDIS_URL: a comment posted in one shows in the others within a "
            "second, not at once."
        )
    Workers(asked.workers, application, listening).run()


if __name__ == "__main__":
    main()
