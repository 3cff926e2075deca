"""How what was loaded differs from what was saved, field by field, and which rule is about that kind of difference.

One fault of a store changes many values: an added time zone changes every entry. So each difference has a cause, the
rule that tells it, and the others look past it once that rule has told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chatkit.types import FileAttachment, ImageAttachment, ThreadMetadata
from pydantic import BaseModel

from .finding import shown

FREE_FORM = frozenset({"metadata", "arguments", "output", "payload", "content"})
"""Fields that hold any JSON: how a store keeps it is the subject of `value.metadata`."""


ZONE_STEP = timedelta(minutes=15)
FARTHEST_ZONES = timedelta(hours=26)
"""Time zones are whole quarters of an hour apart, and at most 26 hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """One field that came back changed.

    Args:
        path: where, as `content[0].text`.
        said: the sentence with both values.
        cause: id of the rule that is about it.
    """

    path: str
    said: str
    cause: str


def differences(saved: object, loaded: object) -> list[FieldDifference]:
    """All that differs. A thread saved without a title may come back with one: a store may title threads by itself.

    Models are compared by what they hold, not by class: the SDK has two classes for one widget. A time is equal when
    it is the same instant and both have, or both lack, a zone. `True` is not `1`, nor is a Decimal.
    """
    return list(_found(saved, loaded, "", "item.saved-is-loaded"))


def _cause_of(entry: BaseModel, inherited: str) -> str:
    if isinstance(entry, ThreadMetadata):
        return "thread.saved-is-loaded"
    kind = getattr(entry, "type", None)
    if isinstance(entry, FileAttachment | ImageAttachment):
        return f"attachment.saved-is-loaded[{kind}]"
    return f"item.saved-is-loaded[{kind}]" if hasattr(entry, "thread_id") else inherited


def _found(saved: Any, loaded: Any, path: str, cause: str) -> Iterator[FieldDifference]:
    if isinstance(saved, BaseModel) and isinstance(loaded, BaseModel):
        left, right = saved.model_dump(), loaded.model_dump()
        if isinstance(saved, ThreadMetadata) and left.get("title") is None and isinstance(right.get("title"), str):
            left["title"] = right["title"]
        if isinstance(loaded, type(saved)):  # an application's own class may add to the SDK's
            right = {name: value for name, value in right.items() if name not in _added(type(saved), type(loaded))}
        yield from _found(left, right, path, _cause_of(saved, cause))
    elif isinstance(saved, Mapping) and isinstance(loaded, Mapping):
        yield from _in_mapping(saved, loaded, path, cause)
    elif _is_list(saved) and _is_list(loaded):
        if len(saved) != len(loaded):
            said = f"{path or 'value'}: saved {len(saved)} entries, loaded {len(loaded)}"
            yield FieldDifference(path=path, said=said, cause=cause)
            return
        for index, (left, right) in enumerate(zip(saved, loaded, strict=True)):
            yield from _found(left, right, f"{path}[{index}]", cause)
    elif isinstance(saved, datetime) and isinstance(loaded, datetime):
        yield from _in_time(saved, loaded, path, cause)
    elif _kind(saved) is not _kind(loaded) or saved != loaded:
        said = f"{path or 'value'}: saved {shown(saved)}, loaded {shown(loaded)}"
        if isinstance(saved, str) and isinstance(loaded, str):
            said, cause = said + _how_text_changed(saved, loaded), _text_cause(saved, loaded, cause)
        yield FieldDifference(path=path, said=said, cause=cause)


def _added(saved: type[BaseModel], loaded: type[BaseModel]) -> set[str]:
    """The fields that a class adds to the one it is derived from; but `items`, which the SDK's own `Thread` adds."""
    return {*loaded.model_fields} - {*saved.model_fields, "items"}


def _kind(value: object) -> type:
    """What JSON writes a value as: `True` is no 1, and a Decimal, which is written as text, is no number."""
    if isinstance(value, bool):
        return bool
    if isinstance(value, int | float):
        return float
    return str if isinstance(value, str) else object


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _in_mapping(
    saved: Mapping[Any, Any], loaded: Mapping[Any, Any], path: str, cause: str
) -> Iterator[FieldDifference]:
    for key in saved:
        here = f"{path}.{key}" if path else str(key)
        inside = cause
        if key == "allowed_image_domains":
            inside = "thread.image-domains"
        elif key in FREE_FORM and isinstance(saved[key], Mapping):
            inside = "value.metadata"
        if key not in loaded:
            yield FieldDifference(path=here, said=f"{here}: saved {shown(saved[key])}, loaded nothing", cause=inside)
        else:
            yield from _found(saved[key], loaded[key], here, inside)
    for key in loaded:
        if key not in saved:
            here = f"{path}.{key}" if path else str(key)
            yield FieldDifference(path=here, said=f"{here}: never saved, loaded {shown(loaded[key])}", cause=cause)


def _in_time(saved: datetime, loaded: datetime, path: str, cause: str) -> Iterator[FieldDifference]:
    said = f"{path or 'value'}: saved {shown(saved)}, loaded {shown(loaded)}"
    if (saved.tzinfo is None) != (loaded.tzinfo is None):
        change = "added" if saved.tzinfo is None else "lost"
        yield FieldDifference(path=path, said=f"{said}: the time zone was {change}", cause="time.zone")
    elif saved != loaded:
        apart = abs(saved - loaded)
        if apart < timedelta(seconds=1):
            cause = "time.microseconds"
        elif apart % ZONE_STEP == timedelta(0) and apart <= FARTHEST_ZONES:
            cause = "time.zone"
        yield FieldDifference(path=path, said=said, cause=cause)


def _text_cause(saved: str, loaded: str, cause: str) -> str:
    if "\x00" in saved:
        return "value.nul"
    if any("\ud800" <= char <= "\udfff" for char in saved):
        return "value.lone-surrogate"
    # A word that is another word altogether was not changed as text.
    changed_as_text = not saved.isascii() or len(saved) > 1_000 or saved.strip() == loaded.strip()
    return "value.text" if changed_as_text else cause


def _how_text_changed(saved: str, loaded: str) -> str:
    """What was done to a text, where it can be told."""
    if saved.replace("\x00", "") == loaded:
        return ": U+0000 was removed"
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        if unicodedata.normalize(form, saved) == loaded:
            return f": it was normalized to {form}"
    if loaded and saved.startswith(loaded):
        length = len(loaded.encode("utf-8", "surrogatepass"))
        return f": it was cut after {len(loaded):,} characters ({length:,} bytes of UTF-8)"
    if saved.strip() == loaded.strip():
        return ": space at its ends was removed or added"
    return ""
