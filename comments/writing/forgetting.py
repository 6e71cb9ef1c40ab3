"""Who wrote what is forgotten after AUTHOR_KEY_DAYS: the author keys of comments, the reports with theirs, and the
secrets with which they were made. A ban keeps its own, as long as it runs."""

import time

from django.conf import settings
from django.db.models import Q

from comments.stream.clock import DAY_US
from comments.stream.comment import Comment

from .authors import rotate_secrets
from .bans import Ban
from .reports import Report


def forget_old_authors() -> int:
    """How many comments have no author any more. In short transactions; nothing that readers see changes."""
    if not settings.AUTHOR_KEY_DAYS:
        return 0
    now = time.time_ns() // 1000
    before = now - settings.AUTHOR_KEY_DAYS * DAY_US
    old = Q(timestamp__lt=before // 1000) | Q(timestamp=None, version__lt=before)
    for useless in (Report.objects.filter(at__lt=before), Ban.objects.over()):
        if useless.exists():  # or nothing is locked
            useless.delete()
    rotate_secrets(Ban.objects.running().values_list("author_key", flat=True), now)
    return Comment.objects.exclude(author_key="").filter(old).forget_authors()
