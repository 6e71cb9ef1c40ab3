"""The door for the past: what was written elsewhere, or before, comes in and goes out as files.

Imports `stream`, `text` and the names of `wire`. Begin with `importing.py`; `files.py` reads bytes of any form,
`exporting.py` writes what can come in again.
"""
