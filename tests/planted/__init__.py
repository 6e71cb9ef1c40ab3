"""Faults that are planted by hand, one at a time, and the tests that must notice: `bin/mutate planted`.

They are what a mutation tool does not think of: a missing wake, a missing reset, a swallowed exception. A fault that
was once found in the product, or might have been, belongs in `server.py` or `page.py`.
"""
