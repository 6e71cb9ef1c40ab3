"""Looking after the whole: copies of it and the way back, whether it is in order, and what has been kept long enough.

Imports `stream`. Begin with `backup.py`; `sqlite.py` and `postgresql.py` are its two ways, `checking.py` compares the
clock with the table, `retention.py` lets go of what is old.
"""
