"""Hypothesis strategies read off the SDK's pydantic models: whatever a field may hold, some example holds."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AnyUrl, BaseModel, TypeAdapter, ValidationError
from typing_extensions import is_typeddict

from .sdk_types import ATTACHMENT_MODELS, ITEM_MODELS, attachment_adapter, item_adapter

DEEPEST = 3
"""Levels of nested widgets; the SDK's widget tree has no bound of its own."""

LARGEST_INT = 2**53 - 1
"""Beyond this JSON readers in other languages round."""


def texts(largest: int = 12) -> st.SearchStrategy[str]:
    """Text of any script but without U+0000 and lone surrogates, which have tests of their own."""
    return st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=largest)


def times() -> st.SearchStrategy[datetime]:
    """Times with microseconds, without a zone or with one; offsets are whole minutes, as ISO 8601 has them."""
    offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    return st.datetimes(
        datetime(1971, 1, 1),
        datetime(2200, 1, 1),
        timezones=st.one_of(st.none(), st.just(UTC), offsets),
    )


def json_values() -> st.SearchStrategy[Any]:
    """Anything that JSON can say."""
    leaves = st.none() | st.booleans() | _numbers() | st.integers(-LARGEST_INT, LARGEST_INT) | texts()
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(6), inner, max_size=3), max_leaves=8
    )


def items_of_type(item_type: str) -> st.SearchStrategy[BaseModel]:
    """Items of one type, ids left to the caller."""
    return _whole(ITEM_MODELS[item_type], item_adapter())


def attachments_of_type(attachment_type: str) -> st.SearchStrategy[BaseModel]:
    """Attachments of one type, ids left to the caller."""
    return _whole(ATTACHMENT_MODELS[attachment_type], attachment_adapter())


def _whole(model: type[BaseModel], adapter: TypeAdapter[Any]) -> st.SearchStrategy[BaseModel]:
    made = _fields(model, DEEPEST).map(lambda fields: _validated(adapter, fields))
    return made.filter(lambda value: value is not None and _the_sdk_can_carry(adapter, value))


def _validated(adapter: TypeAdapter[Any], fields: dict[str, Any]) -> Any:
    try:
        return adapter.validate_python(fields)
    except ValidationError:
        return None


def _the_sdk_can_carry(adapter: TypeAdapter[Any], value: BaseModel) -> bool:
    """What the SDK's own JSON changes is not asked of a store."""
    return bool(adapter.validate_json(adapter.dump_json(value)).model_dump() == value.model_dump())


def _numbers() -> st.SearchStrategy[float]:
    # Sixty-fourths are exact in binary and in decimal, so that no writer has to round.
    return st.integers(-(10**6), 10**6).map(lambda number: number / 64)


def _fields(model: type[BaseModel], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    model.model_rebuild()  # the SDK's modules name types that they define further down
    wanted = {field.alias or name: field for name, field in model.model_fields.items()}
    always = {name: _value(field.annotation, depth) for name, field in wanted.items() if field.is_required()}
    always |= {
        name: st.just(field.default) for name, field in wanted.items() if name == "type" and not field.is_required()
    }
    return st.fixed_dictionaries(
        always, optional={name: _value(field.annotation, depth) for name, field in wanted.items() if name not in always}
    )


def _typed_dict(kind: Any, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    hints = typing.get_type_hints(kind, include_extras=False)
    required = kind.__required_keys__
    return st.fixed_dictionaries(
        {name: _value(hint, depth) for name, hint in hints.items() if name in required},
        optional={name: _value(hint, depth) for name, hint in hints.items() if name not in required},
    )


def _plain(kind: Any) -> st.SearchStrategy[Any] | None:
    table: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
        str: texts,
        bool: st.booleans,
        int: lambda: st.integers(-LARGEST_INT, LARGEST_INT),
        float: _numbers,
        datetime: times,
        AnyUrl: lambda: st.sampled_from(["https://example.com/a?b=c#d", "http://[::1]:8000/ü"]),
        Any: json_values,
        object: json_values,
        type(None): st.none,
    }
    return table[kind]() if kind in table else None


def _value(kind: Any, depth: int) -> st.SearchStrategy[Any]:
    """A strategy for one annotation. Models are cut off at `depth`, where lists are empty and optional fields None."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is typing.Annotated or origin in (Required, NotRequired):
        return _value(arguments[0], depth)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return _union(arguments, depth)
    if origin is list:
        return st.just([]) if depth == 0 else st.lists(st.deferred(lambda: _value(arguments[0], depth - 1)), max_size=2)
    if origin is dict:
        return st.dictionaries(texts(6), _value(arguments[1], depth), max_size=3)
    plain = _plain(kind) if isinstance(kind, typing.Hashable) else None
    if plain is not None:
        return plain
    if is_typeddict(kind):
        return _typed_dict(kind, depth - 1)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _fields(kind, depth - 1)
    raise TypeError(f"no strategy for {kind!r}: the SDK has a new kind of field; add it to generate._plain")


def _union(members: tuple[Any, ...], depth: int) -> st.SearchStrategy[Any]:
    simple = [member for member in members if not _is_model(member)]
    models = [member for member in members if _is_model(member)]
    if depth <= 0 and simple:
        return st.one_of([_value(member, depth) for member in simple])
    return st.one_of([_later(member, depth) for member in [*simple, *models]])


def _later(kind: Any, depth: int) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: _value(kind, depth))


def _is_model(kind: Any) -> bool:
    if get_origin(kind) is typing.Annotated:
        return _is_model(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return all(_is_model(member) for member in get_args(kind))
    return isinstance(kind, type) and (issubclass(kind, BaseModel) or is_typeddict(kind))
