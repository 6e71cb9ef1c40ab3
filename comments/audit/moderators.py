"""A moderator, by the verbs of the product itself: so it needs the database, and not only the site."""

import itertools
import os
import zlib

from .history import Write
from .worker import Worker

LEAST_ROUNDS = 8  # however soon it is told to stop
AT_ONCE = 6  # comments hidden or restored together


class Moderator(Worker):
    """Hides and restores comments of the audit, until it is told to stop. Each moderator has a share of them: of one
    comment the checker knows the order of what was done to it only if one of them did it."""

    def run(self) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saywhat.settings")
        import django

        django.setup()
        for number in itertools.count():
            if self.pause() and number >= LEAST_ROUNDS:
                return
            self.change("restore" if number % 3 == 2 else "hide")

    def change(self, op: str) -> None:
        from comments.models import Comment

        mine = self.share("hidden" if op == "restore" else "visible")
        some = Comment.objects.filter(pk__in=self.dice.sample(mine, min(len(mine), self.dice.randint(1, AT_ONCE))))
        began = self.now()
        changed = some.hide() if op == "hide" else some.restore()
        ended = self.now()
        for id in changed:
            self.note(Write(self.name, op, id, began, ended))

    def share(self, state: str) -> list[str]:
        from comments.models import Comment

        number = int(self.name.rsplit(" ", 1)[1])
        found = Comment.objects.filter(domain=self.plan.domain, state=state).exclude(pk=self.plan.last_id)
        ids = found.order_by("pk").values_list("pk", flat=True)
        return [id for id in ids if zlib.crc32(id.encode()) % self.plan.moderators == number]
