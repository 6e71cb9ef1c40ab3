"""The audit of a site whose reads are slow: `python -m tests.audit.slow --posts 10000 --database postgresql`.

Bots note each comment as soon as it is posted, moderators hide and restore within milliseconds, two server processes
wait 20 ms before each statement of a read. Nothing may be lost, doubled or stale.
"""

import argparse
import sys

from comments.audit.checker import check, report
from comments.audit.run import Audit, Options
from comments.audit.server import bots_token
from comments.audit.verdict import Bounds, Violation
from tests.audit.kill import NO_HURRY, migrated_server
from tests.support.servers import Server

READERS = 3  # of each form
APPLICATION = "tests.audit.slow_asgi:application"


def audit_slow_reads(
    server: Server, posts: int, seed: int, posters: int = 8, readers: int = READERS
) -> list[Violation]:
    """Of a server that was started with APPLICATION, and a twin of it."""
    with server.twin() as twin:
        options = Options(
            [server.url, twin.url],
            seed=seed,
            posters=posters,
            posts=posts // posters,
            readers=readers,
            moderators=2,
            pause_seconds=0.02,
            notes_token=bots_token(server.env),
            env=server.env,
        )
        with Audit(options) as audit:
            history = audit.history()
    violations = check(history, bounds=Bounds(late_ns=NO_HURRY.late_ns))
    print(report(history, violations))
    return violations


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--posters", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with migrated_server(given.database, application=APPLICATION) as server:
        return bool(audit_slow_reads(server, given.posts, given.seed, given.posters))


if __name__ == "__main__":
    sys.exit(main())
