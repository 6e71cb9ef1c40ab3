"""Answers whoever asks bots for an answer with what they have said: `SITE=… TOKEN=… python3 echo.py`."""

import os

from saywhat import Comment, Site


def echo(comment: Comment) -> str:
    return f"{comment['username']} says: {comment['text']}"[:1000]


Site(os.environ["SITE"], os.environ["TOKEN"]).answer(echo)
