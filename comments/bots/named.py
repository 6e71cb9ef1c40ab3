"""The comment that a request is about."""

from comments.stream.comment import Comment
from comments.stream.queryset import CommentQuerySet
from comments.text.cleaning import ID


def named(id: str) -> CommentQuerySet:
    """The comment with this id, whatever its state, as a set of one; of none, if there is none."""
    return Comment.objects.filter(pk=id) if ID.fullmatch(id) else Comment.objects.none()
