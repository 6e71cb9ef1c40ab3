"""The moderators' desk, inside of Django's admin and its permissions.

Imports `stream`, `writing` and `reading`; what it changes goes through the verbs. Begin with `admin.py`, where a
column or an action goes; `filters.py` narrows its list, `moderators.py` says who may do what.
"""
