"""The elements of a JSON array, one by one, of which any may be broken.

A JSON parser stops at the first thing that is wrong, and all that comes after is lost. So this only looks for where
each element ends, by brackets and quotes, and leaves it to others what stands in it. Where an element turns out to be
broken in itself, or to be a list that should not be there, its end may be wrong too: then reading goes on where the
next thing in it looks like a comment. Nor is a bracket the end of all, if a comment follows it.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from comments.errors import Refused

MAX_ELEMENT_BYTES = 1024 * 1024
MAX_PLACES = 64  # where a comment may begin in what is broken, and how long it may be then: each is tried
MAX_TRIED_BYTES = 64 * 1024
BETWEEN = re.compile(rb"[\s,]*")
# A string as a whole, a bracket or a comma; or a quote whose string has no end here.
TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]|"', re.DOTALL)
BEGINNING = re.compile(rb'\{\s*"')
OF_A_COMMENT = {"text", "username", "timestamp"}

Read = Callable[[bytes], Any]  # what an element is, or Refused


class EndedEarly(ValueError):
    """The array has no end."""


class Elements:
    """Reads a stream that stands inside of an array, behind its opening bracket. `closing` is what has to follow
    before the end of the file: the array's own bracket, and that of the object around it, if there is one."""

    def __init__(self, stream: BinaryIO, read: Read, closing: int) -> None:
        self.more = stream.read1  # type: ignore[attr-defined]  # read() would lose what stands just before damage
        self.read = read
        self.closing = closing
        self.buffer = b""
        self.at = 0
        self.number = 1  # of the element that is being read

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        while self._next_begins():
            value, end = self._element()
            yield self.number, value
            self.number += 1
            self.buffer, self.at = self.buffer[end:], 0
        self._refuse_more()

    def _next_begins(self) -> bool:
        while (start := BETWEEN.match(self.buffer, self.at).end()) == len(self.buffer):  # type: ignore[union-attr]
            self._load()
        self.at = start
        return self.buffer[start : start + 1] != b"]" or self._goes_on()

    def _goes_on(self) -> bool:
        """Whether the bracket that stands here ends nothing: a comment follows it, and not what closes the file."""
        part = b"."
        while part and len(self.buffer) - self.at < MAX_ELEMENT_BYTES:
            self.buffer += (part := self.more(65536))
        rest = self.buffer[self.at :]
        if self.closing == 1:
            is_end = not rest[1:].strip()
        else:
            is_end = bool(part) or isinstance(self.read(b'{"":[' + rest), dict)
        return not is_end and self._resumed(len(self.buffer)) > 0

    def _element(self) -> tuple[Any, int]:
        """An element, and where reading goes on."""
        try:
            end = self._end_of(self.at)
        except EndedEarly:
            if place := self._resumed(len(self.buffer)):
                return Refused(422, "broken", "it is not JSON"), place
            raise
        if end is None:
            place = self._resumed(len(self.buffer)) or len(self.buffer)
            return Refused(422, "broken", f"it is longer than {MAX_ELEMENT_BYTES} bytes"), place
        value = self.read(self.buffer[self.at : end])
        has_ended = isinstance(value, dict) or (isinstance(value, Refused) and value.code != "broken")
        return value, (not has_ended and self._resumed(end)) or end

    def _end_of(self, start: int, most: int = MAX_ELEMENT_BYTES) -> int | None:
        """Where the value ends that begins here; None if that is too far."""
        depth, at = 0, start
        while at - start <= most:
            token = TOKEN.search(self.buffer, at)
            if token is None or token[0] == b'"':
                at = len(self.buffer) if token is None else token.start()
                if len(self.buffer) - start > most:
                    return None
                self._load()
                continue
            at = token.end()
            if depth == 0 and token[0] in (b",", b"]", b"}"):
                return max(token.start(), start + 1)
            depth += (token[0] in (b"[", b"{")) - (token[0] in (b"]", b"}"))
            if depth == 0 and token[0] in (b"]", b"}"):
                return at
        return None

    def _resumed(self, end: int) -> int:
        """Where the next comment begins in what is broken, up to its end; 0 if none does."""
        places = islice(BEGINNING.finditer(self.buffer, self.at + 1, end), MAX_PLACES)
        return next((place.start() for place in places if self._is_comment(place.start())), 0)

    def _is_comment(self, start: int) -> bool:
        try:
            end = self._end_of(start, MAX_TRIED_BYTES)
        except EndedEarly:
            return False
        value = end and self.read(self.buffer[start:end])
        return isinstance(value, dict) and value.keys() >= OF_A_COMMENT

    def _load(self) -> None:
        part = self.more(65536)
        if not part:
            raise EndedEarly("it ends in the middle")
        self.buffer += part

    def _refuse_more(self) -> None:
        """Nothing may follow but what closes the object around."""
        rest = self.buffer[self.at :]
        while part := self.more(65536):
            rest = (rest + part)[:MAX_ELEMENT_BYTES]
        depth, end = self.closing, 0
        for token in TOKEN.finditer(rest):
            depth += (token[0] in (b"[", b"{")) - (token[0] in (b"]", b"}"))
            if depth == 0:
                end = token.end()
                break
        if depth or rest[end:].strip():
            raise EndedEarly("it ends in the middle" if depth else "something follows its end")
