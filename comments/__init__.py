"""The stream of comments: one app, with a room for each part of the drawing in docs/architecture.md.

From the top: `page`, `desk` → `api` → `reading`, `writing`, `history` → `wire` → `stream`, `text`, `callers`. Arrows
go down only, and a test says so. To understand it all, follow a message: `writing/posting.py`, `stream/clock.py`,
`reading/tail.py`, `api/reads.py`.
"""
