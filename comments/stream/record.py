"""The record: who did what to which comment, when and why. The verbs write it, in the transaction of the change.

It only grows. It never holds the words of a comment, and what moderators write of their own stands in one line, so
that nobody can forge a line of a log or of a list.
"""

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.db import models

MAX_WHO = 150
MAX_REASON = 40
MAX_NOTE = 300


def new_act_id() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Act:
    """One decision about however many comments: who made it, and why. Nobody's name is empty: a command's is."""

    who: str = ""
    reason: str = ""
    note: str = ""
    id: str = field(default_factory=new_act_id)


class RecordQuerySet(models.QuerySet["Record"]):
    def of_comment(self, id: str) -> "RecordQuerySet":
        """What was done to it, newest first."""
        return self.filter(comment_id=id).order_by("-at")

    def add(self, records: Iterable["Record"]) -> None:
        """Only the verbs call this, inside of `writing()`."""
        super().bulk_create(records)

    # Closed doors

    def update(self, **kwargs) -> NoReturn:
        raise TypeError("the record only grows")

    def delete(self) -> NoReturn:
        self.update()

    def bulk_create(self, *args, **kwargs) -> NoReturn:
        raise TypeError("the record is written by the verbs of the comments' QuerySet")

    def bulk_update(self, *args, **kwargs) -> NoReturn:
        self.update()


class Record(models.Model):
    """One comment's part in an act. `at` is the version that the comment took, so it is the moment of the change, and
    a comment that still has this version is as this act has left it."""

    comment_id = models.CharField(max_length=64)
    verb = models.CharField(max_length=16)
    before = models.CharField(max_length=7, help_text="the comment's state before")
    who = models.CharField(max_length=MAX_WHO, blank=True, help_text="empty: a command")
    at = models.BigIntegerField(unique=True, help_text="µs since 1970: the version that the comment took")
    act = models.CharField(max_length=32, help_text="what was decided at once has one")
    reason = models.CharField(max_length=MAX_REASON, blank=True)
    note = models.CharField(max_length=MAX_NOTE, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["comment_id", "at"], name="record_comment"),
            models.Index(fields=["act", "at"], name="record_act"),
            models.Index(fields=["who", "at"], name="record_who"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.comment_id}"

    @classmethod
    def of(cls, act: Act, verb: str, comment_id: str, before: str, at: int) -> "Record":
        who, reason = one_line(act.who, MAX_WHO), one_line(act.reason, MAX_REASON)
        words: dict[str, Any] = {"who": who, "reason": reason, "note": one_line(act.note, MAX_NOTE)}
        return cls(comment_id=comment_id, verb=verb, before=before, at=at, act=act.id, **words)

    def save(self, *args, **kwargs) -> NoReturn:
        raise TypeError("the record is written by the verbs of the comments' QuerySet, and then never changed")

    def delete(self, *args, **kwargs) -> NoReturn:
        raise TypeError("the record only grows")


def one_line(text: str, longest: int) -> str:
    """What does not show, or breaks or turns a line, becomes a space; what is too long is cut."""
    shown = "".join(" " if unicodedata.category(char) in UNSEEN else char for char in text)
    return " ".join(shown.split())[:longest]


UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
