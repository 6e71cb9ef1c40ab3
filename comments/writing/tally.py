"""What moderators did, in numbers, by day: for everybody, so nothing but counts."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from django.db.models import Count, F, OuterRef, Subquery

from comments.stream.clock import DAY_US
from comments.stream.record import Record

from .reports import DECIDING, Report

DAYS = 30
KEPT_SECONDS = 60.0  # for all who ask: whoever asks often costs nothing
VERBS = ("hide", "restore", "hold", "release", "erase", "keep", "ban")


@dataclass(frozen=True)
class Day:
    day: str  # 2026-11-25, in UTC
    done: dict[str, int]  # how many comments, by the verb
    reports: int
    median_seconds: int | None  # from a report to the decision, of those that are decided


class Kept:
    until = 0.0
    days: tuple[Day, ...] = ()


def days() -> tuple[Day, ...]:
    """Of the last 30, newest first, those in which anything was done or reported; at most a minute old."""
    if time.monotonic() >= Kept.until:
        Kept.days, Kept.until = _counted(), time.monotonic() + KEPT_SECONDS
    return Kept.days


def _counted() -> tuple[Day, ...]:
    """2 queries."""
    since = (time.time_ns() // 1000 // DAY_US - DAYS + 1) * DAY_US
    done, reports = _done(since), _reports(since)
    numbers = {number for number, _ in done} | set(reports)
    return tuple(_day(number, done, reports) for number in sorted(numbers, reverse=True))


def _done(since: int) -> dict[tuple[int, str], int]:
    by_day = Record.objects.filter(at__gte=since, verb__in=VERBS).annotate(day=F("at") / DAY_US).values("day", "verb")
    return {(row["day"], row["verb"]): row["count"] for row in by_day.annotate(count=Count("pk"))}


def _reports(since: int) -> dict[int, list[int | None]]:
    """By day, how many µs each waited for a decision; None while it waits."""
    decisions = Record.objects.filter(comment_id=OuterRef("comment_id"), at__gt=OuterRef("at"), verb__in=DECIDING)
    first = Subquery(decisions.order_by("at").values("at")[:1])
    found: dict[int, list[int | None]] = {}
    for at, decided in Report.objects.filter(at__gte=since).annotate(decided=first).values_list("at", "decided"):
        found.setdefault(at // DAY_US, []).append(None if decided is None else decided - at)
    return found


def _day(number: int, done: dict[tuple[int, str], int], reports: dict[int, list[int | None]]) -> Day:
    waited = [us for us in reports.get(number, []) if us is not None]
    counts = {verb: done.get((number, verb), 0) for verb in VERBS}
    seconds = round(median(waited) / 1_000_000) if waited else None
    name = datetime.fromtimestamp(number * DAY_US // 1_000_000, UTC).date().isoformat()
    return Day(name, counts, len(reports.get(number, [])), seconds)
