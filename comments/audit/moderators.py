"""A moderator, by the verbs of the product itself: so it needs the database, and not only the site."""

import itertools
import os
import zlib

from .history import Write
from .worker import Worker

LEAST_ROUNDS = 8  # however soon it is told to stop
CHANGES_ITS_MIND = 0.5
HAS_TO_BE = {"hide": "visible", "restore": "hidden"}
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
            op = "hide" if number % 3 else "restore"
            self.change(self.some(HAS_TO_BE[op]), op)
            if self.dice.random() < CHANGES_ITS_MIND:
                some = self.some("visible")
                self.change(some, "hide")
                self.change(some, "restore")  # within milliseconds, while others are still reading

    def some(self, state: str) -> list[str]:
        mine = self.share(state)
        return self.dice.sample(mine, min(len(mine), self.dice.randint(1, AT_ONCE)))

    def change(self, ids: list[str], op: str) -> None:
        from comments.models import Comment

        comments = Comment.objects.filter(pk__in=ids)
        began = self.now()
        changed = comments.hide() if op == "hide" else comments.restore()
        ended = self.now()
        for id in changed:
            self.note(Write(self.name, op, id, began, ended))

    def share(self, state: str) -> list[str]:
        from comments.models import Comment

        number = int(self.name.rsplit(" ", 1)[1])
        found = Comment.objects.filter(domain=self.plan.domain, state=state).exclude(pk=self.plan.last_id)
        ids = found.order_by("pk").values_list("pk", flat=True)
        return [id for id in ids if zlib.crc32(id.encode()) % self.plan.moderators == number]
