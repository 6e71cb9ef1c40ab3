"""Somebody who is called: it checks each signature, as docs/bots.md does, and keeps what came."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Receiver:
    """Answers with `status`, after what `meanwhile` does; `came` has the messages with their ids."""

    port: int = 0
    address: str = "127.0.0.1"
    secret: str = ""
    status: int = 200
    came: list[tuple[str, dict]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    forged: int = 0

    def meanwhile(self, handler: BaseHTTPRequestHandler) -> None:
        pass

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [id for id, _ in self.came]

    @property
    def texts(self) -> list[str]:
        return [message["data"].get("text", "") for _, message in self.came]

    def take(self, headers, body: bytes) -> None:
        if not is_signed(headers, body, self.secret):
            self.forged += 1
        self.headers.append({name.lower(): value for name, value in headers.items()})
        self.bodies.append(body)
        self.came.append((headers["webhook-id"], json.loads(body)))


def is_signed(headers, body: bytes, secret: str) -> bool:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(
        hmac.compare_digest(signature, f"v1,{expected}") for signature in headers["webhook-signature"].split(" ")
    )


@contextmanager
def receiving(address: str = "127.0.0.1", port: int = 0) -> Iterator[Receiver]:
    receiver = Receiver(address=address)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.paths.append(self.path)
            receiver.take(self.headers, body)
            receiver.meanwhile(self)
            try:
                self.send_response(receiver.status)
                if 300 <= receiver.status < 400:
                    self.send_header("Location", f"http://{address}:{receiver.port}/elsewhere")
                self.end_headers()
            except OSError:
                pass  # nobody waits any more

        do_GET = do_POST

        def log_message(self, *args) -> None:
            pass

    with ThreadingHTTPServer((address, port), Handler) as server:
        server.daemon_threads = True
        receiver.port = server.server_port
        Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield receiver
        server.shutdown()
