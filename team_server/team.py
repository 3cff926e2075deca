"""The agents, and who hands over to whom.

front desk   has the seven tools of the tasks, meets the user in every turn
  ├─ hands over to the gardener, who answers in its place
  ├─ hands over to the planner, whose answer is a `Plan` (output_type)
  ├─ asks the translator, an agent that is a tool
  └─ orders plants, which takes the user's yes
"""

from __future__ import annotations

from collections.abc import Sequence

from agents import Agent, Model, ModelSettings, Tool
from pydantic import BaseModel

from reference_server.answering import RUN
from reference_server.chat import INSTRUCTIONS
from reference_server.turn import Turn
from team_server.guards import asks_for_the_secret, tells_the_secret
from team_server.thoughts import ASK_FOR_THOUGHTS


class Plan(BaseModel):
    """What the planner answers."""

    title: str
    steps: list[str]

    def in_words(self) -> str:
        """The plan as it is shown."""
        return "\n".join([f"**{self.title}**", *(f"{n}. {step}" for n, step in enumerate(self.steps, 1))])


def team(speaking: Model, silent: Model, tools: Sequence[Tool], choice: str | None = None) -> Agent[Turn]:
    """The agent that meets the user; the others are reached from it.

    Args:
        speaking: what it says is shown while it comes. silent: what it says goes to the run alone.
        tools: of the front desk. choice: the tool that the user wants to be used.
    """
    gardener = Agent[Turn](
        name="gardener",
        handoff_description="Knows all about plants.",
        instructions="You are a gardener. Answer questions about plants, briefly, in the user's language.",
        model=speaking,
        output_guardrails=[tells_the_secret],
    )
    planner = Agent[Turn](
        name="planner",
        handoff_description="Makes a plan with steps.",
        instructions="You make plans. Give the plan a title and a few short steps, in the user's language.",
        model=silent,
        # Without tools: Gemini 2.5 refuses a request that has both tools and a schema for the answer.
        output_type=Plan,
    )
    translator = Agent[Turn](
        name="translator",
        instructions="Translate what you are given into the language that it names. Answer with the translation only.",
        model=silent,
    )
    translate = translator.as_tool("translate", "Translate a text. Say into which language.", run_config=RUN)
    return Agent[Turn](
        name="front desk",
        instructions=INSTRUCTIONS,
        tools=[*tools, translate],
        handoffs=[gardener, planner],
        model=speaking,
        model_settings=ModelSettings(tool_choice=choice, extra_body=ASK_FOR_THOUGHTS),
        input_guardrails=[asks_for_the_secret],
        output_guardrails=[tells_the_secret],
    )
