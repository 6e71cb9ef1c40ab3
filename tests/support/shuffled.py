"""`pytest -p tests.support.shuffled`: the files in random order, and the tests of each, so that what a file shares is
made once. Says with which SEED that comes again: `SEED=5 pytest …`."""

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
    dice = random.Random(SEED)
    files = list(dict.fromkeys(item.path for item in items))
    dice.shuffle(files)
    dice.shuffle(items)
    items.sort(key=lambda item: files.index(item.path))
