"""Answers in JSON: what a request's `response_format` asks for, and a step's text as JSON that fits it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .compact import dumps
from .minimal import minimal
from .step import Step

ANY_OBJECT: Mapping[str, Any] = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
"""The schema of a `json_object`, which names none."""


def schema_asked(body: Any) -> Mapping[str, Any] | None:
    """The schema that the answer must fit, or None where it may be any text."""
    wanted = body.get("response_format") if isinstance(body, Mapping) else None
    if not isinstance(wanted, Mapping) or wanted.get("type") not in ("json_schema", "json_object"):
        return None
    named = wanted.get("json_schema")
    schema = named.get("schema") if isinstance(named, Mapping) else None
    return schema if isinstance(schema, Mapping) and schema else ANY_OBJECT


def fitted(step: Step, schema: Mapping[str, Any], say: bool = True) -> Step:
    """The step with its text as JSON that fits the schema; one that calls a tool or is an object already is left.

    Args:
        say: whether the text goes into the JSON; else it is the least that fits.
    """
    if step.calls or _is_object(step.said):
        return step
    return replace(step, text=dumps(minimal(schema, step.said if say and step.said else None)), chunks=())


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False
