"""The form of a baseline's file, as pydantic reads it; docs/chatkit-baseline.schema.json is made of it.

Loaded only where a baseline is read, for it needs pydantic.
"""

from __future__ import annotations

from typing import Annotated

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, TypeAdapter


def _specifier(text: str) -> str:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        raise ValueError(f"{text!r} is not a version specifier") from None
    return text


NonEmptyText = Annotated[str, Field(pattern=r"\S")]
"""A text that says something."""


class Expected(BaseModel):
    """A failure that is known."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[NonEmptyText, Field(description="A check's id, or a glob over ids.", examples=["stream.incremental"])]
    reason: Annotated[
        NonEmptyText, Field(description="Why it fails, for a reader of the report.", examples=["why it fails"])
    ]
    link: Annotated[str, Field(description="Where it is tracked.", examples=["https://..."])] = ""
    flaky: Annotated[
        bool, Strict(), Field(description="Neither its failure nor its pass is news.", examples=[True])
    ] = False
    when: Annotated[
        dict[str, Annotated[str, AfterValidator(_specifier), Field(examples=[">=0.19"])]],
        Field(
            description="Versions under which it counts, as this environment has them.",
            examples=[{"openai-agents": ">=0.19"}],
        ),
    ] = {}


class BaselineFile(BaseModel):
    """chatkit-baseline.toml: failures that are known. They still run, and go stale loudly."""

    model_config = ConfigDict(extra="forbid")

    expected: Annotated[list[Expected], Field(examples=[[{"id": "stream.incremental", "reason": "why it fails"}]])] = []


FORM: TypeAdapter[BaselineFile] = TypeAdapter(BaselineFile)
