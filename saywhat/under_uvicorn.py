"""The site under uvicorn, which leaves without a word lost."""

import socket
from collections.abc import Callable

import uvicorn

from .leaving import LEAVE_SECONDS, leave

FLAGS = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "websockets-sansio",
    "ws_max_size": 4096,
    "ws_per_message_deflate": False,
    "lifespan": "off",
    "log_level": "warning",
    "log_config": None,
    "access_log": False,  # it would hold the visitors' addresses
    "server_header": False,
    "proxy_headers": False,
    "timeout_keep_alive": 60,
    "timeout_graceful_shutdown": LEAVE_SECONDS,
}


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, tell_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.tell_ready = tell_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.tell_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await leave()
        await super().shutdown(sockets)


def serve(application: str, fd: int, tell_ready: Callable[[], None]) -> None:
    config = uvicorn.Config(application, **FLAGS)
    Server(config, tell_ready).run(sockets=[socket.socket(fileno=fd)])
