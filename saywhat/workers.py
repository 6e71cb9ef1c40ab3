"""Several server processes on one port: `python -m saywhat.workers COUNT HOST PORT [daphne's options]`.

They share the listening socket, so the kernel gives each connection to one that is free. One that dies is started
again; when this process is told to stop, so are they.
"""

import os
import signal
import socket
import subprocess
import sys
import time

BACKLOG = 1024
RESTART_SECONDS = 1.0


class Workers:
    def __init__(self, count: int, host: str, port: int, options: list[str]) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self.options = options
        self.stopping = False
        self.running = [self.start() for _ in range(count)]

    def start(self) -> subprocess.Popen:
        number = self.socket.fileno()
        command = [sys.executable, "-m", "daphne", *self.options, "--fd", str(number), "saywhat.asgi:application"]
        return subprocess.Popen(command, pass_fds=[number])

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        while not self.stopping:
            time.sleep(RESTART_SECONDS)
            for index, worker in enumerate(self.running):
                if worker.poll() is not None and not self.stopping:
                    print(f"A worker ended with {worker.returncode}: starting another.", file=sys.stderr, flush=True)
                    self.running[index] = self.start()
        for worker in self.running:
            worker.wait()

    def stop(self, *signal_and_frame) -> None:
        self.stopping = True
        for worker in self.running:
            if worker.poll() is None:
                worker.terminate()


if __name__ == "__main__":
    count, host, port, *options = sys.argv[1:]
    if not os.environ.get("REDIS_URL"):
        print(
            f"{count} processes without REDIS_URL: a comment posted in one shows in the others within a second, "
            "not at once.",
            file=sys.stderr,
            flush=True,
        )
    Workers(int(count), host, int(port), options).run()
