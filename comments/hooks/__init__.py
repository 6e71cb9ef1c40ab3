"""Webhooks: bots that hold no connection are called when there is something for them.

A hook is a reader of a change feed as every other, only that its cursor is kept here. Imports `reading`, `wire`,
`stream` and `callers`. Begin with `hook.py`, what is stored; `message.py` is what a hook is told next, `target.py`
where that may go, `taking.py` which process tells it, `courier.py` the loop that does, `making.py` the form.
"""
