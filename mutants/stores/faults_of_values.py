"""Faulty stores: values that change on the way."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC
from typing import Any

from chatkit.types import ThreadMetadata
from pydantic import BaseModel, TypeAdapter

from mutants.stores.fault import SDK_SAMPLE, fault
from mutants.stores.memory import Caller, MemoryStore


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every text in it changed, ids and literals left alone."""
    if isinstance(value, dict):
        spared = ("id", "thread_id", "type", "call_id", "mime_type", "url")
        return {key: part if key in spared else with_texts(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [with_texts(part, change) for part in value]
    return change(value) if isinstance(value, str) else value


def changed(entry: BaseModel, change: Callable[[str], str]) -> BaseModel:
    """The entry with every text in it changed."""
    return TypeAdapter(type(entry)).validate_python(with_texts(entry.model_dump(), change))


@fault("test_text_comes_back_code_point_by_code_point")
class Normalized(MemoryStore):
    """Text is normalized to NFC: a decomposed letter comes back composed."""

    def keep(self, entry: BaseModel) -> Any:
        return changed(entry, lambda text: unicodedata.normalize("NFC", text))


@fault("test_text_comes_back_code_point_by_code_point")
class Stripped(MemoryStore):
    """Blanks at the ends of text are stripped, code blocks lose their indent."""

    def keep(self, entry: BaseModel) -> Any:
        return changed(entry, str.strip)


@fault("test_text_comes_back_code_point_by_code_point", "MySQL's utf8 is three bytes wide")
class BasicPlaneAlone(MemoryStore):
    """Characters outside the basic plane become '?'."""

    def keep(self, entry: BaseModel) -> Any:
        return changed(entry, lambda text: "".join(c if ord(c) < 0x10000 else "?" for c in text))


@fault("test_nul_comes_back")
class CutAtNul(MemoryStore):
    """Text ends at U+0000, as in C."""

    def keep(self, entry: BaseModel) -> Any:
        return changed(entry, lambda text: text.split("\x00")[0])


@fault("test_a_lone_surrogate_is_kept_or_refused")
class SurrogatesReplaced(MemoryStore):
    """A lone surrogate becomes '?': encode(errors='replace')."""

    def keep(self, entry: BaseModel) -> Any:
        return changed(entry, lambda text: text.encode("utf-8", "replace").decode())


@fault("test_metadata_comes_back_deep_and_typed")
class NullsDropped(MemoryStore):
    """Keys whose value is null are dropped: exclude_none reaches into metadata."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, ThreadMetadata):
            copy.metadata = {key: value for key, value in copy.metadata.items() if value is not None}
        return copy


@fault("test_metadata_comes_back_deep_and_typed", "a table of key and text")
class MetadataAsText(MemoryStore):
    """Metadata goes through a table of texts: true comes back as 'True'."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, ThreadMetadata):
            copy.metadata = {
                key: value if isinstance(value, dict) else str(value) for key, value in copy.metadata.items()
            }
        return copy


@fault("test_a_large_item_comes_back_whole", "MySQL's TEXT without strict mode")
class LongTextCut(MemoryStore):
    """Long text is cut without a word; the text of a short test passes."""

    def keep(self, entry: BaseModel) -> Any:
        return changed(entry, lambda text: text[:200_000])


@fault("test_times_keep_or_lack_their_zone")
class ZoneLost(MemoryStore):
    """A time comes back without its zone: a column of naive timestamps."""

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        if hasattr(copy, "created_at"):
            copy.created_at = copy.created_at.replace(tzinfo=None)
        return copy


@fault("test_times_keep_or_lack_their_zone", "columns of TIMESTAMPTZ")
class ZoneAdded(MemoryStore):
    """A time without a zone comes back as UTC: local time is shown hours off."""

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        if hasattr(copy, "created_at") and copy.created_at.tzinfo is None:
            copy.created_at = copy.created_at.replace(tzinfo=UTC)
        return copy


@fault("test_times_keep_their_microseconds", "DATETIME without a fraction")
class WholeSeconds(MemoryStore):
    """Times are kept in whole seconds."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if hasattr(copy, "created_at"):
            copy.created_at = copy.created_at.replace(microsecond=0)
        return copy


@fault("test_what_is_stored_is_not_shared_with_the_caller")
class LoadedIsShared(MemoryStore):
    """A loaded object is the stored one: whoever changes it changes the store."""

    def give(self, kept: Any) -> Any:
        return kept


@fault("test_what_is_stored_is_not_shared_with_the_caller")
class SavedIsShared(MemoryStore):
    """The saved object is kept as it is, not as it was."""

    def keep(self, entry: BaseModel) -> Any:
        return entry


@fault("test_what_is_stored_is_not_shared_with_the_caller")
class ShallowCopies(MemoryStore):
    """Copies are shallow: lists and metadata are shared."""

    def give(self, kept: Any) -> Any:
        return kept.model_copy()


@fault("test_arguments_are_left_as_they_were")
class WritesIntoArguments(MemoryStore):
    """The user's id is written into the metadata of the thread that the caller holds."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        thread.metadata["user_id"] = context.user_id
        await super().save_thread(thread, context)


@fault("test_an_attachment_comes_back_field_by_field", "the SDK's serializer with exclude_metadata")
class PrivateMetadataLost(MemoryStore):
    """An attachment's private metadata is stripped on the way in, not on the way out."""

    def keep(self, entry: Any) -> Any:
        return super().keep(entry.model_copy(update={"metadata": None}) if hasattr(entry, "mime_type") else entry)


@fault("test_saving_an_attachment_again_replaces_it", SDK_SAMPLE + ", with INSERT OR IGNORE")
class AttachmentOnce(MemoryStore):
    """An attachment is stored once; the thread id that the SDK adds later is lost."""

    async def save_attachment(self, attachment: Any, context: Caller) -> None:
        self.attachments.setdefault(self.key(attachment.id, context), self.keep(attachment))


@fault("test_a_deleted_attachment_is_gone")
class AttachmentStays(MemoryStore):
    """Deleting an attachment does nothing."""

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await self.turn()
