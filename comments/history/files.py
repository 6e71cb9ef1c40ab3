"""Reading files of history: lines of JSON, an array, or an object with `comments`; each of them gzipped or not."""

import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, BinaryIO, NoReturn

import ijson

from comments.errors import Refused

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_LINE_BYTES = 1024 * 1024
START_BYTES = 64 * 1024
DAMAGE = (EOFError, OSError, ValueError, zlib.error, ijson.JSONError)

Numbered = tuple[int, Any]  # the number of a line or an element from 1, and its value, or Refused with the reason


def values(stream: BinaryIO) -> Iterator[Numbered]:
    """Everything in the stream, read bit by bit."""
    start, stream = _started(stream.read)
    if start.startswith(GZIP_MAGIC):
        start, stream = _started(gzip.GzipFile(fileobj=stream).read1)
    prefix = _array_prefix(start)
    return _lines(stream) if prefix is None else _elements(stream, prefix)


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


def _array_prefix(start: bytes) -> str | None:
    """Where ijson finds the comments, or None for lines of JSON."""
    if start.lstrip().startswith(b"["):
        return "item"
    return "comments.item" if _is_wrapped(start) else None


def _is_wrapped(start: bytes) -> bool:
    """Whether the first object has a key `comments`; the text may end anywhere."""
    depth = 0
    try:
        for event, value in ijson.basic_parse(start, multiple_values=True, use_float=True):
            if depth == 1 and (event, value) == ("map_key", "comments"):
                return True
            depth += event.startswith("start_") - event.startswith("end_")
            if depth == 0:
                return False
    except ijson.JSONError:
        pass
    return False


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
        return _unreadable("it is not UTF-8")
    except (ValueError, RecursionError):
        return _unreadable("it is not JSON")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _skip_line(stream: io.BufferedReader, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_LINE_BYTES)


def _elements(stream: io.BufferedReader, prefix: str) -> Iterator[Numbered]:
    number = 0
    bit_by_bit = SimpleNamespace(read=stream.read1)  # read() would lose what stands just before damage
    try:
        for number, value in enumerate(ijson.items(bit_by_bit, prefix, use_float=True), 1):
            yield number, value
    except DAMAGE as error:
        yield number + 1, _cut_short(error)


def _unreadable(reason: str) -> Refused:
    return Refused(422, "unreadable_line", reason)


def _cut_short(error: Exception) -> Refused:
    reason = str(error).strip().splitlines()
    return _unreadable(f"the file cannot be read from here on: {reason[0] if reason else type(error).__name__}")
