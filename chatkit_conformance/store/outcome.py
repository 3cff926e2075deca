"""How a call ended, what is wrong with what it gave, and how both are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import ThreadMetadata
from pydantic import BaseModel

from .finding import error_text, shown
from .sdk_types import ATTACHMENT_MODELS, ITEM_MODELS

ENTRIES: dict[str, tuple[type[BaseModel], ...]] = {
    "load_thread": (ThreadMetadata,),
    "load_threads": (ThreadMetadata,),
    "load_item": tuple(ITEM_MODELS.values()),
    "load_thread_items": tuple(ITEM_MODELS.values()),
    "load_attachment": tuple(ATTACHMENT_MODELS.values()),
}
"""Method -> the models that it gives, one of them or a page of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """How a call ended that may end in more than one way."""

    value: Any = None
    error: Exception | None = None

    @property
    def not_found(self) -> bool:
        return isinstance(self.error, NotFoundError)

    @property
    def told(self) -> str:
        """What happened, to stand after `it`: `raised KeyError('x')`, `returned None`."""
        if self.error is None:
            return f"returned {shown(self.value)}"
        return f"raised {error_text(self.error)}{_not_the_sdks(self.error)}"

    @property
    def ids(self) -> list[str]:
        """Ids of the page's entries, none when it raised."""
        return [] if self.error is not None else [entry.id for entry in self.value.data]

    @property
    def empty_page(self) -> bool:
        return self.error is None and not self.value.data and not self.value.has_more


def _not_the_sdks(error: Exception) -> str:
    """What to write when the error has the SDK's name and is another class."""
    if type(error).__name__ != NotFoundError.__name__ or isinstance(error, NotFoundError):
        return ""
    wanted = f"{NotFoundError.__module__}.NotFoundError"
    return f", which is not {wanted}: raise that one (`from chatkit.store import NotFoundError`)"


def wrong_shape(method: str, value: Any) -> str | None:
    """Why the SDK cannot use what a method gave, or None."""
    wanted = ENTRIES.get(method)
    if wanted is None:
        return None
    if method not in ("load_threads", "load_thread_items"):
        return None if isinstance(value, wanted) else f"{method} returned {shown(value)}, not {_named(wanted)}"
    data = getattr(value, "data", None)
    if not isinstance(value, BaseModel) or not isinstance(data, list) or not hasattr(value, "has_more"):
        return f"{method} returned {shown(value)}, not a chatkit.types.Page"
    strange = next((entry for entry in data if not isinstance(entry, wanted)), None)
    if strange is None:
        return None
    return f"{method} returned a page with {shown(strange)} in it, not {_named(wanted)}"


def _named(models: tuple[type[BaseModel], ...]) -> str:
    if len(models) == 1:
        return f"a chatkit.types.{models[0].__name__}"
    return "an item of chatkit.types" if len(models) > len(ATTACHMENT_MODELS) else "an attachment of chatkit.types"
