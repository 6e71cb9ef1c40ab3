"""The settings that saywhat/settings.py reads from the environment, found in its source."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def declared_settings() -> dict[str, str]:
    """Each setting's name and the source of its default, in the order of the file."""
    tree = ast.parse((ROOT / "saywhat/settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and reads_environment(node.func)]
    calls = [call for call in calls if isinstance(call.args[0], ast.Constant)]
    return {call.args[0].value: default_of(call) for call in sorted(calls, key=lambda call: call.lineno)}


def reads_environment(function: ast.expr) -> bool:
    match function:
        case ast.Attribute(value=ast.Name(id="env")) | ast.Name(id="networks"):
            return True
    return False


def default_of(call: ast.Call) -> str:
    return ast.unparse(call.args[1]) if len(call.args) > 1 else "[]"
