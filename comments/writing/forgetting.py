"""Who wrote what is forgotten after AUTHOR_KEY_DAYS: the author keys of comments, and the reports with theirs. A ban
keeps its own, as long as it runs."""

import time

from django.conf import settings
from django.db.models import Q

from comments.stream.comment import Comment

from .bans import Ban
from .reports import Report

DAY_US = 24 * 3600 * 1_000_000


def forget_old_authors() -> int:
    """How many comments have no author any more. In short transactions; nothing that readers see changes."""
    if not settings.AUTHOR_KEY_DAYS:
        return 0
    before = time.time_ns() // 1000 - settings.AUTHOR_KEY_DAYS * DAY_US
    old = Q(timestamp__lt=before // 1000) | Q(timestamp=None, version__lt=before)
    for useless in (Report.objects.filter(at__lt=before), Ban.objects.over()):
        if useless.exists():  # or nothing is locked
            useless.delete()
    return Comment.objects.exclude(author_key="").filter(old).forget_authors()
