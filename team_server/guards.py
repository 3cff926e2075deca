"""What the team does not talk about: an input guardrail before the model is asked, an output guardrail after it spoke.

A guard that asks a model stands in the same place: it is a function that runs an agent with an `output_type`.
"""

from __future__ import annotations

from typing import Any

from agents import (
    Agent,
    GuardrailFunctionOutput,
    RunContextWrapper,
    TResponseInputItem,
    input_guardrail,
    output_guardrail,
)

UNSPOKEN = "secret recipe"
"""Words that are neither asked for nor told."""

NOT_ASKED = "That is nothing to talk about here. Please ask about your tasks or your plants."
NOT_TOLD = "The answer was withdrawn: it told what is nothing to talk about here."


@input_guardrail(run_in_parallel=False)
async def asks_for_the_secret(
    context: RunContextWrapper[Any], agent: Agent[Any], input: str | list[TResponseInputItem]
) -> GuardrailFunctionOutput:
    """Looks at the newest message before the model is asked. What was said earlier in the thread is no matter."""
    return GuardrailFunctionOutput(output_info=None, tripwire_triggered=UNSPOKEN in newest(input).lower())


@output_guardrail
async def tells_the_secret(
    context: RunContextWrapper[Any], agent: Agent[Any], output: object
) -> GuardrailFunctionOutput:
    """Looks at the whole answer. It was shown while it came, so it is taken back where it tells too much."""
    return GuardrailFunctionOutput(output_info=None, tripwire_triggered=UNSPOKEN in str(output).lower())


def newest(input: str | list[TResponseInputItem]) -> str:
    """The text of the newest message of the user's."""
    if isinstance(input, str):
        return input
    said = (row.get("content") for row in reversed(input) if row.get("role") == "user")
    content = next(said, "")
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)
