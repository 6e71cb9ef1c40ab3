"""A slow line to a site: the first part of a page comes, and the rest when it is let through."""

import threading
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class SlowLine:
    """Passes on what is asked; of a page, what follows the first `after` waits for `let_through`."""

    def __init__(self, origin: str, after: str):
        self.origin, self.after = origin, after.encode()
        self.let_through = threading.Event()

    @contextmanager
    def opened(self):
        """The address of the line, as long as it stands."""
        pass_on = self.pass_on

        class Passing(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pass_on(self)

            def log_message(self, *args) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Passing) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                self.let_through.set()
                server.shutdown()

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        with urllib.request.urlopen(self.origin + request.path, timeout=10) as answer:
            body, kind = answer.read(), answer.headers["Content-Type"]
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.end_headers()
        if kind.startswith("text/html"):
            first, after, body = body.partition(self.after)
            request.wfile.write(first + after)
            self.let_through.wait(30)
        request.wfile.write(body)
