"""The door out: the table, the tail of it that each process keeps in memory, and how readers hear of news.

Imports `wire`, `stream` and `text`. Begin with `tail.py`; `table.py` answers what the tail does not hold, an old
cursor for example; `news.py` is waiting in one process, `hints.py` calls between processes.
"""
