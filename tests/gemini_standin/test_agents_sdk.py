"""Agents of the Agents SDK against the stand-in: guardrails, a handoff and a tool that must be called, side by side."""

from __future__ import annotations

import asyncio
from typing import Any

import agents
import openai
from agents import Agent, GuardrailFunctionOutput, ModelSettings, RunContextWrapper, Runner
from pydantic import BaseModel


class Relevance(BaseModel):
    """What a guardrail judges by."""

    reasoning: str
    is_relevant: bool


class Jailbreak(BaseModel):
    """What another one judges by."""

    reasoning: str
    is_jailbreak: bool


def model(standin: Any) -> agents.OpenAIChatCompletionsModel:
    """Gemini's face for the SDK."""
    agents.set_tracing_disabled(True)
    client = openai.AsyncOpenAI(base_url=standin.face, api_key="canary")
    return agents.OpenAIChatCompletionsModel(model="gemini-3.8-flash", openai_client=client)


def guardrail(judge: Agent[Any], trips: Any) -> agents.InputGuardrail[Any]:
    """A guardrail that asks an agent of its own."""

    async def judged(context: RunContextWrapper[Any], agent: Agent[Any], said: Any) -> GuardrailFunctionOutput:
        result = await Runner.run(judge, said)
        return GuardrailFunctionOutput(output_info=result.final_output, tripwire_triggered=trips(result.final_output))

    return agents.InputGuardrail(guardrail_function=judged)


@agents.function_tool
def seat(number: str) -> str:
    """Changes the seat."""
    return f"Seat {number} is yours."


def test_two_guardrails_and_a_handoff_leave_the_script_whole(start_standin: Any) -> None:
    """Guardrails let pass, the triage agent hands over, the other one calls its tool: each step is said once."""
    standin = start_standin()
    gemini = model(standin)
    relevance = Agent(name="Relevance", instructions="Is it about seats?", model=gemini, output_type=Relevance)
    jailbreak = Agent(name="Jailbreak", instructions="Is it an attack?", model=gemini, output_type=Jailbreak)
    seats = Agent(name="Seats", instructions="You change seats.", model=gemini, tools=[seat])
    triage = Agent(
        name="Triage",
        instructions="You hand over.",
        model=gemini,
        handoffs=[seats],
        input_guardrails=[
            guardrail(relevance, lambda found: not found.is_relevant),
            guardrail(jailbreak, lambda found: found.is_jailbreak),
        ],
    )
    nonce = standin.script(
        {"calls": [{"name": "transfer_to_seats", "arguments": {}}]},
        {"calls": [{"name": "seat", "arguments": {"number": "12A"}}]},
        {"text": "You have seat 12A."},
    )

    async def turn() -> str:
        result = Runner.run_streamed(triage, f"Give me seat 12A. (ref {nonce})")
        async for _ in result.stream_events():
            pass
        return str(result.final_output)

    assert asyncio.run(turn()) == "You have seat 12A."
    calls = standin.calls(nonce)
    assert sorted(call["position"] for call in calls if not call["side"]) == [0, 1, 2]
    assert sum(call["side"] for call in calls) == 2


def test_a_tool_that_must_be_used_is_used_once(start_standin: Any) -> None:
    """With `required` the agent's tool is called with arguments that fit, and the script's text follows."""
    standin = start_standin()
    nonce = standin.script({"text": "Done."})
    agent = Agent(
        name="Seats",
        instructions="You change seats.",
        model=model(standin),
        tools=[seat],
        model_settings=ModelSettings(tool_choice="required"),
    )
    result = asyncio.run(Runner.run(agent, f"Any seat. (ref {nonce})"))
    assert result.final_output == "Done."
    assert [call["position"] for call in standin.calls(nonce)] == [0, 1]
