"""How comments are found, and the only verbs that change them.

`update()`, `delete()` and `save()` are closed: they would change what readers see without a new version, and a change
without a version reaches nobody.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, NoReturn

from django.db import models
from django.db.models import F

from comments.work import work_of

from . import words
from .clock import StreamClock, let_others_write, writing
from .record import Act, Record

Row = Any  # a comment; its class stands above this file, for it names its QuerySet
BATCH = 500  # comments changed in one transaction: visitors can post between two batches


class State(models.TextChoices):
    VISIBLE = "visible"
    HELD = "held"
    HIDDEN = "hidden"
    ERASED = "erased"


# What each verb makes of a comment, and of which: all others it leaves as they are.
MOVES = {
    "hide": (State.HIDDEN, [State.VISIBLE, State.HELD]),
    "restore": (State.VISIBLE, [State.HIDDEN]),
    "hold": (State.HELD, [State.VISIBLE, State.HIDDEN]),
    "release": (State.VISIBLE, [State.HELD]),
    "erase": (State.ERASED, [State.VISIBLE, State.HELD, State.HIDDEN]),
}
NO_WORDS = {
    "text": "",
    "username": "",
    "username_key": "",
    "misc": "",
    "context": None,
    "bot_params": None,
    "work": None,
}


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

    def changed_after(self, cursor: int, for_bots: bool) -> "CommentQuerySet":
        """The changes that a reader at `cursor` has not seen, oldest first; those that bots have not, their notes
        among them."""
        version = "bots_version" if for_bots else "version"
        return self.filter(**{f"{version}__gt": cursor}).order_by(version)

    def by_author(self, keys: list[str]) -> "CommentQuerySet":
        return self.filter(author_key__in=keys)

    # Changing: each verb gives every comment it changes a new version, records it, and returns their ids.

    def hide(self, act: Act | None = None) -> list[str]:
        return self._move("hide", act)

    def restore(self, act: Act | None = None) -> list[str]:
        return self._move("restore", act)

    def hold(self, act: Act | None = None) -> list[str]:
        """Let them wait for a moderator; those that were in the stream keep their place in it."""
        return self._move("hold", act)

    def release(self, act: Act | None = None) -> list[str]:
        return self._move("release", act)

    def erase(self, act: Act | None = None) -> list[str]:
        """Remove the words for good; what stays is a tombstone that tells readers to drop the comment."""
        return self._move("erase", act, **NO_WORDS)

    def edit_bot_params(self, edit: Callable[[dict], dict]) -> list[Row]:
        """The comments as they are now, and not their ids: whoever notes something is told what stands there then.
        It is a change for bots, and nobody else's news."""
        edited = []
        for rows in self._batches():
            with writing() as clock:
                edited += rows.edit_bot_params_under(clock, edit)
        return edited

    def edit_bot_params_under(self, clock: StreamClock, edit: Callable[[dict], dict]) -> list[Row]:
        """The same inside of `writing()`, for whoever has something to write with it. Of few comments."""
        edited = list(self.visible().order_by("version"))
        for comment in edited:
            comment.bot_params = edit(comment.bot_params or {})
            comment.work = work_of(comment.bot_params)
            comment.bots_version = clock.next_version()
            noted = {name: getattr(comment, name) for name in ("bot_params", "work", "bots_version")}
            self._overwrite(comment.pk, **noted)
        return edited

    def forget_authors(self) -> int:
        """Take their author keys away for good; how many had one. Readers never see those, so there is no version."""
        forgotten = 0
        for rows in self._batches():
            with writing():
                ids = list(rows.exclude(author_key="").values_list("pk", flat=True))
                rows._overwrite(*ids, author_key="")
            forgotten += len(ids)
        return forgotten

    def prune(self) -> Iterator[int]:
        """Delete them, and leave no tombstone; how many after each transaction. Whoever may have missed that one was
        removed is told to load afresh: below the floor nobody goes on. Only `retention` calls this, for comments that
        have not changed for long."""
        while ids := list(self.order_by("version").values_list("pk", flat=True)[:BATCH]):
            with writing() as clock:
                gone = self.filter(pk__in=ids)._take_away(clock)
            yield gone
            let_others_write()

    def store(self, comments: Iterable[Row]) -> None:
        """Insert new comments, whose ticks were taken inside `writing()`. Only `posting` and `history` call this."""
        comments = list(comments)
        for comment in comments:
            comment.bots_version = comment.version
        super().bulk_create(comments)
        words.remember(comment for comment in comments if comment.state != State.ERASED)

    def _move(self, verb: str, act: Act | None, **values: Any) -> list[str]:
        act, (to, states) = act or Act(), MOVES[verb]
        moved = []
        for rows in self._batches():
            with writing() as clock:
                comments = list(rows.filter(state__in=states).order_by("version"))
                if comments:
                    self._move_all(comments, to, clock, values)
                    Record.objects.add(Record.of(act, verb, row.pk, row.state, row.version) for row in comments)
            moved += [comment.pk for comment in comments]
        return moved

    def _move_all(self, comments: list[Row], to: State, clock: StreamClock, values: dict) -> None:
        """One statement, however many they are; each gets a version of its own, in the order of their last ones."""
        for comment in comments:
            comment.version = comment.bots_version = clock.next_version()
        newcomers = [comment for comment in comments if comment.timestamp is None and to == State.VISIBLE]
        timestamps = {comment.pk: clock.next_timestamp() for comment in newcomers}
        if timestamps:  # they were held: they enter the stream now, after all that is there
            words.move(newcomers, timestamps)
            values = {**values, "timestamp": ById(timestamps, F("timestamp"))}
        if to == State.ERASED:
            words.forget(map(words.place_of, comments))
        versions = ById({comment.pk: comment.version for comment in comments}, F("version"))
        self._overwrite(*versions.numbers, state=to, version=versions, bots_version=versions, **values)
        clock.visible_total += len(comments) * (to == State.VISIBLE) - sum(map(attrgetter("is_visible"), comments))

    def _take_away(self, clock: StreamClock) -> int:
        comments = list(self)
        words.forget(map(words.place_of, comments))
        clock.floor = max([clock.floor, *(comment.version for comment in comments)])
        clock.visible_total -= sum(map(attrgetter("is_visible"), comments))
        clock.pruned += len(comments)
        super().delete()
        return len(comments)

    def _batches(self) -> Iterator["CommentQuerySet"]:
        """These comments in parts of one short transaction each. What the filter says is looked at again in each:
        who has changed meanwhile, so that it does not hold any more, is left alone."""
        ids = list(self.order_by("version").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            if start:
                let_others_write()
            yield self.filter(pk__in=ids[start : start + BATCH])

    def _overwrite(self, *ids: str, **values: Any) -> None:
        super(CommentQuerySet, self.model.objects.filter(pk__in=ids)).update(**values)

    # Closed doors

    def update(self, **kwargs) -> NoReturn:
        raise TypeError("comments change through hide(), restore(), hold(), release(), erase() and edit_bot_params()")

    def delete(self) -> NoReturn:
        raise TypeError("comments are never deleted under a reader: erase() leaves a tombstone")

    def bulk_create(self, *args, **kwargs) -> NoReturn:
        raise TypeError("comments are posted through comments.posting and imported through comments.history")

    def bulk_update(self, *args, **kwargs) -> NoReturn:
        self.update()


class ById(models.Func):
    """A number for each id; for all others what the expression says. Django's Case would look at each of them for
    longer than the database takes for all."""

    output_field = models.BigIntegerField()

    def __init__(self, numbers: dict[str, int], otherwise: models.F) -> None:
        super().__init__(F("pk"), otherwise)
        self.numbers = numbers

    def as_sql(self, compiler: Any, connection: Any, *named: Any, **context: Any) -> Any:
        (id, _), (otherwise, _) = map(compiler.compile, self.get_source_expressions())
        whens = " ".join(["WHEN %s THEN %s"] * len(self.numbers))
        pairs = [part for pair in self.numbers.items() for part in pair]
        return f"CASE {id} {whens} ELSE {otherwise} END", pairs
