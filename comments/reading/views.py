"""A view as a read: which rows, and the words by which they are found."""

from django.db.models import Q

from comments.wire.views import View

from . import search


def chosen(view: View, matching: Q | None = None, term: str = "") -> tuple[Q, list[str]]:
    """What `table.newest` and `table.after` take: conditions on rows, and terms of which a text has one. `matching` is
    of the same question, and so is a `term` beside the view's own."""
    words, not_words = view.terms
    wanted = [terms for terms in ([term] if term else [], [view.search] if view.search else [], words) if terms]
    q = view.as_q() if matching is None else matching
    for terms in wanted[1:]:  # the first of them is looked up
        q &= search.has_any(terms)
    if not_words:
        q &= ~search.has_any(not_words)
    return q, wanted[0] if wanted else []
