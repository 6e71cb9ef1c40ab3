"""The moderators' desk, inside of Django's admin and its permissions.

Imports `api`, `stream`, `writing` and `reading`; what it changes goes through the verbs. Begin with `pages.py`, what
can be opened and sent; `listing.py` is what is shown, `choice.py` what is acted on, `acting.py` what is done and
undone, `rows.py` how a comment looks here, `lookup.py` the record, `again.py` what becomes of an action without a
sign-in, `sign_in.py` who guesses passwords, `moderators.py` who may do what. `site.py` puts it into Django's admin,
`admin.py` has the lists that are Django's own.
"""
