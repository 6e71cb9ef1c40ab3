"""Reports: visitors tell moderators of a comment. One for each author and comment, with a limit of their own.

A report is open until a moderator has decided about the comment, which the record says. Reports from REPORTS_TO_HOLD
networks hold a comment until then; one that a moderator has kept is not held again.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, OuterRef

from comments.callers.addresses import Address
from comments.errors import NO_COMMENT, Refused, invalid
from comments.stream.ahead import holders
from comments.stream.clock import StreamClock, writing
from comments.stream.comment import Comment
from comments.stream.record import MAX_NOTE, Act, Record, one_line
from comments.text.cleaning import ID, refuse_unstorable

from .authors import keys_of
from .rules import rule

REASONS = ("spam", "abuse", "illegal", "other")
PER_MINUTE = 5
MINUTE_US = 60_000_000
DECIDING = ("hide", "erase", "keep", "release", "restore")
KEEPING = ("keep", "release", "restore")
BY_REPORTS = "reports"  # who has held it, in the record
TOO_MANY = Refused(429, "rate_limited", "You are reporting too fast. Wait a minute and try again.", 60)


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> "ReportQuerySet":
        """Those about which no moderator has decided since."""
        decided = Record.objects.filter(comment_id=OuterRef("comment_id"), at__gt=OuterRef("at"), verb__in=DECIDING)
        return self.filter(~Exists(decided))


class Report(models.Model):
    """`at` is a tick of the clock, so it has its place among what was done to the comment."""

    comment_id = models.CharField(max_length=64)
    author_key = models.CharField(max_length=32, help_text="of who reports")
    reason = models.CharField(max_length=8)
    note = models.CharField(max_length=MAX_NOTE, blank=True)
    at = models.BigIntegerField(unique=True, help_text="µs since 1970")
    wall = models.BigIntegerField(default=0, db_default=0, help_text="µs since 1970 by the wall clock")

    objects = ReportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["comment_id", "author_key"], name="report_once")]
        indexes = [models.Index(fields=["author_key", "wall"], name="report_author")]

    def __str__(self) -> str:
        return f"a report of {self.comment_id}"


holders.append((Report, "at"))


def report(comment_id: str, reason: str, note: str, address: Address) -> None:
    """Returns after the commit; a second report of the same author changes nothing. Raises Refused with status 404,
    422 or 429."""
    if reason not in REASONS:
        raise invalid("reason", f"The reason is one of {', '.join(REASONS)}.")
    refuse_unstorable("note", note)
    if len(note) > MAX_NOTE:
        raise invalid("note", f"The note is longer than {MAX_NOTE} characters.")
    with writing() as clock:
        keys = keys_of(address, clock)
        if not (ID.fullmatch(comment_id) and Comment.objects.visible().filter(pk=comment_id).exists()):
            raise NO_COMMENT
        if not Report.objects.filter(comment_id=comment_id, author_key__in=keys).exists():
            _refuse_flood(keys, clock)
            words = {"reason": reason, "note": one_line(note, MAX_NOTE)}
            when = {"at": clock.next_version(), "wall": clock.wall}
            Report.objects.create(comment_id=comment_id, author_key=keys[0], **when, **words)
        enough = rule("REPORTS_TO_HOLD", clock)
    _hold_if_enough(comment_id, enough)


def keep(ids: Iterable[str], act: Act) -> list[str]:
    """A moderator has looked at these visible comments, and they stay. Their ids."""
    with writing() as clock:
        kept = list(Comment.objects.visible().filter(pk__in=ids).order_by("version"))
        Record.objects.add(Record.of(act, "keep", row.pk, row.state, clock.next_version()) for row in kept)
    return [comment.pk for comment in kept]


def forget_notes(ids: Iterable[str]) -> None:
    """Of erased comments, whose words may stand in what was said of them."""
    Report.objects.filter(comment_id__in=list(ids)).update(note="")


def reasons_of(ids: Iterable[str]) -> dict[str, Counter]:
    """The reasons of the open reports of each of these comments that has any. 1 query."""
    found: dict[str, Counter] = {}
    for id, reason in Report.objects.open().filter(comment_id__in=list(ids)).values_list("comment_id", "reason"):
        found.setdefault(id, Counter())[reason] += 1
    return found


def reported() -> dict[str, int]:
    """The ids of the comments with open reports, and when the first came; oldest first. 1 query."""
    first = Report.objects.open().values("comment_id").annotate(first=models.Min("at")).order_by("first")
    return dict(first.values_list("comment_id", "first"))


def _refuse_flood(keys: list[str], clock: StreamClock) -> None:
    last_minute = Report.objects.filter(author_key__in=keys, wall__gt=clock.wall - MINUTE_US, wall__lte=clock.wall)
    if last_minute.count() >= PER_MINUTE:
        raise TOO_MANY


def _hold_if_enough(comment_id: str, enough: int) -> None:
    if not enough or Report.objects.open().filter(comment_id=comment_id).count() < enough:
        return
    if not Record.objects.of_comment(comment_id).filter(verb__in=KEEPING).exists():
        Comment.objects.visible().filter(pk=comment_id).hold(Act(BY_REPORTS))
