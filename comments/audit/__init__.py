"""The audit of the promise: writers and readers at work on a running server, what each did and saw, and a judgement.

`history` is what they write down, `checker` is the judge. Everything else makes histories: `writers`, `readers` and
`moderators` as processes of their own, which `run` starts. Nothing here but `moderators` knows the inside of the
product, so that the judge believes nothing but what visitors can see.
"""
