"""What goes over the wire: the objects and their fields, the parameters, a comment as JSON bytes.

Imports `stream` and `text`. Begin with `schemas.py`, where a new field gets its name and its meaning; `params.py` has
what may be asked, `entry.py` the bytes that are made once and sent to all.
"""
