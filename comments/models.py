"""What is stored: the clock, the comments, who may act as a bot and who may not post."""

from .callers.bots import Bot
from .stream.clock import StreamClock
from .stream.comment import Comment, State
from .stream.words import Words
from .writing.limits import Ban

__all__ = ["Ban", "Bot", "Comment", "State", "StreamClock", "Words"]
