"""Who is asking: the address behind proxies, the key that stands for it, and the bots with their tokens.

Imports nothing of ours but `errors`, and knows no request: `api/caller.py` takes one apart. Begin with `addresses.py`.
"""
