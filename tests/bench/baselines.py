"""Bare ASGI applications: the least that a server can be asked to do for the same work."""

import os
from pathlib import Path

JSON = (b"content-type", b"application/json")
IDLE = b'{"after":0,"cursor":0,"changes":[],"hasMore":false,"pollAfterMs":4000}'


def answering(body: bytes):
    """An application that gives the same answer to everything."""
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [JSON, (b"content-length", b"%d" % len(body))],
    }
    rest = {"type": "http.response.body", "body": body}

    async def application(scope, receive, send):
        await send(start)
        await send(rest)

    return application


constant = answering(IDLE)


async def same_bytes(scope, receive, send):
    """Sends the file that BODY names."""
    await SAME_BYTES(scope, receive, send)


SAME_BYTES = answering(Path(os.environ["BODY"]).read_bytes()) if "BODY" in os.environ else constant

sockets = set()


async def fan_out(scope, receive, send):
    """Sends what is posted to every socket."""
    if scope["type"] == "websocket":
        await hold(receive, send)
        return
    frame = {"type": "websocket.send", "text": (await receive())["body"].decode()}
    for send_to_socket in list(sockets):
        await send_to_socket(frame)
    await constant(scope, receive, send)


async def hold(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    sockets.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    sockets.discard(send)
