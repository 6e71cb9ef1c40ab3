"""Reading files of history: lines of JSON, an array, or an object with `comments`; in UTF-8, or with a mark in UTF-16
or UTF-32; each of them gzipped or not."""

import codecs
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, NoReturn

import ijson

from comments.errors import Refused

from .elements import TOKEN, Elements

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The longer mark first: it begins with the shorter one.
OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
MAX_LINE_BYTES = 1024 * 1024
MAX_BRACKETS = 6000
START_BYTES = 64 * 1024
DAMAGE = (EOFError, OSError, ValueError, zlib.error)
LIST_OF_COMMENTS = re.compile(rb"\s*:\s*\[")

Numbered = tuple[int, Any]  # the number of a line or an element from 1, and its value, or Refused with the reason


def values(stream: BinaryIO) -> Iterator[Numbered]:
    """Everything in the stream, read bit by bit."""
    start, stream = _started(stream.read)
    if start.startswith(GZIP_MAGIC):
        start, stream = _started(gzip.GzipFile(fileobj=stream).read1)
    if encoding := next((name for mark, name in OTHER_ENCODINGS.items() if start.startswith(mark)), ""):
        start, stream = _started(_Transcoded(stream, encoding).read)
    array, closing = _array_in(start)
    if not array:
        return _lines(stream)
    stream.read(array)
    return _elements(stream, closing)


class _Transcoded:
    """A stream in UTF-8 that is in another encoding. Halves of characters come out as what no UTF-8 is, so that the
    line is refused in which they stand, and no other."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._ready = b""

    def read(self, size: int) -> bytes:
        while not self._ready and (part := self._stream.read1(START_BYTES)):  # type: ignore[attr-defined]
            self._ready = self._decoder.decode(part).encode(errors="surrogatepass")
        if not self._ready:
            self._decoder.decode(b"", final=True)
        part, self._ready = self._ready[:size], self._ready[size:]
        return part


class _Resumed(io.RawIOBase):
    """What has been read already, and then the rest."""

    def __init__(self, start: bytes, read: Callable[[int], bytes]) -> None:
        self._start = start
        self._read = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        part = self._start[: len(buffer)] or self._read(len(buffer))
        self._start = self._start[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def _started(read: Callable[[int], bytes]) -> tuple[bytes, io.BufferedReader]:
    """The start of a stream, which shows its format, and the stream with it. A pipe may give it in small pieces."""
    start = b""
    try:
        while len(start) < START_BYTES and (part := read(START_BYTES - len(start))):
            start += part
    except DAMAGE as error:
        read = partial(_raise, error)  # when the start has been read, where it can be reported
    start = start.removeprefix(BYTE_ORDER_MARK)
    return start, io.BufferedReader(_Resumed(start, read), START_BYTES)


def _raise(error: Exception, size: int) -> NoReturn:
    raise error


def _array_in(start: bytes) -> tuple[int, int]:
    """Where the array of comments begins, behind its bracket, and how many brackets close it and what is around it;
    0 for lines of JSON. An object is no line if its `comments` are a list, and nothing follows it."""
    if start.lstrip().startswith(b"["):
        return start.index(b"[") + 1, 1
    array, depth = 0, 0
    for token in TOKEN.finditer(start):
        depth += (token[0] in (b"[", b"{")) - (token[0] in (b"]", b"}"))
        if depth == 1 and token[0] == b'"comments"' and (begins := LIST_OF_COMMENTS.match(start, token.end())):
            array = array or begins.end()
        if depth == 0:
            # After the line of an object comes another one; in a list that is broken, whatever there is.
            line, _, more = start[token.end() :].partition(b"\n")
            return (0, 0) if more.strip() and not line.strip() else (array, 2)
    return array, 2


def _lines(stream: io.BufferedReader) -> Iterator[Numbered]:
    number = 0
    try:
        while line := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                _skip_line(stream, line)
                yield number, _unreadable(f"it is longer than {MAX_LINE_BYTES} bytes")
            elif line.strip():
                yield number, _value(line)
    except DAMAGE as error:
        yield number + 1, _cut_short(error)


def _value(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        is_whole = not isinstance(_value(line.decode(errors="replace").encode()), Refused)
        return Refused(422, "unreadable_line" if is_whole else "broken", "it is not UTF-8")
    except json.JSONDecodeError:
        return Refused(422, "broken", "it is not JSON")
    except ValueError:
        return _unreadable("it is not JSON")
    except RecursionError:
        return _deep_value(line)


def _deep_value(line: bytes) -> Any:
    """What Python's own parser would need its stack for. The other one takes the square of the depth in memory."""
    if line.count(b"[") + line.count(b"{") > MAX_BRACKETS:
        return _unreadable("it is not JSON that could be read: it is nested too deeply")
    try:
        return next(ijson.items(io.BytesIO(line), "", use_float=True))
    except (ValueError, StopIteration, ijson.JSONError):
        return _unreadable("it is not JSON")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _skip_line(stream: io.BufferedReader, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_LINE_BYTES)


def _elements(stream: io.BufferedReader, closing: int) -> Iterator[Numbered]:
    elements = Elements(stream, _value, closing)
    try:
        yield from elements
    except DAMAGE as error:
        yield elements.number, _cut_short(error)


def _unreadable(reason: str) -> Refused:
    return Refused(422, "unreadable_line", reason)


def _cut_short(error: Exception) -> Refused:
    reason = str(error).strip().splitlines()
    return _unreadable(f"the file cannot be read from here on: {reason[0] if reason else type(error).__name__}")
