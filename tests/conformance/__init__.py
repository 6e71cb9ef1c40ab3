"""The contract of the wire, as checks: what docs/wire.md says of it, and the hazards R01 to R18 and R63 to
R70, as seen outside. What a client can see is stated here and nowhere else.

It asks over HTTP and WebSocket and knows nothing of the code, so a fork, or another implementation, can be held to it:
`python -m tests.conformance --url URL --token TOKEN`. What only shows inside (how many rows a read touches, R13 and
R14; a database that fails, R15) is for a server's own tests.
"""
