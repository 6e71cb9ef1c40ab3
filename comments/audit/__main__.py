"""One worker of the audit as a process: `python -m comments.audit KIND`, with its plan on standard input."""

import sys

from .moderators import Moderator
from .readers import FeedReader, ListReader, LongPollReader, PollReader, SocketReader
from .worker import GaveUp, Plan
from .writers import LastPoster, Poster

KINDS = [Poster, LastPoster, Moderator, ListReader, PollReader, FeedReader, LongPollReader, SocketReader]

if __name__ == "__main__":
    (kind,) = (kind for kind in KINDS if kind.__name__ == sys.argv[1])
    try:
        kind(Plan.from_line(sys.stdin.readline())).run()
    except GaveUp as reason:
        sys.exit(str(reason))
