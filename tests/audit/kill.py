"""Kill the server at random moments under load: `python -m tests.audit.kill --times 50 --database postgresql`.

Everybody of an audit is at work meanwhile: posters send each comment again until it is acknowledged, readers of every
form go on from their cursors. Afterwards the checker judges what they have seen, and the table must hold each
acknowledged comment once.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from comments.audit.checker import check, report
from comments.audit.history import SECOND_NS, History, save
from comments.audit.run import Audit, Options
from comments.audit.server import bots_token
from comments.audit.verdict import Bounds
from tests.support import needs
from tests.support.private_postgres import PrivatePostgres, wait_until
from tests.support.servers import UNLIMITED, Server

WORK_SECONDS = 120
PATIENCE_SECONDS = 600  # a reader may be unlucky, and find the server dead each time it comes
MOST_WRITTEN_BETWEEN_KILLS = 12  # lines of the posters' history; a comment that is acknowledged makes two
AFTER_THAT_SECONDS = 0.3
NO_HURRY = Bounds(late_ns=10**6 * SECOND_NS)  # who waits for a server that is dead waits long


def kill_under_load(
    server: Server, times: int, seed: int, say: Callable[[str], None] = print, keep: Path | None = None
) -> list[str]:
    """Whatever is wrong after so many kills of a running server, as sentences."""
    dice = random.Random(seed)
    options = Options(
        [server.url],
        seed=seed,
        posters=3,
        posts=10**6,
        readers=1,
        moderators=1,
        notes_token=bots_token(server.env),
        patience_seconds=PATIENCE_SECONDS,
        env=server.env,
    )
    with Audit(options) as audit:
        for _ in range(times):
            wait_for_work(audit, dice)
            server.kill()
            server.start()
        history = audit.history(stop_posting=True)
    if keep:
        save(history, keep)
    violations = check(history, NO_HURRY)
    say(report(history, violations))
    return [str(violation) for violation in violations] + differences(server, history)


def wait_for_work(audit: Audit, dice: random.Random) -> None:
    """Until something was posted, and then for a moment more: nobody shall know what the server is doing just then."""
    enough = lines_of_posters(audit) + dice.randint(0, MOST_WRITTEN_BETWEEN_KILLS)
    wait_until(lambda: lines_of_posters(audit) >= enough, WORK_SECONDS, lambda: "The posters do not get on.")
    time.sleep(dice.uniform(0, AFTER_THAT_SECONDS))


def lines_of_posters(audit: Audit) -> int:
    return sum(file.read_bytes().count(b"\n") for file in audit.folder.glob("Poster-*.ndjson"))


def differences(server: Server, history: History) -> list[str]:
    """Between what was acknowledged and what the table holds."""
    stored = [json.loads(line) for line in server.manage("export_comments").stdout.splitlines()]
    acknowledged = [write for write in history.writes if write.op == "post" and write.ended is not None]
    ids = Counter(comment["id"] for comment in stored)
    texts = Counter(comment["text"] for comment in stored)
    not_once = [write.id for write in acknowledged if ids[write.id] != 1]
    twice = [text for text, count in texts.items() if count > 1]
    return [f"{id} was acknowledged and is in the table {ids[id]} times" for id in not_once] + [
        f"{text!r} is in the table {texts[text]} times" for text in twice
    ]


@contextmanager
def migrated_server(database: str, **more: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="saywhat-kill-") as folder, database_url(database) as settings:
        server = Server(Path(folder), **more, **UNLIMITED, **settings)
        server.manage("migrate", "-v0")
        with server:
            yield server


@contextmanager
def database_url(database: str, fsync: bool = False) -> Iterator[dict[str, str]]:
    if database == "sqlite":
        yield {}
        return
    postgres = PrivatePostgres(needs.postgres_programs(), fsync)
    try:
        yield {"DATABASE_URL": postgres.start().create_database("killed")}
    finally:
        postgres.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--history", type=Path, help="a file for all that was written and seen")
    given = parser.parse_args()
    with migrated_server(given.database) as server:
        wrong = kill_under_load(server, given.times, given.seed, keep=given.history)
    print(
        "\n".join(wrong)
        or f"Killed {given.times} times on {given.database}: nothing acknowledged was lost or doubled."
    )
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
