"""Tool calls with an index and an id of their own.

Gemini sends no index, and the Agents SDK then takes all calls of an answer for one and glues their arguments together.
Older models send the id "" (which ends the run), and nothing promises that ids differ. What a name starts is a new
call; what comes without a name continues an earlier one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall, ChoiceDeltaToolCallFunction

from reference_server.mends.failure import GeminiFailure


class ToolCalls:
    """The calls of one answer. `taken` are the ids that earlier steps of the turn have used."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.count = 0
        self._taken = set(taken)
        self._by_wire_index: dict[int, tuple[int, str]] = {}

    def mend(self, calls: Iterable[Any]) -> list[ChoiceDeltaToolCall]:
        """The calls of one delta, as deltas that the Agents SDK keeps apart. Raises GeminiFailure for a broken one."""
        return [self._mended(call) for call in calls]

    def _mended(self, call: Any) -> ChoiceDeltaToolCall:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise GeminiFailure("Gemini called a tool without naming it.", ask_again=True)
        name = function.get("name") or None
        arguments = function.get("arguments")
        text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
        wire_id = call.get("id") or ""
        index = self._continued(call.get("index"), name, wire_id)
        if index is None:
            if not name:
                raise GeminiFailure("Gemini called a tool without naming it.", ask_again=True)
            return self._new(call, str(name), text, str(wire_id))
        return ChoiceDeltaToolCall(
            index=index, function=ChoiceDeltaToolCallFunction(arguments=text if arguments else "")
        )

    def _continued(self, wire_index: Any, name: Any, wire_id: str) -> int | None:
        known = self._by_wire_index.get(wire_index) if isinstance(wire_index, int) else None
        if name:
            return None
        if known is not None and wire_id in ("", known[1]):
            return known[0]
        return self.count - 1 if self.count and not wire_id else None

    def _new(self, call: dict[str, Any], name: str, arguments: str, wire_id: str) -> ChoiceDeltaToolCall:
        index = self.count
        self.count += 1
        if isinstance(call.get("index"), int):
            self._by_wire_index[call["index"]] = (index, wire_id)
        identifier = wire_id if wire_id and wire_id not in self._taken else f"call_{uuid.uuid4().hex}"
        self._taken.add(identifier)
        mended = ChoiceDeltaToolCall(
            index=index,
            id=identifier,
            type="function",
            function=ChoiceDeltaToolCallFunction(name=name, arguments=arguments),
        )
        # The thought signature: the Agents SDK reads it here and replays it in the next step of the turn.
        if call.get("extra_content"):
            mended.extra_content = call["extra_content"]  # type: ignore[attr-defined]  # an extra field, as on the wire
        return mended
