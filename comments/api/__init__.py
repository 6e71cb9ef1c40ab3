"""The doors of the wire: the operations, the fast lane before Django, the WebSocket, and how answers are sent.

Imports `reading`, `writing`, `wire` and `callers`. Begin with `operations.py`, where a new endpoint goes; `reads.py`
is what both doors share, `refusals.py` how the API says no.
"""
