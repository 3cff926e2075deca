"""The instructions of the agent that answers are in every request, once."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import NONCE
from chatkit_conformance.stream.heard import heard_in
from chatkit_conformance.transcript import Call, Transcript

from ..evidence import shorten

SYSTEM = ("system", "developer")
STATELESS = "Gemini docs, System instructions: they are part of each request, and none is kept from the one before"
CUT = 0.5
"""Share of the instructions below which they were cut; a greeting for the first turn alone may well be left out."""

FIRST = 200
"""Characters of the instructions by which they are found where they stand elsewhere than in a message of their own."""


def _instructed(t: Transcript) -> list[tuple[Call, Call]]:
    """Each request, beside the first one of the same agent that contains instructions.

    Agents are told apart by their tools. Raises Untestable where no request contains instructions.
    """
    first: dict[tuple[str, ...], Call] = {}
    found: list[tuple[Call, Call]] = []
    for call in t.calls:
        if call.side or not call.messages:
            continue
        agent = tuple(str(tool.get("name")) for tool in call.tools)
        if agent not in first and _instructions(t, call):
            first[agent] = call
        if agent in first:
            found.append((call, first[agent]))
    if not found:
        raise Untestable(f"No request to the model in {t.exchange} contains instructions.")
    return found


def _instructions(t: Transcript, call: Call) -> str:
    return "\n".join(text for role, text in heard_in(t)[call.n].messages if role in SYSTEM).strip()


@check(
    "gemini.instructions-in-every-request",
    level=MUST,
    needs=("model",),
    clause=STATELESS,
    cause="The instructions are only sent with the first message of a thread, or before the first round of tools.",
    fix="Give the instructions to the agent (Agent(instructions=...)): it sends them with every request.",
)
def instructions_in_every_request(t: Transcript) -> Findings:
    """Every request to the model contains the agent's instructions: in later turns, after tools, on a retry."""
    for call, first in _instructed(t):
        wanted, got = _instructions(t, first), _instructions(t, call)
        if not got and not heard_in(t)[call.n].has(wanted[:FIRST]):
            yield Finding(expected=f"instructions {shorten(wanted)}", got="a request without instructions", call=call.n)
        # Where the instructions hold the conversation so far, those of a thread that begins have none of it.
        elif got and wanted.startswith(got) and len(got) < CUT * len(wanted) and not NONCE.search(wanted[len(got) :]):
            expected = f"instructions of {len(wanted)} characters"
            yield Finding(expected=expected, got=f"their first {len(got)}: {shorten(got)}", call=call.n)


@check(
    "gemini.instructions-once",
    level=SHOULD,
    needs=("model",),
    clause="Gemini docs, System instructions: one instruction for the conversation",
    cause="Each turn adds the instructions to the history, so they are sent again from there.",
    fix="Give instructions to the agent, and keep them out of the thread's items.",
)
def instructions_once(t: Transcript) -> Findings:
    """A request contains the instructions once."""
    for call, first in _instructed(t):
        texts = [text.strip() for role, text in heard_in(t)[call.n].messages if role in SYSTEM and text.strip()]
        own = min((text for role, text in heard_in(t)[first.n].messages if role in SYSTEM and text.strip()), key=len)
        times = max(max(texts.count(text) for text in texts) if texts else 0, "\n".join(texts).count(own.strip()))
        if times > 1:
            yield Finding(expected="once", got=f"{times} times {shorten(own)}", call=call.n)
