"""The truth: the clock that orders the stream, the comment, and the verbs that change it.

Imports nothing of ours but `errors`. Begin with `clock.py`; then `comment.py` and, for the verbs, `queryset.py`, which
write `record.py`. A new field of a comment begins here.
"""
