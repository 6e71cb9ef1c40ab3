"""What bots have beyond what everybody has: accounts, and work that is done exactly once.

Imports `reading`, `writing`, `stream`, `text` and `callers`; who a bot is, `callers/bots.py` knows. Begin with
`queue.py`, what can be done with work; `lease.py` is who is at it, `waiting.py` who waits for some, `accounts.py` how
an account is made, `overview.py` how the work stands, `moderating.py` what bots that moderate may do.
"""
