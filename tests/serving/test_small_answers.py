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
