"""Reading files of history: lines of JSON, an array, or an object with `comments`; each of them gzipped or not."""

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson

from .errors import Refused

GZIP_MAGIC = b"\x1f\x8b"
MAX_LINE_BYTES = 1024 * 1024
PEEK_BYTES = 64 * 1024

Numbered = tuple[int, Any]  # the number of a line or an element from 1, and its value, or Refused with the reason


def values(stream: BinaryIO) -> Iterator[Numbered]:
    """Everything in the stream, read bit by bit."""
    stream = _unzipped(stream)
    prefix = _array_prefix(stream)
    return _lines(stream) if prefix is None else _elements(stream, prefix)


def _unzipped(stream: BinaryIO) -> io.BufferedReader:
    buffered = io.BufferedReader(stream, PEEK_BYTES)
    if buffered.peek(2).startswith(GZIP_MAGIC):
        return io.BufferedReader(gzip.GzipFile(fileobj=buffered), PEEK_BYTES)
    return buffered


def _array_prefix(stream: io.BufferedReader) -> str | None:
    """Where ijson finds the comments, or None for lines of JSON."""
    start = stream.peek(PEEK_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        return "item"
    return "comments.item" if _is_wrapped(start) else None


def _is_wrapped(start: bytes) -> bool:
    """Whether the first object has a key `comments`; the text may end anywhere."""
    try:
        for prefix, event, value in ijson.parse(start, multiple_values=True):
            if prefix == "" and event in ("map_key", "end_map"):
                if value == "comments":
                    return True
                if event == "end_map":
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
    except (EOFError, OSError, ValueError) as error:
        yield number + 1, _unreadable(f"the file cannot be read from here on: {error}")


def _value(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _unreadable("it is not UTF-8")
    except (ValueError, RecursionError):
        return _unreadable("it is not JSON")


def _skip_line(stream: io.BufferedReader, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_LINE_BYTES)


def _elements(stream: io.BufferedReader, prefix: str) -> Iterator[Numbered]:
    number = 0
    try:
        for number, value in enumerate(ijson.items(stream, prefix, use_float=True), 1):
            yield number, value
    except (EOFError, OSError, ValueError) as error:  # ijson's errors are ValueErrors
        yield number + 1, _unreadable(f"the file cannot be read from here on: {str(error).splitlines()[0]}")


def _unreadable(reason: str) -> Refused:
    return Refused(422, "unreadable_line", reason)
