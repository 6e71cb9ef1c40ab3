"""What is stored: the clock, the comments, what was done to them, who may act as a bot, which of them are called, and
who may not post."""

from .bots.lease import Lease
from .callers.bots import Bot, Token
from .hooks.hook import Delivery, Hook
from .stream.clock import StreamClock
from .stream.comment import Comment, State
from .stream.record import Record
from .stream.words import Words
from .writing.authors import AuthorSecret
from .writing.bans import Ban
from .writing.reports import Report

__all__ = [
    "AuthorSecret",
    "Ban",
    "Bot",
    "Comment",
    "Delivery",
    "Hook",
    "Lease",
    "Record",
    "Report",
    "State",
    "StreamClock",
    "Token",
    "Words",
]
