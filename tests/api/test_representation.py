"""What many are told alike: when it is compressed."""

import gzip

import pytest

from comments.api.representation import COMPRESSED_FROM_BYTES, SHARED, Representation


@pytest.mark.once
@pytest.mark.parametrize(("length", "varies"), [(COMPRESSED_FROM_BYTES - 1, False), (COMPRESSED_FROM_BYTES, True)])
def test_a_body_is_compressed_where_it_pays_and_then_says_that_it_varies(length, varies):
    body = b"x" * length
    answer = Representation(body).response(SHARED, accept_encoding="gzip")
    headers = dict(answer.headers)
    assert (headers.get("Content-Encoding"), headers.get("Vary")) == (
        ("gzip", "Accept-Encoding") if varies else (None, None)
    )
    assert (gzip.decompress(answer.body) if varies else answer.body) == body
    assert ("Vary" in dict(Representation(body).response(SHARED).headers)) is varies
