"""nginx as deploy/nginx.conf has it, before two servers over one database: what it keeps and what never, whom it
limits, and what it says when nobody is left behind it."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support import needs
from tests.support.private_nginx import PrivateNginx
from tests.support.private_postgres import wait_until
from tests.support.servers import Response, Server

WAIT_SECONDS = 30
HELLO = {"text": "Hello", "username": "Ada"}
KEPT = {"HIT", "STALE", "UPDATING"}

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture(scope="module")
def proxy(make_server):
    """In front of two servers, on their way since the module's first test."""
    with in_front_of_two(make_server("sqlite", TRUSTED_PROXIES="127.0.0.1/32")) as proxy:
        yield proxy


@contextmanager
def in_front_of_two(first: Server) -> Iterator[PrivateNginx]:
    program = needs.nginx() or needs.without("nginx")
    with first, first.twin() as second:
        proxy = PrivateNginx(program, [first, second])
        try:
            yield proxy.start()
        finally:
            proxy.remove()


def cache(response: Response) -> str:
    return response.headers.get("X-Cache", "")


def fresh(proxy: PrivateNginx) -> dict:
    return proxy.get("/api/comments?fresh=true").json()


def is_refused(response: Response, status: int, code: str) -> bool:
    return (response.status, response.json()["code"]) == (status, code)


def test_the_site_is_told_by_its_name_from_the_page_that_a_system_brings_along(proxy):
    shared = PrivateNginx(proxy.program, proxy.servers)
    shared.more = f"server {{ listen 127.0.0.1:{shared.port} default_server; server_name _; return 418; }}"
    try:
        shared.start()
        asked = {host: shared.get("/api/comments", host=host).status for host in ("chat.example", "other.example")}
    finally:
        shared.remove()
    assert asked == {
        "chat.example": 400,
        "other.example": 418,
    }  # 400: it was not told of its name


@pytest.mark.parametrize("path", ["/api/comments?limit=7", "/api/changes?after=0", "/api/comments?after=0"])
def test_who_asks_what_others_have_asked_in_this_second_gets_their_answer(proxy, path):
    began = time.monotonic()
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(lambda _: proxy.get(path), range(60)))
    elapsed = time.monotonic() - began
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    asked = sum(count for name, count in Counter(map(cache, answers)).items() if name not in KEPT)
    assert 1 <= asked <= 2 * (1 + elapsed)


NEVER = {
    "the table itself": ("/api/comments?fresh=true", {}),
    "in another place of the query": ("/api/comments?limit=3&fresh=true", {}),
    "a bot": ("/api/comments?limit=5", {"authorization": "Bearer x"}),
    "a long poll": ("/api/changes?after=0&wait=1", {}),
    "the page": ("/", {}),
    "the admin": ("/admin/login/", {}),
    "what is not there": ("/api/comments/none", {}),
    "what is refused": ("/api/comments?limit=x", {}),
    "whether it lives": ("/api/comments/health", {}),
}


@pytest.mark.parametrize("what", NEVER)
def test_what_is_nobody_elses_is_never_kept(proxy, what):
    path, headers = NEVER[what]
    answers = [proxy.get(path, **headers) for _ in range(3)]
    assert not KEPT & set(map(cache, answers)), list(map(cache, answers))
    assert len({answer.status for answer in answers}) == 1


def test_a_bots_answer_is_not_given_to_a_visitor(proxy):
    token = proxy.servers[0].manage("create_bot", "echo").stdout.strip()
    assert proxy.post({**HELLO, "context": ["secret"]}, address="127.0.2.1").status == 201
    path = "/api/comments?limit=11"
    for _ in range(3):
        assert "secret" in proxy.get(path, authorization=f"Bearer {token}").text
        assert "secret" not in proxy.get(path).text


def test_who_posts_finds_it_in_the_table_at_once_and_everybody_in_seconds(proxy):
    cursor = fresh(proxy)["cursor"]
    posted = proxy.post(HELLO, address="127.0.2.2").json()
    assert fresh(proxy)["comments"][-1]["id"] == posted["id"]

    def is_there() -> bool:
        return [change["id"] for change in proxy.get(f"/api/changes?after={cursor}").json()["changes"]] == [
            posted["id"]
        ]

    wait_until(is_there, WAIT_SECONDS, lambda: "the poll never has it")


def test_a_long_poll_waits_for_nobody_but_the_next_comment(proxy):
    path = f"/api/changes?after={fresh(proxy)['cursor']}&wait=20"
    with ThreadPoolExecutor(4) as readers:
        waiting = [readers.submit(proxy.get, path) for _ in range(4)]
        posted = proxy.post(HELLO, address="127.0.2.3").json()
        for answer in waiting:
            assert [change["id"] for change in answer.result().json()["changes"]] == [posted["id"]]


def test_a_websocket_comes_through(proxy):
    with connect(f"ws://127.0.0.1:{proxy.port}/ws/changes?after={fresh(proxy)['cursor']}") as socket:
        json.loads(socket.recv(timeout=WAIT_SECONDS))
        posted = proxy.post(HELLO, address="127.0.2.4").json()
        envelope = {"changes": []}
        while not envelope["changes"]:  # a sign of life may come first
            envelope = json.loads(socket.recv(timeout=WAIT_SECONDS))
        assert [change["id"] for change in envelope["changes"]] == [posted["id"]]


def test_R53_an_address_that_a_client_makes_up_changes_no_limit(proxy):
    statuses = [
        proxy.post(
            HELLO, address="127.0.2.5", x_forwarded_for=f"198.51.100.{n}", forwarded=f"for=198.51.100.{n}"
        ).status
        for n in range(8)
    ]
    assert 429 in statuses and statuses[0] == 201


def test_who_guesses_passwords_is_slowed_by_address(proxy):
    answers = [proxy.get("/admin/login/", address="127.0.2.6") for _ in range(12)]
    assert is_refused(answers[-1], 429, "rate_limited")
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert proxy.get("/admin/login/", address="127.0.2.7").status == 200


def test_who_opens_sockets_without_end_is_slowed_by_address(proxy):
    def opened(address: str) -> int:
        try:
            with connect(f"ws://127.0.0.1:{proxy.port}/ws/changes?after=0", source_address=(address, 0)):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    with ThreadPoolExecutor(8) as readers:
        statuses = Counter(readers.map(lambda _: opened("127.0.2.8"), range(80)))
    assert statuses[101] >= 30 and statuses[429] > 0
    assert opened("127.0.2.9") == 101


def test_a_body_that_is_too_large_does_not_reach_the_application(proxy):
    answer = proxy.post({**HELLO, "text": "x" * 20_000}, address="127.0.2.10")
    assert is_refused(answer, 413, "too_large")


def test_metrics_are_not_for_whoever_comes_from_outside(proxy):
    assert proxy.get("/metrics").status == 404


def test_one_server_that_dies_is_missed_by_nobody_and_without_any_it_is_said(proxy):
    with in_front_of_two(proxy.servers[0].twin()) as mortal:
        first, second = mortal.servers
        first.kill()
        assert {mortal.get(f"/api/comments?limit={n}").status for n in range(1, 20)} == {200}
        second.kill()
        answer = mortal.get("/api/comments?limit=99")
    assert is_refused(answer, 503, "unavailable")
    assert answer.headers["Cache-Control"] == "no-store" and int(answer.headers["Retry-After"]) > 0
    assert KEPT.isdisjoint(map(cache, [answer]))
