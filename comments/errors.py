"""The one way to say no: a status, a stable code for programs and a sentence for people."""

from collections.abc import Mapping
from types import MappingProxyType

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Refused(Exception):
    """A request that cannot be granted, as the API answers it: `{"error": sentence, "code": code}`.

    `retry_after` is in whole seconds and becomes the `Retry-After` header; `headers` are sent as they are; `more`
    stands beside the sentence, for programs.
    """

    def __init__(
        self,
        status: int,
        code: str,
        sentence: str,
        retry_after: int | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
        more: dict | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.retry_after = retry_after
        self.more = more or {}
        self.headers = headers


NO_COMMENT = Refused(404, "not_found", "There is no comment with this id.")


def invalid(field: str, sentence: str, code: str = "") -> Refused:
    """422 for one field; the code is `invalid_<field>` unless there is a more telling one."""
    return Refused(422, code or f"invalid_{field}", sentence)
