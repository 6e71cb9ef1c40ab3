"""Serves the site, as bin/serve does: `python -m saywhat.serve --port 8000 --workers 2 --server uvicorn`.

One process of daphne takes the place of this one. All others share the listening socket, so the kernel gives each
connection to one that is free, and this process looks after them: see `saywhat.workers`.
"""

import argparse
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

from .worker import SERVERS
from .workers import Workers, say

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"
ENOUGH_FILES = 10_500  # each reader that waits holds one; ten thousand and some of our own
BACKLOG = 1024  # connections that wait to be taken: after a restart all readers come at once


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="saywhat.serve", description="Serves Say What Want.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="how many processes (1)")
    parser.add_argument("--server", choices=SERVERS, default="daphne")
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


def prepare() -> bool:
    """The port is taken by now, so nothing is done in vain; whoever comes meanwhile waits in the backlog."""
    commands = (["migrate"], ["collectstatic", "--no-input"])
    return all(not subprocess.run([sys.executable, MANAGE, *command, "-v0"]).returncode for command in commands)


def nothing_to_prepare() -> bool:
    return True


def open_files() -> None:
    """As many as may be, also for the processes that are started; said if those are few for a crowd."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most != resource.RLIM_INFINITY and most < ENOUGH_FILES:
        say(
            f"This system lets a process open {most} files, and each reader who waits takes one: for more than about "
            f"{most * 9 // 10} raise that (ulimit -Hn, or LimitNOFILE= in the systemd unit)."
        )


def greet(asked: argparse.Namespace) -> None:
    shown = f"[{asked.host}]" if ":" in asked.host else asked.host
    say(f"Say What Want is at http://{shown}:{asked.port} (Ctrl-C stops it).")
    say("To create a moderator: bin/manage create_moderator NAME")
    if asked.workers > 1 and not os.environ.get("REDIS_URL"):
        say(
            f"{asked.workers} processes without REDIS_URL: a comment posted in one shows in the others within a "
            "second, not at once."
        )


def main() -> None:
    asked = options()
    open_files()
    listening = listen(asked.host, asked.port)
    if asked.prepare and not prepare():
        sys.exit(1)
    greet(asked)
    command = ["--server", asked.server, "--fd", str(listening.fileno()), asked.application]
    if asked.workers == 1 and asked.server == "daphne":
        os.execv(sys.executable, [sys.executable, "-m", "saywhat.worker", *command])
    Workers(asked.workers, command, listening.fileno(), prepare if asked.prepare else nothing_to_prepare).run()


if __name__ == "__main__":
    main()
