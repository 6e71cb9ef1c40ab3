"""`pytest -p tests.support.shuffled`: in random order. Says with which SEED that comes again: `SEED=5 pytest …`."""

import os
import random

import pytest

SEED = os.environ.get("SEED") or str(random.SystemRandom().randrange(1000))


def pytest_report_header() -> str:
    return f"in random order: SEED={SEED}"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """After all that choose and sort them."""
    yield
    random.Random(SEED).shuffle(items)
