"""Audit a whole town while parts of it die: `python -m tests.audit.town --rounds 10`.

nginx stands before two servers over PostgreSQL and Redis. Meanwhile one server is killed with -9, Redis is stopped and
started, PostgreSQL is restarted, and the other server is killed. After each, somebody who posts is acknowledged and
read in every form within a few seconds; in the end every reader has seen every comment once, in one order, and the
table has each that was acknowledged.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from comments.audit.checker import check, report
from comments.audit.history import SECOND_NS
from comments.audit.run import Audit, Options
from comments.audit.server import bots_token
from comments.audit.site import LOST
from comments.audit.verdict import Bounds
from tests.audit.kill import differences, wait_for_work
from tests.support.private_postgres import wait_until
from tests.support.town import Town, town

BACK_SECONDS = 3.0
PATIENCE_SECONDS = 300
ONE_SECOND_OLD = Bounds(late_ns=10**6 * SECOND_NS, stale_ns=SECOND_NS)  # nginx shares answers for so long
SOMEBODY_ELSE = "10.0.0.1"  # than the readers of the audit, as nginx sees it

Fault = Callable[[Town], None]


def kill_a_server(town: Town, index: int) -> None:
    town.servers[index].kill()


def stop_redis(town: Town) -> None:
    town.redis.stop()


def restart_postgres(town: Town) -> None:
    town.postgres.go_away()
    town.postgres.come_back()


FAULTS: dict[str, tuple[Fault, Fault]] = {
    "one server is killed": (lambda town: kill_a_server(town, 0), lambda town: town.servers[0].start()),
    "Redis is stopped": (stop_redis, lambda town: town.redis.start()),
    "PostgreSQL is restarted": (restart_postgres, lambda town: None),
    "the other server is killed": (lambda town: kill_a_server(town, 1), lambda town: town.servers[1].start()),
}


def audit_under_faults(town: Town, rounds: int, seed: int, within: float, say: Callable[[str], None]) -> list[str]:
    """Whatever is wrong, as sentences."""
    dice, late = random.Random(seed), []
    env = town.servers[0].env
    options = Options(
        [town.proxy.url], seed=seed, posters=2, posts=10**6, readers=1,
        notes_token=bots_token(env), patience_seconds=PATIENCE_SECONDS, env=env,
    )  # fmt: skip
    with Audit(options) as audit:
        for name, (take, give_back) in [*FAULTS.items()] * rounds:
            wait_for_work(audit, dice)
            take(town)
            late += told_late(name, seconds_until_served(town), within, say)
            give_back(town)
            late += told_late(f"{name}, and is back", seconds_until_served(town), within, say)
        wait_for_work(audit, dice)
        history = audit.history(stop_posting=True)
    violations = check(history, ONE_SECOND_OLD)
    say(report(history, violations))
    return [*late, *map(str, violations), *differences(town.servers[0], history)]


def told_late(what: str, seconds: float, within: float, say: Callable[[str], None]) -> list[str]:
    sentence = f"{what}: readers are back after {seconds:.2f} s"
    say(sentence)
    return [sentence] if seconds > within else []


def seconds_until_served(town: Town) -> float:
    """Until somebody who posts now is acknowledged and read by a list, a poll, a long poll and a new WebSocket."""
    began = time.perf_counter()
    wait_until(lambda: is_served(town), PATIENCE_SECONDS, lambda: "Nobody is served any more.")
    return time.perf_counter() - began


def is_served(town: Town) -> bool:
    proxy = town.proxy
    try:
        before = proxy.get("/api/comments?fresh=true", x_visitor=SOMEBODY_ELSE)
        words = f"Is anybody there, at {time.monotonic_ns()}?"
        posted = proxy.post({"text": words, "username": "Ada"}, x_visitor=SOMEBODY_ELSE)
        if (before.status, posted.status) != (200, 201):
            return False
        cursor, id = before.json()["cursor"], posted.json()["id"]
        paths = [f"/api/changes?after={cursor}&wait=1", "/api/comments?fresh=true", f"/api/changes?after={cursor}"]
        answers = [proxy.get(path, x_visitor=SOMEBODY_ELSE) for path in paths]
        found = [answer.status == 200 and id in answer.text for answer in answers]
        return all(found) and id in first_envelope(proxy.port, cursor)
    except (*LOST, WebSocketException, TimeoutError):
        return False


def first_envelope(port: int, cursor: int) -> str:
    visitor = {"X-Visitor": SOMEBODY_ELSE}
    url = f"ws://127.0.0.1:{port}/ws/changes?after={cursor}"
    with connect(url, additional_headers=visitor, open_timeout=2) as socket:
        return json.dumps(json.loads(socket.recv(timeout=2)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each thing dies (5)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with town() as running:
        wrong = audit_under_faults(running, given.rounds, given.seed, BACK_SECONDS, print)
    print("\n".join(wrong) or "Nothing acknowledged was lost or doubled, and readers were back in time.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
