"""Serves the site with daphne, as bin/serve does: `python -m saywhat.serve --port 8000 --workers 2`.

One process becomes daphne. Several share the listening socket, so the kernel gives each connection to one that is
free; one that dies is started again, and when this process is told to stop, so are they.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
from threading import Event

BACKLOG = 1024  # connections that wait to be taken: after a restart all readers come at once
RESTART_SECONDS = 1.0
DAPHNE = [
    *(sys.executable, "-m", "daphne"),
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


class Workers:
    def __init__(self, count: int, command: list[str], listening: socket.socket) -> None:
        self.command = command
        self.listening = listening
        self.told_to_stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *signal_and_frame: self.told_to_stop.set())
        self.running = [self.start() for _ in range(count)]

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(self.command, pass_fds=[self.listening.fileno()])

    def run(self) -> None:
        while not self.told_to_stop.wait(RESTART_SECONDS):
            self.replace_the_dead()
        for worker in self.running:
            worker.terminate()
        for worker in self.running:
            worker.wait()

    def replace_the_dead(self) -> None:
        for index, worker in enumerate(self.running):
            if worker.poll() is not None:
                say(f"A worker ended with {worker.returncode}: starting another.")
                self.running[index] = self.start()


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    asked = options()
    listening = listen(asked.host, asked.port)
    shown = f"[{asked.host}]" if ":" in asked.host else asked.host
    say(f"Say What Want is at http://{shown}:{asked.port} (Ctrl-C stops it).")
    say("To create a moderator: bin/manage create_moderator NAME")
    command = [*DAPHNE, "--fd", str(listening.fileno()), asked.application]
    if asked.workers == 1:
        os.execv(command[0], command)
    if not os.environ.get("REDIS_URL"):
        say(
            f"{asked.workers} processes without REDIS_URL: a comment posted in one shows in the others within a "
            "second, not at once."
        )
    Workers(asked.workers, command, listening).run()


if __name__ == "__main__":
    main()
