"""What an idle reader costs on the wire, headers included."""

import re
import socket

import pytest

from tests.support.servers import Server

pytestmark = pytest.mark.once


def raw(server: Server, path: str, *headers: str) -> bytes:
    """An answer as it comes over the line."""
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        asked = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Connection: keep-alive", *headers]
        line.sendall("\r\n".join([*asked, "", ""]).encode())
        answer = line.recv(65536)
        length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
        while b"\r\n\r\n" not in answer or len(answer.partition(b"\r\n\r\n")[2]) < (int(length[1]) if length else 0):
            answer += line.recv(65536)
        return answer


@pytest.mark.parametrize(
    ("path", "phrase"),
    [
        ("/api/changes?after=x", b"422 Unprocessable Content"),
        ("/api/comments/missing", b"404 Not Found"),
        ("/api/comments", b"200 OK"),
    ],
)
def test_a_status_has_the_words_of_the_standard(server, path, phrase):
    assert raw(server, path).startswith(b"HTTP/1.1 " + phrase + b"\r\n")


def test_too_many_posts_are_so_called(start_server):
    server = start_server(POSTS_PER_BURST="1")
    body = b'{"text": "Hello", "username": "Ada"}'
    answers = []
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            head = f"POST /api/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
            line.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
            answers.append(line.recv(65536).splitlines()[0])
    assert answers == [b"HTTP/1.1 201 Created", b"HTTP/1.1 429 Too Many Requests"]


def test_R10_an_idle_poll_is_small_and_not_modified_is_smaller(server):
    cursor = server.post({"text": "Hello", "username": "Ada"}) and server.get("/api/comments").json()["cursor"]
    path = f"/api/changes?after={cursor}"
    idle = raw(server, path, "Accept-Encoding: gzip")
    assert b'"changes":[]' in idle
    assert len(idle) <= 300, idle
    tag = re.search(rb"etag: (\S+)", idle, re.IGNORECASE)[1].decode()
    unchanged = raw(server, path, f"If-None-Match: {tag}")
    assert unchanged.startswith(b"HTTP/1.1 304 Not Modified")
    assert len(unchanged) <= 200, unchanged
