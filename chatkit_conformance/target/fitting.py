"""A fact of a task as an argument's schema takes it: a tool that is called against its own schema may rightly refuse.

Where a schema has other words for how urgent something is, its own are sent: `alta` for high, 1 to 5 for low to high.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .argument_schema import options_of, resolved

LEVELS = ("low", "medium", "high")
"""How urgent a task is, in the words that we say it in; a schema's own are in this order, or the other way round."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class DoesNotFitError(Exception):
    """No value of this schema says the fact."""


def fitted(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """The value as the schema takes it. Raises DoesNotFitError where it takes nothing that says the same.

    Args:
        root: the whole schema, which references lead into.
    """
    for option in options_of(schema, root):
        try:
            return _fitted(value, option, root)
        except DoesNotFitError:
            continue
    raise DoesNotFitError


def _fitted(value: Any, option: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if isinstance(values := option.get("enum"), list) or "const" in option:
        return _one_of(values if isinstance(values, list) else [option["const"]], value)
    kind = option.get("type")
    if kind == "array":
        items = resolved(option.get("items", {}), root)
        return [fitted(each, items, root) for each in (value if isinstance(value, list) else [value])]
    if kind in ("integer", "number"):
        return _number(value, option)
    if kind == "string":
        return _text(value, option)
    if kind in (None, "boolean") and (kind is None or isinstance(value, bool)):
        return value
    raise DoesNotFitError


def _one_of(values: Sequence[Any], value: Any) -> Any:
    if value in values:
        return value
    alike = [each for each in values if isinstance(each, str) and each.casefold() == str(value).casefold()]
    texts = [each for each in values if each is not None]
    if alike or value not in LEVELS or len(texts) < len(LEVELS) - 1:
        if not alike:
            raise DoesNotFitError
        return alike[0]
    return texts[round(LEVELS.index(value) / (len(LEVELS) - 1) * (len(texts) - 1))]


def _number(value: Any, option: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if value in LEVELS:
        least = option.get("minimum", 1)
        most = option.get("maximum", least + len(LEVELS) - 1)
        return least + LEVELS.index(value) * (most - least) // (len(LEVELS) - 1)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DoesNotFitError
    return value


def _text(value: Any, option: Mapping[str, Any]) -> str:
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if option.get("format") == "date-time" and _DATE.fullmatch(said):
        said += "T00:00:00Z"
    try:
        if not re.search(str(option.get("pattern", "")), said):
            raise DoesNotFitError
    except re.error:  # a pattern in another dialect
        return said
    return said
