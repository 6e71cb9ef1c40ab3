"""Characters that change the direction of what stands behind them."""

import re

# Embeddings, overrides and isolates. The marks that only say how their neighbours run (U+200E, U+200F, U+061C) stay.
CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def neutral(text: str) -> str:
    """The text without them: its letters know their direction, and each line takes that of its first one."""
    return CONTROLS.sub("", text)
