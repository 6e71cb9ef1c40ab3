"""Faults that are planted by hand, one at a time, and the tests that must notice: `bin/mutate planted`.

They are what a mutation tool does not think of: a missing wake, a missing reset, a swallowed exception. A fault that
was once found in the product, or might have been, belongs in one of these lists.
"""

from . import beats, bots, page, page_returning, page_waiting, processes, server, town

LISTS = (server, processes, bots, beats, page, page_returning, page_waiting, town)
EVERY = tuple(fault for faults in LISTS for fault in faults.FAULTS)
