"""The list of planted faults keeps up with the code: each can still be planted. That each is noticed takes minutes."""

import pytest

from . import EVERY
from .fault import ROOT, Fault

pytestmark = pytest.mark.once


@pytest.mark.parametrize("fault", EVERY, ids=str)
def test_a_fault_can_be_planted(fault: Fault):
    source = (ROOT / fault.file).read_text()
    assert fault.planted_in(source) != source
    assert all((ROOT / word).exists() for word in fault.tests.split() if word.startswith("tests/"))
