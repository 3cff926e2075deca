"""The actions of a widget: what its buttons send."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..transcript import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAction:
    """An action that the server handles: its configuration, and the component that it stands on."""

    config: dict[str, JSON]
    component: dict[str, JSON]

    @property
    def label(self) -> str:
        """What stands on the button."""
        return str(self.component.get("label") or "")


def server_actions(widget: JSON) -> list[dict[str, JSON]]:
    """The actions in a widget's tree that the server handles and that are not disabled, outer before inner."""
    return [found.config for found in placed_actions(widget)]


def sent_by(config: Mapping[str, JSON]) -> dict[str, JSON]:
    """What a button of this configuration sends: the action's type and its payload, null where it has none."""
    return {"type": config["type"], "payload": config.get("payload")}


def placed_actions(widget: JSON) -> list[ServerAction]:
    """The same, each with its component."""
    found: list[ServerAction] = []
    waiting = [widget]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            for key, value in node.items():
                if key.endswith("Action") and isinstance(value, dict) and isinstance(value.get("type"), str):
                    pressable = node.get("disabled") is not True
                    if pressable and value.get("handler", "server") == "server":
                        found.append(ServerAction(config=value, component=node))
                else:
                    waiting.append(value)
    return found


def action_beside(widget: JSON, words: str, others: Collection[str]) -> dict[str, JSON] | None:
    """The first action in the smallest part of a widget that has these words and none of the others; else None."""
    found, waiting = None, [widget]
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, dict | list):
            continue
        told = json.dumps(node, ensure_ascii=False)
        if words in told and not any(other in told for other in others):
            found = next(iter(server_actions(node)), found)
        waiting += node.values() if isinstance(node, dict) else node
    return found
