"""A server that is killed while it calls: whoever is called gets everything, and can tell what came twice."""

import itertools
import threading

import pytest

from tests.hooks.receiver import receiving
from tests.support.private_postgres import wait_until
from tests.support.servers import UNLIMITED

PATIENCE_SECONDS = 60


@pytest.mark.slow
def test_a_server_killed_in_the_middle_of_a_call_tells_everything_at_least_once_and_in_order(make_server):
    server = make_server(WEBHOOK_NETWORKS="127.0.0.0/8", **UNLIMITED)
    token = server.manage("create_bot", "echo").stdout.strip()
    with receiving() as receiver:
        receiver.secret = server.manage("create_webhook", "echo", receiver.url).stdout.strip()
        all_said = threading.Event()

        def kill_once(handler) -> None:
            all_said.wait(PATIENCE_SECONDS)
            if receiver.texts[-1] == "2" and receiver.texts.count("2") == 1:
                server.kill()

        receiver.meanwhile = kill_once
        with server:
            for number in range(5):
                server.post({"text": f"{number}", "username": "Ada"})
            all_said.set()
            wait_until(lambda: server.process.poll() is not None, PATIENCE_SECONDS, lambda: f"told {receiver.texts}")
            server.start()
            server.post({"text": "5", "username": "Ada"})
            wait_until(lambda: "5" in receiver.texts, PATIENCE_SECONDS, lambda: f"told {receiver.texts}")
    once = [text for text, _ in itertools.groupby(receiver.texts)]
    assert once == ["0", "1", "2", "3", "4", "5"]
    assert receiver.texts.count("2") == 2, "that was on its way"
    assert len(set(receiver.ids)) == 6
    assert receiver.forged == 0
    assert token not in server.log() + receiver.secret
    assert receiver.secret.removeprefix("whsec_") not in server.log()
