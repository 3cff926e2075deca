"""What each tool takes: checked on the way in, and described to the model in the few schema words Gemini is sure of."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from reference_server.tasks.task import Priority


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError as refusal:
        raise ValueError(f"{text!r} is no date; write it as 2026-12-31") from refusal


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as refusal:
        raise ValueError("the text holds half of a character") from refusal
    return text


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_whole)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_whole)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), AfterValidator(_whole)]
Tags = Annotated[list[Tag], Field(max_length=20)]
DueDate = Annotated[str, AfterValidator(_date)]
Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_whole)]


class Arguments(BaseModel):
    """What all tools share: an argument that the tool does not know is an error that names it."""

    model_config = ConfigDict(extra="forbid")


class CreateTask(Arguments):
    title: Title = Field(description="What is to be done, in a few words.")
    description: Description | None = Field(default=None, description="More about it.")
    due_date: DueDate | None = Field(default=None, description="The day it is due, as 2026-12-31.")
    priority: Priority | None = Field(default=None, description="How urgent it is; medium when left out.")
    tags: Tags | None = Field(default=None, description="Words to find it by.")


class ListTasks(Arguments):
    status: Literal["all", "open", "completed"] | None = Field(default=None, description="Which tasks; all by default.")
    priority: Priority | None = Field(default=None, description="Only tasks of this priority.")
    tag: Tag | None = Field(default=None, description="Only tasks with this tag.")
    search: Title | None = Field(default=None, description="Only tasks whose title or description holds this text.")


class UpdateTask(Arguments):
    task_id: Id = Field(description="The id of the task.")
    title: Title | None = Field(default=None, description="The new title.")
    description: Description | None = Field(default=None, description="The new description.")
    due_date: DueDate | None = Field(default=None, description="The new day, as 2026-12-31.")
    priority: Priority | None = Field(default=None, description="The new priority.")
    tags: Tags | None = Field(default=None, description="The new tags, all of them.")
    completed: bool | None = Field(default=None, description="Whether it is done.")


class OneTask(Arguments):
    task_id: Id = Field(description="The id of the task.")


class Confirmed(Arguments):
    confirm: bool = Field(default=False, description="True only after the user has said yes to changing all tasks.")


def schema_of(arguments: type[Arguments]) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments without what Gemini's endpoint was seen to refuse.

    `title`, `default`, `additionalProperties` and the null branch of optional fields are left out; a field that may
    be left out is simply not required.
    """
    schema = arguments.model_json_schema()
    lean = {"type": "object", "properties": {name: _lean(field) for name, field in schema["properties"].items()}}
    return {**lean, "required": schema["required"]} if schema.get("required") else lean


_WORDS = ("type", "description", "enum", "items")


def _lean(field: dict[str, Any]) -> dict[str, Any]:
    branches = [branch for branch in field.get("anyOf", ()) if branch.get("type") != "null"]
    merged = {**field, **branches[0]} if branches else field
    lean = {word: merged[word] for word in _WORDS if word in merged}
    if "items" in lean:
        lean["items"] = _lean(lean["items"])
    return lean


def wrong_arguments(name: str, refusal: ValidationError) -> str:
    """What is wrong with a tool's arguments, for the model and the user."""
    found = "; ".join(
        f"{'.'.join(map(str, error['loc'])) or 'arguments'}: {error['msg']}"
        for error in refusal.errors(include_url=False, include_context=False)
    )
    return f"wrong arguments for {name}: {found}"
