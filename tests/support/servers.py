"""The product as it is run: a server process with a database of its own, on a free port of 127.0.0.1. It is daphne,
unless another program is asked for."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.declared_settings import ROOT, declared_settings
from tests.support.private_postgres import free_port, wait_until

START_SECONDS = 30
STOP_SECONDS = 30
REQUEST_SECONDS = 60
UNLIMITED = {"POSTS_PER_MINUTE": "1000000", "POSTS_PER_BURST": "1000000", "BOT_POSTS_PER_MINUTE": "1000000"}
# As docs/performance.md gives them; a test compares the two.
UVICORN_FLAGS = (
    "--no-server-header --no-access-log --no-proxy-headers --lifespan off --log-level warning --loop uvloop "
    "--http httptools --ws websockets-sansio --ws-max-size 4096 --ws-per-message-deflate false "
    "--timeout-keep-alive 60"
)
GRANIAN_FLAGS = "--interface asginl --workers 1 --backpressure 16384 --backlog 16384 --no-log"
PROGRAMS = {
    "daphne": "saywhat.serve --host 127.0.0.1 --port",
    "uvicorn": f"uvicorn {UVICORN_FLAGS} --host 127.0.0.1 --port",
    "granian": f"granian {GRANIAN_FLAGS} --host 127.0.0.1 --port",
}


@dataclass
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


def clean_environment() -> dict[str, str]:
    """This process's environment without any setting of ours."""
    return {name: value for name, value in os.environ.items() if name not in declared_settings()}


class Server:
    """`folder` is its VAR_DIR. `settings` are environment variables, as a self-hoster would set them."""

    host = "127.0.0.1"

    def __init__(
        self, folder: Path, program: str = "daphne", application: str = "saywhat.asgi:application", **settings: str
    ):
        self.folder = folder
        self.program = program
        self.application = application
        self.settings = settings
        self.port = free_port()
        self.url = f"http://{self.host}:{self.port}"
        self.env = {**clean_environment(), "PYTHONUNBUFFERED": "1", "VAR_DIR": str(folder), **settings}
        self.process = None
        self.is_frozen = False

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *exception) -> None:
        self.stop()

    def twin(self) -> "Server":
        """Another process over the same database, with the same settings; not yet started."""
        return Server(self.folder, self.program, self.application, **self.settings)

    # The process

    def start(self) -> "Server":
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until(self.listens, START_SECONDS, lambda: f"The server does not listen:\n{self.log()}")
        return self

    def command(self) -> list[str]:
        return [sys.executable, "-m", *PROGRAMS[self.program].split(), str(self.port), self.application]

    def listens(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"The server ended with {self.process.returncode}:\n{self.log()}")
        with socket.socket() as probe:
            return probe.connect_ex((self.host, self.port)) == 0

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would: nothing is told, nothing is finished."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """It takes connections, and says nothing."""
        self.is_frozen = True
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self.is_frozen:
            self.is_frozen = False
            self.process.send_signal(signal.SIGCONT)

    def _end(self, with_signal: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.thaw()
            self.process.send_signal(with_signal)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise

    @property
    def log_path(self) -> Path:
        return self.folder / "server.log"

    def log(self) -> str:
        """All that it has written to stdout and stderr, earlier starts included."""
        return self.log_path.read_text()

    def manage(self, *arguments: str, input: str | bytes | None = None, check: bool = True):
        """Run manage.py against its database; the CompletedProcess, with text unless `input` is bytes."""
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=self.env,
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=not isinstance(input, bytes),
        )
        assert not check or done.returncode == 0, f"manage.py {arguments} ended with {done.returncode}: {done.stderr}"
        return done

    # Requests. A header is named as a Python argument: x_forwarded_for="…". Every loopback address is another
    # visitor: pass address="127.0.0.2".

    def get(self, path: str, address: str = "127.0.0.1", **headers: str) -> Response:
        return self.request("GET", path, address=address, **headers)

    def post(self, data, path: str = "/api/comments", address: str = "127.0.0.1", **headers: str) -> Response:
        return self.request("POST", path, data, address=address, **headers)

    def patch(self, path: str, data, address: str = "127.0.0.1", **headers: str) -> Response:
        return self.request("PATCH", path, data, address=address, **headers)

    def request(self, method: str, path: str, data=None, address: str = "127.0.0.1", **headers: str) -> Response:
        """`data` is sent as JSON, unless it is bytes already."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if data is not None:
            data = data if isinstance(data, bytes) else json.dumps(data).encode()
            headers = {"Content-Type": "application/json", **{name.title(): headers[name] for name in headers}}
        connection = http.client.HTTPConnection(
            self.host, self.port, timeout=REQUEST_SECONDS, source_address=(address, 0)
        )
        try:
            connection.request(method, path, body=data, headers=headers)
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()
