"""Is called by the site, and says what it was told."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from saywhat import verified


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers["Content-Length"]), 1_000_000))
        try:
            message = verified(self.headers, body, os.environ["SECRET"])
        except ValueError:
            return self.send_error(401)
        print(message["type"], message["data"].get("text", ""), flush=True)
        self.send_response(204)
        self.end_headers()


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Hook).serve_forever()
