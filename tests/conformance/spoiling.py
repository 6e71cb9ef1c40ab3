"""A server that is wrong in one way: what the real one answers, spoiled on its way."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

# "method", "path", "sent" and "headers" as asked; then "status", "body" and "headers" as answered. Bodies are JSON or
# None, and "raw" is the latest as bytes; the names of headers are in lower case. "hear" says what a WebSocket's server
# hears of what its reader says.
Exchange = dict
Spoil = Callable[[Exchange], None]
OF_THE_HOP = ("host", "content-length", "transfer-encoding", "connection")


@contextmanager
def spoiled(url: str, before: Spoil | None = None, after: Spoil | None = None) -> Iterator[str]:
    """The address of the proxy. `before` changes what is asked, `after` what is answered."""

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = {"method": self.command, "path": self.path, "headers": headers, "sent": parsed(sent), "raw": sent}
            spoil(asked, "sent", before)
            if headers.get("upgrade") == "websocket":
                return self.tunnel(asked)
            exchange = asked | fetched(url, asked)
            spoil(exchange, "body", after)
            self.answer(exchange)

        def answer(self, exchange: Exchange) -> None:
            self.send_response(exchange["status"])
            headers = {"content-length": str(len(exchange["raw"])), **exchange["headers"]}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(exchange["raw"])

        def tunnel(self, asked: Exchange) -> None:
            """A WebSocket: of what the server tells, only the handshake can be spoiled."""
            self.close_connection = True
            headers = "".join(f"{name}: {value}\r\n" for name, value in asked["headers"].items())
            with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)) as server:
                server.sendall(f"GET {asked['path']} HTTP/1.1\r\n{headers}\r\n".encode())
                hear = asked.get("hear", all_of_it)
                Thread(target=pump, args=[self.connection, server, hear], daemon=True).start()
                pump(server, self.connection)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_OPTIONS = do_HEAD = pass_on

        def log_message(self, *args) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def spoil(exchange: Exchange, name: str, how: Spoil | None) -> None:
    """The bytes of a body stay as they came, unless it is spoiled."""
    original = json.dumps(exchange[name])
    if how:
        how(exchange)
    if json.dumps(exchange[name]) != original:
        exchange["raw"] = json.dumps(exchange[name]).encode()


def fetched(url: str, asked: Exchange) -> Exchange:
    kept = {name: value for name, value in asked["headers"].items() if name not in OF_THE_HOP}
    kept.setdefault("accept-encoding", "identity")
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request(asked["method"], asked["path"], asked["raw"] or None, kept)
        said = connection.getresponse()
        raw = said.read()
        told = {name.lower(): value for name, value in said.getheaders()}
        dropped = OF_THE_HOP[2:] if asked["method"] == "HEAD" else OF_THE_HOP
        told = {name: value for name, value in told.items() if name not in dropped}
        return {"status": said.status, "headers": told, "raw": raw, "body": parsed(raw)}
    finally:
        connection.close()


def all_of_it(data: bytes) -> bytes:
    return data


def pump(source: socket.socket, sink: socket.socket, hear: Callable[[bytes], bytes] = all_of_it) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(hear(data))
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def parsed(body: bytes):
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
