"""How comments are found, and the only verbs that change them.

`update()`, `delete()` and `save()` are closed: they would change what readers see without a new version, and a change
without a version reaches nobody.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from django.db import models

from . import words
from .clock import StreamClock, writing

Row = Any  # a comment; its class stands above this file, for it names its QuerySet
BATCH = 500  # comments changed in one transaction: visitors can post between two batches


class State(models.TextChoices):
    VISIBLE = "visible"
    HELD = "held"
    HIDDEN = "hidden"
    ERASED = "erased"


class CommentQuerySet(models.QuerySet[Any]):
    # Reading

    def visible(self) -> "CommentQuerySet":
        return self.filter(state=State.VISIBLE)

    def newest(self, count: int) -> "CommentQuerySet":
        return self.order_by("-timestamp")[:count]

    def oldest(self, count: int) -> "CommentQuerySet":
        return self.order_by("timestamp")[:count]

    def before(self, timestamp: int) -> "CommentQuerySet":
        return self.filter(timestamp__lt=timestamp)

    def after(self, timestamp: int) -> "CommentQuerySet":
        return self.filter(timestamp__gt=timestamp)

    def changed_after(self, cursor: int) -> "CommentQuerySet":
        """The changes that a reader at `cursor` has not seen, oldest first."""
        return self.filter(version__gt=cursor).order_by("version")

    def by_author(self, author_key: str) -> "CommentQuerySet":
        return self.filter(author_key=author_key)

    # Changing: each verb gives every comment it changes a new version and returns their ids.

    def hide(self) -> list[str]:
        return self._change(_hide, State.VISIBLE, State.HELD)

    def restore(self) -> list[str]:
        return self._change(_show, State.HIDDEN)

    def release(self) -> list[str]:
        return self._change(_show, State.HELD)

    def erase(self) -> list[str]:
        """Remove the words for good; what stays is a tombstone that tells readers to drop the comment."""
        return self._change(_erase, State.VISIBLE, State.HELD, State.HIDDEN)

    def edit_bot_params(self, edit: Callable[[dict], dict]) -> list[Row]:
        """The comments as they are now, and not their ids: whoever notes something is told what stands there then."""
        edited = []

        def apply(comment: Row, clock: StreamClock) -> None:
            comment.bot_params = edit(comment.bot_params or {})
            edited.append(comment)

        self._change(apply, State.VISIBLE)
        return edited

    def store(self, comments: Iterable[Row]) -> None:
        """Insert new comments, whose ticks were taken inside `writing()`. Only `posting` and `history` call this."""
        comments = list(comments)
        super().bulk_create(comments)
        words.remember(comment for comment in comments if comment.state != State.ERASED)

    def _change(self, change: Callable[[Row, StreamClock], None], *states: State) -> list[str]:
        changed = []
        for ids in _batches(list(self.order_by("version").values_list("pk", flat=True))):
            with writing() as clock:
                for comment in self.model.objects.filter(pk__in=ids, state__in=states).order_by("version"):
                    was_visible, place = comment.is_visible, words.place_of(comment)
                    change(comment, clock)
                    comment.version = clock.next_version()
                    clock.visible_total += comment.is_visible - was_visible
                    self._overwrite(comment)
                    self._follow(comment, place)
                    changed.append(comment.pk)
        return changed

    def _overwrite(self, comment: Row) -> None:
        values = {field.attname: getattr(comment, field.attname) for field in comment._meta.concrete_fields}
        super(CommentQuerySet, self.model.objects.filter(pk=values.pop("id"))).update(**values)

    def _follow(self, comment: Row, place: int) -> None:
        """The words of a comment go where it goes."""
        if comment.state == State.ERASED:
            words.forget([place])
        elif words.place_of(comment) != place:
            words.forget([place])
            words.remember([comment])

    # Closed doors

    def update(self, **kwargs) -> NoReturn:
        raise TypeError("comments change through hide(), restore(), release(), erase() and edit_bot_params()")

    def delete(self) -> NoReturn:
        raise TypeError("comments are never deleted under a reader: erase() leaves a tombstone")

    def bulk_create(self, *args, **kwargs) -> NoReturn:
        raise TypeError("comments are posted through comments.posting and imported through comments.history")

    def bulk_update(self, *args, **kwargs) -> NoReturn:
        self.update()


def _hide(comment: Row, clock: StreamClock) -> None:
    comment.state = State.HIDDEN


def _show(comment: Row, clock: StreamClock) -> None:
    comment.state = State.VISIBLE
    if comment.timestamp is None:  # it was held: it enters the stream now, after all that is there
        comment.timestamp = clock.next_timestamp()


def _erase(comment: Row, clock: StreamClock) -> None:
    comment.state = State.ERASED
    comment.text = comment.username = comment.username_key = comment.misc = ""
    comment.context = comment.bot_params = None


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
