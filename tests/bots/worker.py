"""A worker that kills itself: `python -m tests.bots.worker URL TOKEN LEASE_SECONDS STEPS`.

A step is half of a request: it has been sent, or its answer has been read. After so many steps, -9: so the server may
have done what the worker never learns of.
"""

import http.client
import json
import os
import signal
import sys
import time
from urllib.parse import urlsplit

PAUSE_SECONDS = 0.2


class Worker:
    def __init__(self, url: str, token: str, lease_seconds: int, steps: int) -> None:
        self.host = urlsplit(url).netloc
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.lease_seconds = lease_seconds
        self.steps = steps

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def ask(self, method: str, path: str, data: dict | None = None) -> tuple[int, dict]:
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path, None if data is None else json.dumps(data), self.headers)
            self.step()
            response = connection.getresponse()
            answer = json.loads(response.read())
            self.step()
            return response.status, answer
        finally:
            connection.close()

    def run(self) -> None:
        while True:
            try:
                self.work()
            except (OSError, http.client.HTTPException, ValueError):  # the server is killed, too
                time.sleep(PAUSE_SECONDS)

    def work(self) -> None:
        for comment in self.ask("GET", "/api/bots/work?limit=5&wait=2")[1].get("work", []):
            path = f"/api/comments/{comment['id']}"
            status, claim = self.ask("POST", f"{path}/claim", {"seconds": self.lease_seconds})
            if status == 200:
                answer = {"lease": claim["lease"], "text": f"answer to {comment['text']}"}
                for _ in range(2):  # as if the first answer had been lost
                    self.ask("POST", f"{path}/reply", answer)


if __name__ == "__main__":
    Worker(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])).run()
