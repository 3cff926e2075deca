"""The actions of a widget: what its buttons send."""

from __future__ import annotations

from ..transcript import JSON


def server_actions(widget: JSON) -> list[dict[str, JSON]]:
    """The actions in a widget's tree that the server handles, outer before inner."""
    found: list[dict[str, JSON]] = []
    waiting = [widget]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            for key, value in node.items():
                if key.endswith("Action") and isinstance(value, dict) and isinstance(value.get("type"), str):
                    found += [value] if value.get("handler", "server") == "server" else []
                else:
                    waiting.append(value)
    return found
