"""The documents' commands and the clients that a site serves, as they are used: whole programs at a real server."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright._impl._driver import compute_driver_executable

from tests.support.declared_settings import ROOT
from tests.support.private_postgres import free_port, wait_until
from tests.support.servers import UNLIMITED, Server

pytestmark = [pytest.mark.once, pytest.mark.slow]

PATIENCE_SECONDS = 60
DOCUMENT = (ROOT / "docs/bots.md").read_text()
COMMANDS = "\n".join(re.findall(r"```sh\n(.+?)```", DOCUMENT, re.DOTALL))


@pytest.fixture
def site(new_site) -> Server:
    return new_site


@pytest.fixture
def token(site) -> str:
    return site.manage("create_bot", "echo").stdout.strip()


def ask(site: Server, text: str, **more) -> str:
    answer = site.post({"text": text, "username": "Ada", "botParams": {"processed": False}, **more})
    assert answer.status == 201, answer.text
    return answer.json()["id"]


def answers(site: Server) -> dict[str, str]:
    """By the id of the question."""
    comments = site.get("/api/comments?type=AI&limit=100").json()["comments"]
    return {comment["replyTo"]: comment["text"] for comment in comments}


@contextmanager
def running(command: list, cwd: Path, **env: str):
    """A program and all that it starts."""
    log = (cwd / "log").open("w")
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


def is_answered(site: Server, ids: list[str], folder: Path) -> None:
    def all_are() -> bool:
        return set(ids) <= set(answers(site))

    wait_until(all_are, PATIENCE_SECONDS, lambda: f"not answered:\n{(folder / 'log').read_text()}")


def test_the_commands_of_the_document_do_what_it_says(site, tmp_path):
    """As they stand there, in a folder that looks like the checkout."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    manage = tmp_path / "bin/manage"
    manage.parent.mkdir()
    manage.write_text(f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" manage.py "$@"\n')
    manage.chmod(0o755)
    script = f"set -eu\n{COMMANDS}\necho all is done\nwait\n"
    with running(["bash", "-c", script], tmp_path, **site.env | {"SITE": site.url, "HOOK_PORT": str(free_port())}):
        said = tmp_path / "log"
        wait_until(lambda: "all is done" in said.read_text(), PATIENCE_SECONDS, lambda: said.read_text())
        wait_until(lambda: "Ada says: Is anybody there?" in answers(site).values(), PATIENCE_SECONDS, said.read_text)


def folder_with_client(site: Server, folder: Path, client: str, saved_as: str) -> Path:
    (folder / saved_as).write_bytes(site.get(f"/static/clients/{client}").body)
    for example in (ROOT / "docs/clients").iterdir():
        shutil.copy(example, folder)
    return folder


BOTS = {
    "Python": ("saywhat.py", "saywhat.py", lambda: [sys.executable, "echo.py"]),
    "Python, asyncio": ("saywhat.py", "saywhat.py", lambda: [sys.executable, "echo_async.py"]),
    "Node": ("saywhat.js", "saywhat.mjs", lambda: [compute_driver_executable()[0], "echo.mjs"]),
}


@pytest.mark.parametrize("language", BOTS)
def test_R63_an_echo_bot_answers_each_question_once_also_over_a_restart_of_the_server(language, site, token, tmp_path):
    client, saved_as, command = BOTS[language]
    folder_with_client(site, tmp_path, client, saved_as)
    ids = [ask(site, f"question {n}") for n in range(3)]
    with running(command(), tmp_path, PATH=os.environ["PATH"], SITE=site.url, TOKEN=token):
        is_answered(site, ids, tmp_path)
        site.kill()
        site.start()
        ids.append(ask(site, "question 3"))
        is_answered(site, ids, tmp_path)
    found = answers(site)
    assert [found[id] for id in ids] == [f"Ada says: question {n}" for n in range(4)]
    assert site.get("/api/stats").json()["totalMessages"] == 8


def test_a_hook_is_called_and_takes_what_is_signed_alone(make_server, tmp_path):
    site = make_server(WEBHOOK_NETWORKS="127.0.0.1/32", **UNLIMITED)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    site.manage("create_bot", "echo")
    env = {"PORT": str(port), "SECRET": site.manage("create_webhook", "echo", url, "--feed", "work").stdout.strip()}
    (tmp_path / "saywhat.py").write_bytes((ROOT / "static/clients/saywhat.py").read_bytes())
    shutil.copy(ROOT / "docs/clients/hook.py", tmp_path)
    with running([sys.executable, "hook.py"], tmp_path, **env), site:
        ask(site, "Is it my turn?")
        said = tmp_path / "log"
        wait_until(lambda: "work Is it my turn?" in said.read_text(), PATIENCE_SECONDS, said.read_text)
        forged = Request(url, b'{"type": "work", "data": {"text": "forged"}}', {"webhook-signature": "v1,x"})
        with pytest.raises(HTTPError, match="401"):
            urlopen(forged, timeout=PATIENCE_SECONDS)
    assert "forged" not in said.read_text()


@pytest.mark.parametrize("example", ["echo.py", "echo.mjs", "echo_async.py", "hook.py"])
def test_an_echo_bot_is_short(example):
    assert len((ROOT / "docs/clients" / example).read_text().splitlines()) < 40


class Model(BaseHTTPRequestHandler):
    """Stands in for an endpoint of language models. It answers with what it was asked, or not at all."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], asked))
        self.send_response(self.server.status)
        self.end_headers()
        words = asked["messages"][-1]["content"].upper()
        self.wfile.write(json.dumps({"choices": [{"message": {"content": words}}]}).encode())

    def log_message(self, *args):
        pass


@contextmanager
def model(status: int = 200):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.status, server.asked = status, []
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_R69_a_model_answers_and_when_it_fails_the_next_one_does(site, token, tmp_path):
    folder_with_client(site, tmp_path, "saywhat.py", "saywhat.py")
    with model(status=500) as broken, model() as works:
        models = "\n".join(f"http://127.0.0.1:{server.server_port}/v1 tiny sk-test" for server in (broken, works))
        env = {"PATH": os.environ["PATH"], "SITE": site.url, "TOKEN": token, "MODELS": models}
        with running([sys.executable, "model.py"], tmp_path, **env):
            id = ask(site, "how are you?", context=["Bea: hello"])
            is_answered(site, [id], tmp_path)
    assert answers(site)[id] == "ADA: HOW ARE YOU?"
    (path, key, asked) = works.asked[0]
    assert (path, key, asked["model"]) == ("/v1/chat/completions", "Bearer sk-test", "tiny")
    assert "Bea: hello" in json.dumps(asked["messages"])
    assert len(broken.asked) == 1


def test_R66_what_no_model_answers_is_given_back(site, token, tmp_path):
    folder_with_client(site, tmp_path, "saywhat.py", "saywhat.py")
    with model(status=500) as broken:
        env = {"PATH": os.environ["PATH"], "SITE": site.url, "TOKEN": token}
        with running(
            [sys.executable, "model.py"], tmp_path, MODELS=f"http://127.0.0.1:{broken.server_port} tiny", **env
        ):
            id = ask(site, "how are you?")
            wait_until(lambda: broken.asked, PATIENCE_SECONDS, lambda: "it was not asked")

            def is_given_back() -> bool:
                claimed = site.post({}, f"/api/comments/{id}/claim", authorization=f"Bearer {token}")
                return 0 < int(claimed.headers["Retry-After"] or 0) <= 10

            wait_until(is_given_back, PATIENCE_SECONDS, lambda: "it was kept")
    assert answers(site) == {}
