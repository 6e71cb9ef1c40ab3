"""A server that is wrong in one way: what the real one answers, spoiled on its way."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

Exchange = dict  # "method", "path" and "sent" as asked; "status" and "body" as answered; "headers" of both
Spoil = Callable[[Exchange], None]


@contextmanager
def spoiled(url: str, before: Spoil | None = None, after: Spoil | None = None) -> Iterator[str]:
    """The address of the proxy. `before` changes what is asked, `after` what is answered; bodies are JSON or None."""

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = {"method": self.command, "path": self.path, "sent": parsed(sent)}
            original = json.dumps(asked["sent"])
            if before:
                before(asked)
            if json.dumps(asked["sent"]) != original:
                sent = json.dumps(asked["sent"]).encode()
            exchange = asked | fetched(url, asked["method"], asked["path"], sent, dict(self.headers))
            if after:
                after(exchange)
            self.answer(exchange)

        def answer(self, exchange: Exchange) -> None:
            body = exchange["raw"] if exchange["body"] is None else json.dumps(exchange["body"]).encode()
            self.send_response(exchange["status"])
            for name, value in exchange["headers"].items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = pass_on

        def log_message(self, *args) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def fetched(url: str, method: str, path: str, sent: bytes, headers: dict) -> Exchange:
    kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length")}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request(method, path, sent or None, kept)
        said = connection.getresponse()
        raw = said.read()
        dropped = ("content-length", "transfer-encoding", "connection")
        told = {name: value for name, value in said.getheaders() if name.lower() not in dropped}
        return {"status": said.status, "headers": told, "raw": raw, "body": parsed(raw)}
    finally:
        connection.close()


def parsed(body: bytes):
    try:
        return json.loads(body)
    except ValueError:
        return None
