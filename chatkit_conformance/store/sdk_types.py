"""The SDK's own lists of item and attachment types, read from its unions so that a new release is covered by itself."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from chatkit.types import Attachment, ThreadItem
from pydantic import BaseModel, TypeAdapter


def _models(annotated_union: Any) -> dict[str, type[BaseModel]]:
    members = get_args(get_args(annotated_union)[0])
    return {model.model_fields["type"].default: model for model in members}


ITEM_MODELS = _models(ThreadItem)
"""Wire name of an item type -> its model."""

ATTACHMENT_MODELS = _models(Attachment)
"""Wire name of an attachment type -> its model."""

ITEM_TYPES = tuple(ITEM_MODELS)
ATTACHMENT_TYPES = tuple(ATTACHMENT_MODELS)


@cache
def item_adapter() -> TypeAdapter[Any]:
    """Validates and dumps any thread item."""
    return TypeAdapter(ThreadItem)


@cache
def attachment_adapter() -> TypeAdapter[Any]:
    """Validates and dumps any attachment."""
    return TypeAdapter(Attachment)
