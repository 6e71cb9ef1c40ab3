"""What is stored: the clock, the comments, who may act as a bot and who may not post."""

from .bots import Bot
from .clock import StreamClock
from .comment import Comment, State
from .limits import Ban

__all__ = ["Ban", "Bot", "Comment", "State", "StreamClock"]
