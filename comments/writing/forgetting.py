"""Who wrote what is forgotten after AUTHOR_KEY_DAYS: the author keys of comments, the reports with theirs, and the
secrets with which they were made. A ban keeps its own as long as it runs, and two days more: what seems to be over may
only be so by a clock that is ahead."""

from django.conf import settings
from django.db.models import Q

from comments.stream.clock import DAY_US, wall_now
from comments.stream.comment import Comment

from .authors import rotate_secrets
from .bans import Ban
from .reports import Report


def forget_old_authors(now: int | None = None) -> int:
    """How many comments have no author any more, at a moment in µs since 1970. In short transactions; nothing that
    readers see changes."""
    if not settings.AUTHOR_KEY_DAYS:
        return 0
    now = now or wall_now()
    before = now - settings.AUTHOR_KEY_DAYS * DAY_US
    old = Q(wall__lt=before) | Q(wall__gt=now + DAY_US)  # that was a clock that was far ahead
    for useless in (Report.objects.filter(wall__lt=before), Ban.objects.over(now - 2 * DAY_US)):
        if useless.exists():  # or nothing is locked
            useless.delete()
    rotate_secrets(Ban.objects.running(now).values_list("author_key", flat=True), now)
    return Comment.objects.exclude(author_key="").filter(old).forget_authors()
