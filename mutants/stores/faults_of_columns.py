"""Faulty stores: values that a column or a driver changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chatkit.types import ThreadItem, ThreadMetadata
from pydantic import TypeAdapter

from mutants.stores.fault import fault
from mutants.stores.memory import MemoryStore

ITEM: TypeAdapter[Any] = TypeAdapter(ThreadItem)


def changed(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """The value with every part of that kind changed."""
    if isinstance(value, dict):
        return {key: changed(inner, kind, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [changed(inner, kind, change) for inner in value]
    return change(value) if type(value) is kind else value


class ChangesItems(MemoryStore):
    """Items come back from a dump that `change` has been over."""

    def change(self, fields: dict[str, Any]) -> dict[str, Any]:
        return fields

    def give(self, kept: Any) -> Any:
        if not hasattr(kept, "thread_id") or not hasattr(kept, "created_at"):
            return super().give(kept)
        return ITEM.validate_python(self.change(kept.model_dump()))


@fault("test_text_comes_back_code_point_by_code_point", "MySQL's TEXT without strict mode")
class TextCutAt64K(ChangesItems):
    """Texts are cut after 65,535 bytes."""

    def change(self, fields: dict[str, Any]) -> dict[str, Any]:
        cut = lambda text: text.encode("utf-8", "surrogatepass")[:65_535].decode("utf-8", "ignore")  # noqa: E731  # short
        return changed(fields, str, cut)  # type: ignore[no-any-return]  # a dict


@fault("test_nul_comes_back", "jsonb refuses U+0000, and an application takes it out of arguments alone")
class NulLostInArguments(ChangesItems):
    """U+0000 is lost in the arguments of client tool calls."""

    def change(self, fields: dict[str, Any]) -> dict[str, Any]:
        if fields["type"] == "client_tool_call":
            fields["arguments"] = changed(fields["arguments"], str, lambda text: text.replace("\x00", ""))
        return fields


@fault("test_metadata_comes_back_deep_and_typed", "a column of single precision")
class NumbersRounded(ChangesItems):
    """Numbers in hidden content are rounded to six digits."""

    def change(self, fields: dict[str, Any]) -> dict[str, Any]:
        return changed(fields, float, lambda number: float(f"{number:.6g}"))  # type: ignore[no-any-return]  # a dict


@fault("test_an_item_comes_back_field_by_field[client_tool_call]", "a driver that gives Decimal, written as text")
class NumbersAsTextInCalls(ChangesItems):
    """Numbers in the output of client tool calls come back as text."""

    def change(self, fields: dict[str, Any]) -> dict[str, Any]:
        if fields["type"] == "client_tool_call":
            fields["output"] = changed(fields["output"], float, str)
            fields["arguments"] = changed(fields["arguments"], float, str)
        return fields


class ChangesTimes(MemoryStore):
    """The time of every thread and item comes back changed."""

    def moment(self, when: datetime) -> datetime:
        return when

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        if hasattr(copy, "created_at"):
            copy.created_at = self.moment(copy.created_at)
        return copy


@fault("test_local_time_stays_local_time", "naive.astimezone(UTC) before writing, without the way back")
class LocalTimeTakenForUtc(ChangesTimes):
    """A naive time is turned into UTC, and read as naive. Where the machine runs in UTC nothing shows."""

    def moment(self, when: datetime) -> datetime:
        return when if when.tzinfo else when.astimezone(UTC).replace(tzinfo=None)


@fault("test_times_keep_their_microseconds", "DATETIME(3), or JavaScript's milliseconds")
class Milliseconds(ChangesTimes):
    """Times are cut to milliseconds."""

    def moment(self, when: datetime) -> datetime:
        return when.replace(microsecond=when.microsecond // 1_000 * 1_000)


@fault("test_later_items_come_later", "ORDER BY a text column that isoformat() writes")
class FractionlessFirst(MemoryStore):
    """Times are compared as text with a Z: a whole second comes after its fractions."""

    def in_order(self, entries: Any, order: str) -> list[str]:
        def text(key: str) -> str:
            moment: datetime = entries[key].created_at
            return (moment.astimezone(UTC) if moment.tzinfo else moment).isoformat().replace("+00:00", "") + "Z"

        return sorted(entries, key=text, reverse=order == "desc")


@fault("test_a_saved_thread_is_loaded_in_every_field", "created_at DEFAULT now()")
class CreatedWhenSaved(MemoryStore):
    """A thread's time is that of its last save."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, ThreadMetadata) and copy.created_at.tzinfo is None:
            copy.created_at = datetime.fromtimestamp(time.time())  # as the SDK makes it
        return copy
