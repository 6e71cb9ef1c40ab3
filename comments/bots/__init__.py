"""What bots have beyond what everybody has: accounts, and work that is done exactly once.

Imports `writing`, `stream`, `text` and `callers`; who a bot is, `callers/bots.py` knows. Begin with `queue.py`.
"""
