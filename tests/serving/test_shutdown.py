"""A server that is told to stop does so, whatever its visitors are doing."""

import random
import socket

import pytest

from tests.support.servers import Server

REQUESTS = 30

pytestmark = [pytest.mark.once, pytest.mark.slow]


def begin_request(server: Server, path: str) -> socket.socket:
    visitor = socket.create_connection(("127.0.0.1", server.port))
    visitor.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return visitor


@pytest.mark.parametrize("seed", range(3))
def test_it_ends_in_the_middle_of_requests_some_of_which_were_broken_off(start_server, seed):
    """A cancelled request must not leave its thread waiting for ever: Python waits for all threads at the end."""
    dice = random.Random(seed)
    server = start_server()
    visitors = []
    for _ in range(REQUESTS):
        visitor = begin_request(server, dice.choice(["/", "/api/changes?after=0", "/api/comments"]))
        if dice.random() < 0.7:
            server.get("/api/comments/health")  # meanwhile, the request gets somewhere
            visitor.close()
        visitors.append(visitor)
    server.stop()  # raises if it does not end
    for visitor in visitors:
        visitor.close()
