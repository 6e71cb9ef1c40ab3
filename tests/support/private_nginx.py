"""nginx from deploy/nginx.conf in a temporary folder: only ports and paths are others, and it tells what was kept."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.support.declared_settings import ROOT
from tests.support.private_postgres import wait_until
from tests.support.servers import Server

START_SECONDS = 30
# `X-Cache` is HIT when the answer came from what is kept.
FRAME = """
daemon off;
user root;
worker_processes auto;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/temporary; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    add_header X-Cache $upstream_cache_status always;
    {more}
    {upstream}
    {site}
}}
"""


class PrivateNginx(Server):
    """In front of these servers, with more directives. Requests are made to it as to a server."""

    def __init__(self, program: str, servers: list[Server], more: str = "") -> None:
        super().__init__(Path(tempfile.mkdtemp(prefix="saywhat-nginx-")))
        self.program = program
        self.servers = servers
        self.more = more

    def start(self) -> "PrivateNginx":
        (self.folder / "conf").write_text(
            FRAME.format(folder=self.folder, more=self.more, upstream=self.upstream, site=self.site)
        )
        command = [self.program, "-p", self.folder, "-c", self.folder / "conf", "-e", self.folder / "errors"]
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self.listens, START_SECONDS, lambda: f"nginx does not listen:\n{self.log()}")
        return self

    @property
    def site(self) -> str:
        text = (ROOT / "deploy/nginx.conf").read_text()
        return replaced(
            text,
            ("listen 80;", f"listen 127.0.0.1:{self.port};"),
            ("/var/cache/nginx/saywhat", f"{self.folder}/kept"),
            ("/var/log/nginx/error.log", f"{self.folder}/errors"),
        )

    @property
    def upstream(self) -> str:
        text = (ROOT / "deploy/upstream.conf").read_text()
        if len(self.servers) > 1:
            text = text.replace("# server", "server")
        ports = zip(("127.0.0.1:8000", "127.0.0.1:8001"), self.servers, strict=False)
        return replaced(text, *((example, f"{server.host}:{server.port}") for example, server in ports))

    def remove(self) -> None:
        self._end(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert text.count(old) == 1, f"deploy/ has no single {old!r}"
        text = text.replace(old, new)
    return text
