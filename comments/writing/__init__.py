"""The door in: whatever visitors and bots post comes through `posting.py`, and nothing comes in beside it.

Imports `stream`, `text` and `callers`. Begin with `posting.py`; `bans.py` and `limits.py` say who may not post now, by
the keys of `authors.py`. `announcing.py` is what stands above the stream. A rule that needs the stream, or the author,
is made here; one that needs only the words, in `text`.
"""
