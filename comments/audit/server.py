"""A server of the audit's own: as bin/serve would start it, on a free port, with a folder that is thrown away."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .run import ROOT, AuditFailed

START_SECONDS = 60
STOP_SECONDS = 30
OF_THE_SITE = ["ALLOWED_HOSTS", "HTTPS", "TRUSTED_PROXIES", "TRUSTED_BOT_NETWORKS", "DATABASE_URL", "REDIS_URL"]
UNLIMITED = {"POSTS_PER_MINUTE": "1000000", "POSTS_PER_BURST": "1000000", "HOLD_COMMENTS": "false"}


@contextmanager
def own_servers(count: int, database_url: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """The URLs of so many processes over one database, which is SQLite if none is named; and their environment."""
    folder = Path(tempfile.mkdtemp(prefix="saywhat-audit-server-"))
    env = {name: value for name, value in os.environ.items() if name not in OF_THE_SITE}
    env |= UNLIMITED | {"VAR_DIR": str(folder)} | ({"DATABASE_URL": database_url} if database_url else {})
    processes = []
    try:
        migrate(env)
        ports = [free_port() for _ in range(count)]
        processes += [start(port, env, folder) for port in ports]
        for port, process in zip(ports, processes, strict=True):
            wait_for(port, process, folder)
        yield [f"http://127.0.0.1:{port}" for port in ports], env
    finally:
        for process in processes:
            stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def migrate(env: dict[str, str]) -> None:
    manage(env, "migrate", "--verbosity", "0")


def bots_token(env: dict[str, str]) -> str:
    return manage(env, "create_bot", "audit", "--posts-per-minute", "1000000").strip()


def manage(env: dict[str, str], *arguments: str) -> str:
    """What the command prints."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise AuditFailed(f"The database could not be prepared: {done.stderr}")
    return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(port: int, env: dict[str, str], folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "saywhat.serve", "--port", str(port)]
    with (folder / "server.log").open("a") as log:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def wait_for(port: int, process: subprocess.Popen, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AuditFailed(f"The server did not start: {(folder / 'server.log').read_text()}")


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
