"""What was shown beside what a reload shows, and which of their differences mean something.

These may differ, and are not told:

- `null`, an absent field, an empty list and the SDK's own default are the same (the server leaves None out);
- times, below a second, and where only one of the two names its zone (stores differ in precision and in zone);
- what was never finished: an item without `done` may be stored as far as it came, further, or not at all; what is
  there of a message must go the same way;
- items that overlapped in time may be in either order; items that came one after another may not;
- a client tool call that was shown pending may be completed by now, or gone once the user wrote again;
- attachments' upload and preview addresses, and the query of an image's address: they are signed anew;
- `end_of_turn` and hidden items, which nobody sees; other checks look at those;
- a title or status that came later, beside the stream. One that was shown must still be there; but where a stream was
  broken off, a title may have been provisional, with the thread's own yet to come.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..transcript import JSON

Item = dict[str, JSON]

ABSENT = "(absent)"
ORDER = "items (order)"
"""Path of the difference that is about the order of items."""
UNSEEN = ("end_of_turn", "hidden_context_item", "sdk_hidden_context")
EMPTY: tuple[JSON, ...] = (None, [], {}, False, "")
DEFAULTS: Mapping[str, JSON] = {
    "status": "pending",
    "status_indicator": "none",
    "handler": "server",
    "loadingBehavior": "auto",
    "streaming": True,
}
"""Field -> the default that types.py and actions.py of openai-chatkit 1.6.5 give it, where that is not empty."""
SIGNED_ANEW = ("upload_descriptor", "preview_url", "metadata")
_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a browser shows of one thread.

    Args:
        thread: the thread's own fields, without items. items: in the order in which they first appeared.
        open: ids of the items that were added and never done.
        begun, finished: item id -> when it first appeared, and when it was last done; event counts, not seconds.
        asked: item id -> when the request of its stream was sent. Which of two streams was read first says nothing.
        built: item id -> the item as its updates had built it when its `done` came, to compare the two.
        removed: ids of the items that were taken away.
        progress, errors, notices, effects: the last progress text, and the events' data.
        whole: whether each stream ended by itself; if not, more may be stored than was shown.
    """

    thread: Mapping[str, JSON] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    open: frozenset[str] = frozenset()
    begun: Mapping[str, int] = field(default_factory=dict)
    finished: Mapping[str, int] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)
    built: Mapping[str, Item] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    progress: str | None = None
    errors: tuple[dict[str, JSON], ...] = ()
    notices: tuple[dict[str, JSON], ...] = ()
    effects: tuple[dict[str, JSON], ...] = ()
    whole: bool = True

    @property
    def title(self) -> str | None:
        """The thread's title, where one was shown."""
        value = self.thread.get("title")
        return value if isinstance(value, str) else None

    @property
    def status(self) -> str:
        """The thread's status: active, locked or closed."""
        value = self.thread.get("status")
        return str(value.get("type", "active")) if isinstance(value, dict) else "active"

    def item(self, item_id: str) -> Item | None:
        """The item of this id, or None."""
        return next((item for item in self.items if item.get("id") == item_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where the two disagree: `path` names it, as `items[2].content[0].text`."""

    path: str
    built: JSON
    reloaded: JSON

    def __str__(self) -> str:
        return f"{self.path}: shown {_short(self.built)}, after a reload {_short(self.reloaded)}"


def compare(view: View, reloaded: JSON) -> list[Difference]:
    """Where a reload shows something else than the stream did.

    Args:
        reloaded: the thread as `threads.get_by_id` gives it, with all its pages in `items.data`, or a list of items.
    """
    thread = reloaded if isinstance(reloaded, dict) else {}
    page = thread.get("items") if thread else reloaded
    rows = page.get("data") if isinstance(page, dict) else page
    items = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [*(_thread(view, thread) if thread else ()), *_items(view, items), *_order(view, items)]


def same(built: JSON, reloaded: JSON) -> bool:
    """Whether two values are the same to a client: absent, null, empty and the SDK's own default are one."""
    return not list(_values("", built, reloaded))


def _thread(view: View, thread: Mapping[str, JSON]) -> Iterator[Difference]:
    for key in ("id", "created_at", "title", "status", "allowed_image_domains"):
        shown = view.thread.get(key)
        default = key == "status" and isinstance(shown, dict) and shown.get("type") == "active"
        later = key == "title" and not view.whole
        if not _empty(shown) and not default and not later:
            yield from _values(key, shown, thread.get(key, ABSENT), key)


def _items(view: View, rows: list[Item]) -> Iterator[Difference]:
    stored: dict[str, Item] = {}
    for row in rows:
        item_id = str(row.get("id"))
        if item_id in stored:
            yield Difference(path=f"items[{item_id}]", built="one item", reloaded="two of this id")
        stored[item_id] = row
    for item in view.items:
        item_id = str(item.get("id"))
        path = f"items[{item_id}]"
        if item_id not in stored:
            if not _may_be_gone(view, item):
                yield Difference(path=path, built=item, reloaded=ABSENT)
        elif item_id in view.open:
            yield from _unfinished(path, item, stored[item_id])
        else:
            yield from _values(path, _settled(item, stored[item_id]), _settled(stored[item_id], stored[item_id]))
    for item_id, row in stored.items():
        if view.item(item_id) is None and row.get("type") not in UNSEEN:
            if item_id in view.removed:
                yield Difference(path=f"items[{item_id}]", built="(removed)", reloaded=row)
            elif view.whole:
                yield Difference(path=f"items[{item_id}]", built=ABSENT, reloaded=row)


def _may_be_gone(view: View, item: Item) -> bool:
    item_id = str(item.get("id"))
    if item_id in view.open or item.get("type") in UNSEEN:
        return True
    later = (other for other in view.items if view.begun[str(other.get("id"))] > view.begun[item_id])
    pending = item.get("type") == "client_tool_call" and item.get("status", "pending") == "pending"
    return pending and any(other.get("type") == "user_message" for other in later)


def _unfinished(path: str, item: Item, row: Item) -> Iterator[Difference]:
    """A message that was not finished may be stored longer or shorter, but not otherwise."""
    yield from _values(f"{path}.type", item.get("type"), row.get("type"))
    if item.get("type") == row.get("type") == "assistant_message":
        shown, stored = _text(item), _text(row)
        if not shown.startswith(stored) and not stored.startswith(shown):
            yield Difference(path=f"{path}.text", built=shown, reloaded=stored)


def _text(item: Item) -> str:
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


def _settled(item: Item, stored: Item) -> Item:
    """The item without what may differ for its type; `stored` is the one of the reload."""
    match item.get("type"):
        case "client_tool_call" if stored.get("status") == "completed":
            return {key: value for key, value in item.items() if key not in ("status", "output")}
        case "user_message" if isinstance(item.get("attachments"), list):
            kept = [
                {key: value for key, value in part.items() if key not in (*SIGNED_ANEW, "thread_id")}
                for part in item["attachments"]
                if isinstance(part, dict)
            ]
            return {**item, "attachments": kept}
        case "generated_image" if isinstance(item.get("image"), dict):
            return {**item, "image": {**item["image"], "url": str(item["image"].get("url")).partition("?")[0]}}
    return item


def _order(view: View, rows: list[Item]) -> Iterator[Difference]:
    """Items that came one after another, found the other way round; told once, for the first such pair."""
    ids = [str(row.get("id")) for row in rows if str(row.get("id")) in view.finished]
    soonest = float("inf")  # when the first of those that stand further on had ended
    beside: dict[int, float] = {}  # the same of each stream's own items
    for id in reversed(ids):
        asked = view.asked.get(id, 0)
        if soonest < asked or beside.get(asked, float("inf")) < view.begun[id]:
            there = set(ids)
            shown = [str(item.get("id")) for item in view.items if str(item.get("id")) in there]
            yield Difference(path=ORDER, built=shown, reloaded=ids)
            return
        soonest = min(soonest, view.finished[id])
        beside[asked] = min(beside.get(asked, float("inf")), view.finished[id])


def _values(path: str, built: JSON, reloaded: JSON, key: str = "") -> Iterator[Difference]:
    if _alike(built, reloaded):
        return
    if isinstance(built, dict) and isinstance(reloaded, dict):
        for name in dict.fromkeys((*built, *reloaded)):
            yield from _values(f"{path}.{name}", built.get(name, ABSENT), reloaded.get(name, ABSENT), name)
    elif isinstance(built, list) and isinstance(reloaded, list) and len(built) == len(reloaded):
        for index, (one, other) in enumerate(zip(built, reloaded, strict=True)):
            yield from _values(f"{path}[{index}]", one, other)
    elif not _same(built, reloaded, key):
        yield Difference(path=path, built=built, reloaded=reloaded)


def _alike(built: JSON, reloaded: JSON) -> bool:
    """Whether two values are equal, and `1` is not `true`: nearly all are, and need no look at their parts."""
    if type(built) is not type(reloaded):
        return False
    if isinstance(built, dict):
        return built.keys() == reloaded.keys() and all(_alike(value, reloaded[key]) for key, value in built.items())
    if isinstance(built, list):
        return len(built) == len(reloaded) and all(map(_alike, built, reloaded))
    return bool(built == reloaded)


def _same(built: JSON, reloaded: JSON, key: str) -> bool:
    if (built == reloaded and type(built) is type(reloaded)) or (_empty(built) and _empty(reloaded)):
        return True
    default = DEFAULTS.get(key, ABSENT)
    if (_empty(built) and reloaded == default) or (_empty(reloaded) and built == default):
        return True
    if key == "created_at":
        return same_time(built, reloaded)
    numbers = isinstance(built, (int, float)) and isinstance(reloaded, (int, float))
    return numbers and not isinstance(built, bool) and not isinstance(reloaded, bool) and built == reloaded


def _empty(value: JSON) -> bool:
    return value == ABSENT or any(value == empty and type(value) is type(empty) for empty in EMPTY)


def same_time(built: JSON, reloaded: JSON) -> bool:
    """Whether two times are the same to the second; where only one names its zone, nobody knows."""
    try:
        one, other = datetime.fromisoformat(str(built)), datetime.fromisoformat(str(reloaded))
    except ValueError:
        return False
    if (one.tzinfo is None) != (other.tzinfo is None):
        return True
    if one.tzinfo is None:
        one, other = one.replace(tzinfo=UTC), other.replace(tzinfo=UTC)
    return abs((one - other).total_seconds()) < 1


def _short(value: JSON) -> str:
    text = value if value == ABSENT else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
