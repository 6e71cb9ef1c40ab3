"""`uss`: the users whose comments are wanted, as links of the first version write them: `alice:255000000+bob`."""

import re
from urllib.parse import unquote

from django.db.models import Q

from comments.errors import invalid
from comments.text import color
from comments.text.cleaning import MAX_USERNAME, refuse_unstorable, username_key

MAX_USERS = 20
SEPARATOR = re.compile(r"\+|%2B", re.IGNORECASE)


def raw_value(query_string: str, name: str) -> str:
    for pair in query_string.split("&"):
        key, _, value = pair.partition("=")
        if unquote(key) == name:
            return value
    return ""


def users(uss: str) -> Q:
    """Any of the users in a raw `uss`; a colour, if given, must be the comment's too."""
    wanted = SEPARATOR.split(uss)
    if len(wanted) > MAX_USERS:
        raise invalid("uss", f"At most {MAX_USERS} users can be asked for at once.")
    q = Q()
    for user in wanted:
        name, _, shade = unquote(user).partition(":")
        refuse_unstorable("uss", name)
        nine_digits = color.canonical(shade) if shade else ""
        if not name or len(name) > 4 * MAX_USERNAME or nine_digits is None:
            raise invalid("uss", "Users are written as name or name:color, joined by +.")
        q |= Q(username_key=username_key(name), color=nine_digits) if shade else Q(username_key=username_key(name))
    return q
