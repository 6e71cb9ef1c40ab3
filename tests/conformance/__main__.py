"""`python -m tests.conformance --url https://chat.example --token TOKEN`, in which the token is that of a bot with the
scopes read:context, post and claim. It posts about 350 comments as that bot and 35 as a visitor, in rooms of their
own, and waits where it is limited: four minutes where visitors may post ten a minute, and ten seconds without limits;
the bot needs a high limit, and the server a high BOT_POSTS_PER_MINUTE."""

import argparse
import sys
from http.client import HTTPException

from websockets.exceptions import WebSocketException

from . import bodies, bots, filters, headers, notes, paging, queries, reading, shapes, sockets, work  # noqa: F401
from .answers import Violation
from .checks import CHECKS, Check
from .site import Site


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.conformance", description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--only", action="append", help="as in R63; may stand several times")
    given = parser.parse_args()
    in_order = sorted(CHECKS, key=lambda check: check.hazards)
    chosen = [check for check in in_order if not given.only or check.hazards in given.only]
    failed = 0
    for check in chosen:
        wrong = violation_of(check, given.url, given.token)
        failed += bool(wrong)
        print(f"WRONG {check.name}: {wrong}" if wrong else f"ok    {check.name}", flush=True)
    print(f"{len(chosen)} checks, {failed} violated")
    return min(failed, 1) if chosen else 2


def violation_of(check: Check, url: str, token: str) -> str:
    """What is wrong; empty if nothing is. An answer that cannot even be read is a violation, too."""
    site = Site(url, token)
    try:
        check.run(site)
        site.leave()
    except Violation as violation:
        return str(violation)
    except (OSError, HTTPException, WebSocketException, LookupError, TypeError, ValueError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
