"""Everything that a town runs: nginx from deploy/, two application servers, PostgreSQL and Redis, each of which may be
taken away and given back."""

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import needs
from tests.support.private_nginx import PrivateNginx
from tests.support.private_postgres import PrivatePostgres, wait_until
from tests.support.private_redis import PrivateRedis
from tests.support.servers import UNLIMITED, Server

WAIT_SECONDS = 120
HOSTS = ("127.0.0.2", "127.0.0.3")
# nginx limits by address. Requests may name one of their own, as behind another proxy; whoever names none has theirs.
VISITORS = "set_real_ip_from 127.0.0.0/8; real_ip_header X-Visitor;"


class AppServer(Server):
    """As bin/serve runs it for a town: processes under uvicorn that can be replaced one after the other."""

    workers = 1

    def __init__(self, host: str, folder: Path, workers: int, **settings: str) -> None:
        self.host, self.workers = host, workers
        super().__init__(folder, **settings)

    def command(self) -> list[str]:
        where = ["--host", self.host, "--port", str(self.port)]
        return [sys.executable, "-m", "saywhat.serve", *where, "--server", "uvicorn", "--workers", str(self.workers)]

    def processes(self) -> set[str]:
        pid = self.process.pid
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())

    def roll(self) -> None:
        """Each process is replaced by a new one; returns when all are."""
        old = self.processes()
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not old & self.processes(), WAIT_SECONDS, lambda: f"They are the old ones:\n{self.log()}")
        wait_until(lambda: len(self.processes()) == self.workers, WAIT_SECONDS, lambda: "They are not as many.")

    def is_up(self) -> bool:
        return self.listens() and self.get("/api/ready").status == 200


@dataclass
class Town:
    postgres: PrivatePostgres
    redis: PrivateRedis
    servers: list[AppServer]
    proxy: PrivateNginx


@contextmanager
def town(workers: int = 1) -> Iterator[Town]:
    with ExitStack() as stack:
        postgres = PrivatePostgres(needs.postgres_programs())
        stack.callback(postgres.stop)
        redis = PrivateRedis(needs.redis_server())
        stack.callback(redis.remove)
        database, hints = postgres.start().create_database("town"), redis.start().url
        settings = {"DATABASE_URL": database, "REDIS_URL": hints, "TRUSTED_PROXIES": "127.0.0.1/32", **UNLIMITED}
        settings |= {"ALLOWED_HOSTS": ",".join(["127.0.0.1", *HOSTS]), "HTTPS": "false"}
        # One of them makes the secret, and both have to have it.
        servers = [AppServer(host, folder_of(stack), workers, SECRET_KEY="x" * 50, **settings) for host in HOSTS]
        servers[0].manage("migrate", "-v0")
        for server in servers:
            stack.callback(server.stop)
            server.start()
        for server in servers:
            wait_until(server.is_up, WAIT_SECONDS, lambda: f"It is not ready:\n{server.log()}")  # noqa: B023
        proxy = PrivateNginx(needs.nginx(), servers, VISITORS)
        stack.callback(proxy.remove)
        yield Town(postgres, redis, servers, proxy.start())


def folder_of(stack: ExitStack) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="saywhat-town-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder
