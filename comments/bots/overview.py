"""How the work stands, for people: what waits, who is at what, what is dead, and how long answers took."""

from dataclasses import dataclass
from statistics import median

from comments.stream.comment import Comment

from . import queue
from .lease import Lease, LeaseQuerySet

MOST = 100  # of each kind that are shown
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Line:
    comment: Comment
    lease: Lease


@dataclass(frozen=True)
class Overview:
    waiting: list[Comment]
    waiting_count: int  # up to MOST_COUNTED
    claimed: list[Line]
    dead: list[Line]
    done_count: int
    median_seconds: float | None  # of the newest MOST_COUNTED answers
    worst_seconds: float | None


def overview() -> Overview:
    """8 queries, each by an index."""
    waiting = queue.waiting()
    waited = list(_done().order_by("-done_at").values_list("waited_ms", flat=True)[:MOST_COUNTED])
    seconds = [ms / 1000 for ms in waited if ms is not None]
    return Overview(
        waiting=list(waiting[:MOST]),
        waiting_count=waiting[:MOST_COUNTED].count(),
        claimed=_lines(Lease.objects.running().order_by("until")),
        dead=_lines(Lease.objects.exhausted().order_by("-until")),
        done_count=_done().count(),
        median_seconds=median(seconds) if seconds else None,
        worst_seconds=max(seconds) if seconds else None,
    )


def _done() -> LeaseQuerySet:
    return Lease.objects.filter(done_at__isnull=False)


def _lines(leases: LeaseQuerySet) -> list[Line]:
    """Those that still ask: what was hidden, or marked as done, waits for nobody."""
    found = list(leases[:MOST])
    asking = Comment.objects.visible().filter(work__isnull=False).in_bulk([lease.pk for lease in found])
    return [Line(asking[lease.pk], lease) for lease in found if lease.pk in asking]
