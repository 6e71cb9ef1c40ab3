"""The moderators' desk, inside of Django's admin and its permissions.

Imports `api`, `stream`, `writing` and `reading`; what it changes goes through the verbs. Begin with `pages.py`, what
can be opened, and `sending.py`, what can be sent. `listing.py` and `closeup.py` are what is shown, `choice.py` what is
acted on, `acting.py` what is done and undone, `rows.py` how a comment looks here, `buttons.py` who may press what,
`bots.py` the bots' accounts, `work.py` their work, `lookup.py` the record, `speaking.py` what moderators say
themselves, `ruling.py` rules, `again.py` what becomes of an action without a sign-in, `sign_in.py` who guesses
passwords, `second_factor.py` codes, `roles.py` the groups. `site.py` puts it into Django's admin, `admin.py` has the
list that is Django's own.
"""
