"""The comment: one row of the stream."""

from typing import NoReturn

from django.db import models
from django.db.models import Q

from .queryset import CommentQuerySet, State


class MessageType(models.TextChoices):
    HUMAN = "human"
    AI = "AI", "AI"


class Comment(models.Model):
    """A message as its readers see it, and what moderators and bots need to know about it.

    `timestamp` and the versions are ticks of the stream's clock: see `stream.clock`. A comment has no timestamp until
    it first becomes visible. What a bot notes is a change for bots alone. Text lengths are limited where comments come
    in (`text.cleaning`), because history may be longer than what visitors may post.
    """

    id = models.CharField(primary_key=True, max_length=64)
    text = models.TextField()
    username = models.CharField(max_length=255, help_text="as typed")
    username_key = models.CharField(max_length=512, help_text="NFKC and casefold of the name: what filters compare")
    color = models.CharField(max_length=9, help_text="RRRGGGBBB, each part 000 to 255")
    domain = models.CharField(max_length=100)
    language = models.CharField(max_length=35)
    message_type = models.CharField(max_length=5, choices=MessageType.choices, default=MessageType.HUMAN)
    misc = models.TextField(blank=True)
    staff = models.BooleanField(default=False, db_default=False, help_text="said by a moderator, from the desk")
    reply_to = models.CharField(max_length=64, blank=True, help_text="id of the comment this one answers")
    context = models.JSONField(null=True, blank=True, help_text="for bots only")
    bot_params = models.JSONField(null=True, blank=True, help_text="for bots only")
    work = models.IntegerField(
        null=True, help_text="its place among the work for bots; null: none. See comments/work.py"
    )
    state = models.CharField(max_length=7, choices=State.choices, default=State.VISIBLE)
    author_key = models.CharField(max_length=32, blank=True, help_text="keyed hash of the author's network address")
    timestamp = models.BigIntegerField(unique=True, null=True, help_text="ms since 1970 when it became visible")
    version = models.BigIntegerField(unique=True, help_text="µs since 1970 of its last change")
    bots_version = models.BigIntegerField(unique=True, help_text="the same for bots, with their notes")
    wall = models.BigIntegerField(
        default=0,
        db_default=0,
        help_text="µs since 1970 by the wall clock when it was posted, which ticks may be ahead of",
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        permissions = [("moderate_comment", "Can hide, restore, release and erase comments")]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["state", "timestamp"], name="comment_state"),
            # PostgreSQL would rather pass over hidden comments than use the index above; SQLite cannot use this one.
            models.Index(fields=["timestamp"], condition=Q(state=State.VISIBLE), name="comment_visible"),
            models.Index(fields=["domain", "state", "timestamp"], name="comment_domain"),
            models.Index(fields=["domain", "version"], name="comment_room"),
            models.Index(fields=["state", "message_type", "timestamp"], name="comment_type"),
            models.Index(fields=["state", "username_key", "timestamp"], name="comment_username"),
            models.Index(fields=["author_key", "wall"], name="comment_author"),
            models.Index(
                fields=["work", "timestamp"], condition=Q(state=State.VISIBLE, work__isnull=False), name="comment_work"
            ),
        ]

    def __str__(self) -> str:
        return self.pk  # never the words: Django's admin log keeps this for ever

    @property
    def is_visible(self) -> bool:
        return self.state == State.VISIBLE

    @property
    def was_seen(self) -> bool:
        """Whether it ever was in the stream, so that readers have to be told when it goes."""
        return self.timestamp is not None

    def save(self, *args, **kwargs) -> NoReturn:
        raise TypeError("comments are posted through comments.posting and changed by the verbs of their QuerySet")

    def delete(self, *args, **kwargs) -> NoReturn:
        raise TypeError("comments are never deleted under a reader: erase() leaves a tombstone")
