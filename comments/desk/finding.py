"""Words in texts and names, whatever their case and width. All that the desk knows about searching stands here."""

from unicodedata import normalize

from comments.stream.queryset import CommentQuerySet


def folded(text: str) -> str:
    return normalize("NFKC", normalize("NFKC", text).casefold())


def anywhere(rows: CommentQuerySet, term: str, most: int) -> list[str]:
    """The ids of the newest `most` of these rows that have the term in their text or their name. 1 query."""
    wanted, found = folded(term), []
    for id, text, username_key in rows.order_by("-version").values_list("pk", "text", "username_key").iterator():
        if wanted in username_key or wanted in folded(text):
            found.append(id)
            if len(found) == most:
                break
    return found
