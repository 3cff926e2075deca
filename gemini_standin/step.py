"""What the model says: the nouns of a script, frozen once script.py has read them."""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, dataclass, field, fields
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, with_config
from typing_extensions import TypedDict

from .arguments import Arguments
from .asked_fault import Fault
from .bounds import READ, Count, Length, Seconds
from .dialect import DIALECTS, Layout
from .mistake import OneOf
from .split import SPLITS

DEFAULT_WAIT_S = 30.0
"""How long a hold or a gate lasts where a script does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call of a tool; `arguments` is the text that goes out, malformed if the script says so."""

    __pydantic_config__: ClassVar = READ

    name: Annotated[str, Field(examples=["create_task"])]
    arguments: Arguments = "{}"
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A wait of at most `max_s` seconds for a gate ("" waits them out), after that many chunks."""

    __pydantic_config__: ClassVar = READ

    gate: str = ""
    max_s: Seconds = DEFAULT_WAIT_S
    after: Count = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How the bytes are cut on their way: names of split.SPLITS, and a seed, None: the stand-in's."""

    __pydantic_config__: ClassVar = READ

    by: tuple[Annotated[str, OneOf(tuple(SPLITS))], ...]
    seed: Count | None = None


def _by(value: Any) -> Any:
    return {"by": value} if isinstance(value, list) else value


SplitBy = Annotated[
    Split | None, BeforeValidator(_by, json_schema_input_type=list[Annotated[str, OneOf(tuple(SPLITS))]] | Split | None)
]


def _gate(value: Any) -> Any:
    return {"gate": value} if isinstance(value, str) else value


def _only(value: Any) -> tuple[Any]:
    return (value,)


def _default(of: dataclasses.Field[Any]) -> Any:
    return of.default if of.default_factory is MISSING else of.default_factory()


@with_config(READ)
class Usage(TypedDict, total=False):
    """What the answer says that it cost, in place of our estimates."""

    prompt_tokens: Count
    completion_tokens: Count
    thinking_tokens: Count
    cached_tokens: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One answer of the model. See script.py for the keys; None and () mean: not said."""

    __pydantic_config__: ClassVar = READ

    text: str = ""
    chunks: tuple[str, ...] = ()
    chunk_chars: Length | None = None
    first_s: Seconds | None = None
    gap_s: Seconds | None = None
    hold: Hold | None = None
    wait_gate: Annotated[Hold | None, BeforeValidator(_gate, json_schema_input_type=str | Hold | None)] = None
    calls: tuple[ToolCall, ...] = ()
    layout: Layout | None = None
    thought: str = ""
    finish: Annotated[tuple[str | None, ...], BeforeValidator(_only, json_schema_input_type=str | None)] = ()
    usage: Usage = field(default_factory=Usage)
    fault: Fault | None = None
    split: SplitBy = None
    attempts: Annotated[tuple[Step, ...], Field(min_length=1)] = ()

    def __post_init__(self) -> None:
        if self.chunks and self.text and "".join(self.chunks) != self.text:
            raise ValueError('"chunks" and "text" differ; give one of them')
        if not self.attempts:
            return
        beside = [f.name for f in fields(self) if f.name != "attempts" and getattr(self, f.name) != _default(f)]
        if beside:
            raise ValueError(f'"attempts" must be the only key, put {", ".join(sorted(beside))} into its steps')
        if any(step.attempts for step in self.attempts):
            raise ValueError('"attempts": its steps cannot have attempts themselves')

    @property
    def said(self) -> str:
        """The whole text of the answer."""
        return "".join(self.chunks) or self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One turn. `profile` None: the stand-in's. `side` None: a short plain text. `split`: for steps without one."""

    __pydantic_config__: ClassVar = READ

    profile: Annotated[str, OneOf(tuple(DIALECTS))] | None = None
    turn: tuple[Step, ...] = ()
    side: Step | None = None
    split: SplitBy = None

    def __post_init__(self) -> None:
        if not self.turn and self.side is None:
            raise ValueError('"turn" is empty; give it at least one step, such as {"turn": [{"text": "Hello."}]}')
