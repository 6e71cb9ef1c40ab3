"""The site under daphne, which would break off whatever is under way when it is told to stop.

This leans on what daphne does not document: `server_class`, `listen_success`, `kill_all_applications`, `connections`,
the protocol of its `WebSocketFactory` and the name of its `WebRequest`. tests/serving/test_restarts.py and
tests/conformance fail when a new daphne changes one of them.
"""

import asyncio
from collections.abc import Callable

from daphne import http_protocol
from daphne.cli import CommandLineInterface
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import defer

from .leaving import LEAVE_SECONDS, leave

LOOK_SECONDS = 0.05
FLAGS = [
    "--no-server-name",
    *("--websocket-max-message-size", "262144"),  # it limits what daphne sends, too: see comments/api/consumers.py
    *("--http-timeout", "60"),
    *("-v", "0"),  # no access log, which would hold the visitors' addresses
]


class Request(http_protocol.WebRequest):
    """Forms are for the application to read or to refuse: one that is broken Twisted refuses itself, in no words."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options, parsePOSTFormSubmission=False)


class Socket(WebSocketProtocol):
    def serverClose(self, code: int | None = None) -> None:
        """Also with 1012, which autobahn lets no application say."""
        self.sendCloseFrame(code=1000 if code is None else code)


class LeavingServer(Server):
    tell_ready: Callable[[], None]

    def listen_success(self, port: object) -> None:
        super().listen_success(port)
        self.ports = [*getattr(self, "ports", []), port]
        self.tell_ready()

    def kill_all_applications(self) -> defer.Deferred:
        """Before the reactor ends, which waits for this."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._leave()))

    async def _leave(self) -> None:
        for port in getattr(self, "ports", []):
            port.stopListening()
        await leave()
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                while self._is_at_work:
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            pass
        # A request whose body is still on its way has no application yet, and daphne would stumble over that.
        self.connections = {peer: of for peer, of in self.connections.items() if "application_instance" in of}
        await super().kill_all_applications().asFuture(asyncio.get_running_loop())

    @property
    def _is_at_work(self) -> bool:
        applications = [details.get("application_instance") for details in self.connections.values()]
        return any(application and not application.done() for application in applications)


class Interface(CommandLineInterface):
    server_class = LeavingServer


def serve(application: str, fd: int, tell_ready: Callable[[], None]) -> None:
    WebSocketFactory.protocol = Socket
    http_protocol.WebRequest = Request
    LeavingServer.tell_ready = staticmethod(tell_ready)
    Interface().run([*FLAGS, "--fd", str(fd), application])
