"""The list of planted faults keeps up with the code: each can still be planted. That each is noticed takes minutes."""

import pytest

from .bots import FAULTS as BOTS
from .fault import ROOT, Fault
from .page import FAULTS as PAGE
from .server import FAULTS as SERVER
from .town import FAULTS as TOWN

pytestmark = pytest.mark.once


@pytest.mark.parametrize("fault", [*SERVER, *BOTS, *PAGE, *TOWN], ids=str)
def test_a_fault_can_be_planted(fault: Fault):
    source = (ROOT / fault.file).read_text()
    assert fault.planted_in(source) != source
    assert all((ROOT / word).exists() for word in fault.tests.split() if word.startswith("tests/"))
