"""Tool calls, each whole and with an id of its own.

Gemini sends no index, and the Agents SDK then takes all calls of an answer for one and glues their arguments together.
Older models send the id "" (which ends the run), and nothing promises that ids differ. What a name starts is a new
call, unless the same name and id came before and its arguments are not at their end; what comes without a name
continues an earlier one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.gemini_compat.letters import whole

# Calls of one answer. Gemini makes a dozen at once at most; a thousand would be carried out one by one.
_MOST_CALLS = 128
# Fewer are not looked at: no task has as many.
_FEWEST_BRACKETS = 100


@dataclass(slots=True, kw_only=True)
class Call:
    """One call: `arguments` is JSON text that grows as it comes, `signature` Gemini's thought signature."""

    id: str
    name: str
    arguments: str
    wire_id: str
    signature: str | None = None


class ToolCalls:
    """The calls of one answer. `taken` are the ids that earlier steps of the turn have used."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.all: list[Call] = []
        self._taken = set(taken)
        self._by_wire_index: dict[int, Call] = {}

    def take(self, calls: Iterable[Any]) -> list[Call]:
        """Read the calls of one delta, and give those that begin with it. Raises GeminiFailure for a broken one."""
        before = len(self.all)
        for call in calls:
            self._take(call)
        return self.all[before:]

    def close(self) -> None:
        """Take it that the calls are complete: what was cut within a letter is put together. Raises GeminiFailure."""
        for call in self.all:
            call.name, call.arguments = whole(call.name), whole(call.arguments)
            if _too_deep(call.arguments):
                raise GeminiFailure("Gemini called a tool in a form that cannot be read.", ask_again=True)

    def _take(self, call: Any) -> None:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise GeminiFailure("Gemini called a tool without naming it.", ask_again=True)
        name = function.get("name") or None
        arguments = function.get("arguments")
        text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
        wire_id = str(call.get("id") or "")
        known = self._continued(call.get("index"), wire_id, name)
        if known is None:
            if not name:
                raise GeminiFailure("Gemini called a tool without naming it.", ask_again=True)
            known = self._new(call.get("index"), str(name), text, wire_id)
        elif arguments:
            known.arguments += text
        known.signature = _signature(call) or known.signature

    def _continued(self, wire_index: Any, wire_id: str, name: Any) -> Call | None:
        known = self._by_wire_index.get(wire_index) if isinstance(wire_index, int) else None
        if name:
            # Some gateways repeat name and id with each piece: it is one call until its arguments are closed.
            same = known is not None and wire_id and (wire_id, name) == (known.wire_id, known.name)
            return known if known is not None and same and not known.arguments.endswith("}") else None
        if known is not None and wire_id in ("", known.wire_id):
            return known
        return self.all[-1] if self.all and not wire_id else None

    def _new(self, wire_index: Any, name: str, arguments: str, wire_id: str) -> Call:
        identifier = wire_id if wire_id and wire_id not in self._taken else f"call_{uuid.uuid4().hex}"
        self._taken.add(identifier)
        if len(self.all) == _MOST_CALLS:
            raise GeminiFailure(f"Gemini called more than {_MOST_CALLS} tools in one answer.", passing=False)
        call = Call(id=identifier, name=name, arguments=arguments, wire_id=wire_id)
        self.all.append(call)
        if isinstance(wire_index, int):
            self._by_wire_index[wire_index] = call
        return call


def _too_deep(text: str) -> bool:
    """Whether JSON is nested beyond a reader's stack, which is Python's own: the run would end on it."""
    if text.count("[") + text.count("{") < _FEWEST_BRACKETS:
        return False
    try:
        json.loads(text)
    except RecursionError:
        return True
    except ValueError:
        return False
    return False


def _signature(call: dict[str, Any]) -> str | None:
    extra = call.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if isinstance(signature, str) else None
