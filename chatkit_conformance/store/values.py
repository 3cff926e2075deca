"""Contract tests: values that storage layers are known to change."""

from __future__ import annotations

from typing import Any

from chatkit.types import HiddenContextItem, LockedStatus

from . import samples
from .items import ids_in, new_thread
from .ruled import rule
from .scene import Scene, StoreUser
from .sdk_types import ITEM_TYPES

HARD_TEXTS = {
    "emoji with joiners": "👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇭",
    "outside the basic plane": "𝒳 𐍈 \U0010ffff",
    "right to left with marks": "\u202eشالوم\u202c שלום \u200f\u2067x\u2069",
    "composed and decomposed": "é e\u0301 Å A\u030a ﬁ",
    "line and paragraph ends": "a\r\nb\rc\nd\u2028e\u2029f\u0085g",
    "blank at both ends": "  \t padded \u00a0 ",
    "quotes and backslashes": "'; DROP TABLE items; -- \" \\ \\u0041 C:\\new\\table %s {0} $1 :name ? 100%25 a+b",
    "markup": "a < b && c > d <b>bold</b> <script>alert(1)</script> &amp; &lt; <!-- -->",
    "not a character": "\ufffe\uffff\ufeff",
    "numbers as text": "007",
    "long": "wörld " * 20_000,
    "empty": "",
}
"""What it shows -> text."""

METADATA: dict[str, Any] = {
    "null": None,
    "empty": {"list": [], "object": {}, "text": ""},
    "large": [2**53 - 1, -(2**53 - 1), 0.5, -12345.0625, 1234567.891, 1e-9, True, False, 0],
    "key.with.dots and spaces": {"$ref": 1, "": 2, "ключ": 3, "1": "one"},
    "mixed": [1, "1", None, [None], {"a": None}],
}
"""Metadata that keeps its shape in JSON."""

DEEP = 100
"""Levels of nesting; the SDK's own JSON reader takes about 200."""

FALSY: tuple[Any, ...] = (0, False, "", [], {}, None)
"""Outputs of a tool that are nothing to `if output:`, and something to the model."""

LONG_CHARS = 1_500
"""Ids of calls that carry Gemini's thought signature, and signed addresses of files, are about as long."""

LARGE_CHARS = 2_000_000
"""An item with a pasted document or a generated image as a data URL."""


LARGE_ITEMS = 3
"""Items of that size in one thread: a page of them is more than some databases give at once."""


def nested(levels: int) -> dict[str, Any]:
    """An object inside an object, so many times."""
    value: dict[str, Any] = {"bottom": None}
    for _ in range(levels):
        value = {"in": value}
    return value


class ValueRules:
    """What goes in comes out: text, metadata, times, and nothing shared with the caller."""

    async def _comes_back(self, scene: Scene, what: str, text: str) -> None:
        alice = await scene.user("alice")
        thread_id = scene.id("thr")
        titled = samples.thread(thread_id, title=text, metadata={"text": text, text[:30]: text})
        await alice.save_thread(titled)
        found = scene.difference(titled, await alice.load_thread(thread_id))
        scene.require(found is None, f"A thread with text ({what}) comes back changed. {found}")
        if scene.contract.capabilities.users:  # else the threads of all texts are in one list
            listed = [entry.id for entry in (await alice.load_threads()).data]
            scene.require(listed == [thread_id], f"One thread, with text ({what}), was saved; listed are {listed}.")
        item = samples.message(scene.id("msg"), thread_id, 1, text, quoted_text=text)
        await alice.add(item)
        found = scene.difference(item, await alice.load_item(thread_id, item.id))
        scene.require(found is None, f"A message with text ({what}) comes back changed. {found}")
        paged = (await alice.items(thread_id)).data
        scene.require(len(paged) == 1, f"One message, with text ({what}), was added; the page has {len(paged)} items.")
        found = scene.difference(item, paged[0])
        scene.require(found is None, f"A message with text ({what}) is changed in the page. {found}")

    @rule("value.text")
    async def test_text_comes_back_code_point_by_code_point(self, scene: Scene) -> None:
        """Text comes back code point by code point, whatever its script, length and punctuation."""
        largest = scene.contract.capabilities.largest_item
        for what, text in HARD_TEXTS.items():
            scene.chapter()
            # A message holds the text twice, and is quoted JSON around it.
            await self._comes_back(scene, what, text[: largest // 3] if largest else text)

    @rule("value.nul")
    async def test_nul_comes_back(self, scene: Scene) -> None:
        """U+0000 inside text comes back: in messages, in arguments of calls, and in hidden content."""
        await self._comes_back(scene, "U+0000", "before\x00after")
        alice = await scene.user("alice")
        thread_id, text = scene.id("thr"), {"text": "before\x00after"}
        for item in (
            samples.tool_call(scene.id("call"), thread_id, 5, arguments=text, output=text),
            HiddenContextItem(id=scene.id("hidden"), thread_id=thread_id, created_at=samples.at(6), content=text),
        ):
            await alice.add(item)
            found = scene.difference(item, await alice.load_item(thread_id, item.id))
            scene.require(found is None, f"A {item.type} with U+0000 comes back changed. {found}")

    @rule("value.lone-surrogate")
    async def test_a_lone_surrogate_is_kept_or_refused(self, scene: Scene) -> None:
        """A lone surrogate is kept, or refused with an error that leaves nothing behind."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=1)
        for number, text in enumerate(("\ud83d", "x\udc00y", "\udc00\ud83d")):
            call = samples.tool_call(scene.id(f"call{number}"), thread_id, 5 + number, arguments={"text": text})
            outcome = await alice.attempt("add_thread_item", thread_id, call)
            listed = await ids_in(alice, thread_id)
            if outcome.error is not None:
                scene.require(call.id not in listed, f"add_thread_item {outcome.told}, and yet it is listed: {listed}.")
                continue
            found = scene.difference(call, await alice.load_item(thread_id, call.id))
            scene.require(found is None, f"A lone surrogate was accepted and changed. {found}")

    @rule("value.metadata")
    async def test_metadata_comes_back_deep_and_typed(self, scene: Scene) -> None:
        """Metadata comes back deep, with nulls, empty lists, large integers and odd keys."""
        alice = await scene.user("alice")
        for what, metadata in (("odd", METADATA), ("deep", nested(DEEP))):
            saved = samples.thread(scene.id(f"thr_{what}"), metadata=metadata)
            await alice.save_thread(saved)
            found = scene.difference(saved, await alice.load_thread(saved.id))
            scene.require(found is None, f"Metadata ({what}) comes back changed. {found}")
            item = HiddenContextItem(
                id=scene.id(f"hid_{what}"), thread_id=saved.id, created_at=samples.at(1), content=metadata
            )
            await alice.add(item)
            found = scene.difference(item, await alice.load_item(saved.id, item.id))
            scene.require(found is None, f"Hidden content ({what}) comes back changed. {found}")
        thread_id = scene.id("thr_odd")
        for number, output in enumerate((*FALSY, METADATA)):
            call = samples.tool_call(scene.id(f"call{number}"), thread_id, 2 + number, output=output)
            await alice.add(call)
            found = scene.difference(call, await alice.load_item(thread_id, call.id))
            what = "odd values" if output is METADATA else repr(output)
            scene.require(found is None, f"A tool's output of {what} comes back changed. {found}")

    @rule("value.long-fields")
    async def test_long_values_of_short_fields_come_back(self, scene: Scene) -> None:
        """What is short in most applications, and long in some, comes back: ids of calls, addresses, reasons."""
        alice = await scene.user("alice")
        largest = scene.contract.capabilities.largest_item
        chars = min(LONG_CHARS, largest // 3) if largest else LONG_CHARS
        text = "".join(chr(ord("a") + number % 26) for number in range(chars))
        thread = samples.thread(scene.id("thr"), title=text, status=LockedStatus(reason=text))
        await alice.save_thread(thread)
        found = scene.difference(thread, await alice.load_thread(thread.id))
        scene.require(found is None, f"A thread with {chars:,} characters in a field comes back changed. {found}")
        open_thread = await new_thread(scene, alice, "open")
        for number, (kind, fields) in enumerate(samples.long_fields(text).items()):
            item = samples.of_type(kind, scene.id(f"itm{number}"), open_thread, number, fields)
            await alice.add(item)
            found = scene.difference(item, await alice.load_item(open_thread, item.id))
            scene.require(found is None, f"A {kind} with {chars:,} characters in a field comes back changed. {found}")

    @rule("value.zeros")
    async def test_zeros_and_empty_values_come_back(self, scene: Scene) -> None:
        """An optional field that holds 0 or an empty text comes back so, and not as None."""
        await self._come_back(scene, samples.ZEROS, "with a zero or an empty text in an optional field")

    @rule("value.order")
    async def test_lists_inside_an_item_keep_their_order(self, scene: Scene) -> None:
        """Parts of a message, its files, annotations, tasks and sources come back in their order."""
        await self._come_back(scene, samples.LISTS, "with lists in an order of their own")

    async def _come_back(self, scene: Scene, given: dict[str, dict[str, Any]], what: str) -> None:
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice)
        for number, (kind, fields) in enumerate(given.items()):
            if kind in ITEM_TYPES:
                item = samples.of_type(kind, scene.id(f"itm{number}"), thread_id, number, fields)
                await alice.add(item)
                found = scene.difference(item, await alice.load_item(thread_id, item.id))
                scene.require(found is None, f"A {kind} {what} comes back changed. {found}")

    @rule("value.large-item")
    async def test_a_large_item_comes_back_whole(self, scene: Scene) -> None:
        """An item of two megabytes comes back whole."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice)
        chars = min(LARGE_CHARS, scene.contract.capabilities.largest_item or LARGE_CHARS)
        item = samples.message(scene.id("msg"), thread_id, 0, "0123456789abcdef" * (chars // 16))
        await alice.add(item)
        loaded = (await alice.load_item(thread_id, item.id)).model_dump()["content"][0]["text"]
        scene.require(
            loaded == item.content[0].text,
            f"A text of {chars:,} characters came back with {len(loaded):,} characters, or changed.",
        )
        for number in range(1, LARGE_ITEMS):
            await alice.add(
                samples.message(scene.id(f"msg{number}"), thread_id, number, "0123456789abcdef" * (chars // 16))
            )
        for order in ("asc", "desc"):
            listed = await ids_in(alice, thread_id, order)
            scene.require(
                len(listed) == LARGE_ITEMS,
                f"{LARGE_ITEMS} items of {chars:,} characters were added; the pages ({order}) give {listed}, and then "
                "has_more is false.",
            )

    @rule("object.not-shared")
    async def test_what_is_stored_is_not_shared_with_the_caller(self, scene: Scene) -> None:
        """Changing an object after it was saved, or after it was loaded, does not change what is stored."""
        alice = await scene.user("alice")
        thread, item = (
            samples.thread(scene.id("thr"), metadata={"n": [1]}),
            samples.message(scene.id("m"), scene.id("thr")),
        )
        await alice.save_thread(thread)
        await alice.add(item)
        wanted_thread, wanted_item = thread.model_copy(deep=True), item.model_copy(deep=True)
        for how in ("saved", "loaded", "listed"):
            if how == "loaded":
                thread, item = await alice.load_thread(thread.id), await alice.load_item(thread.id, item.id)  # type: ignore[assignment]  # any item
            if how == "listed":
                thread = next(entry for entry in (await alice.load_threads()).data if entry.id == thread.id)
                item = (await alice.items(thread.id)).data[0]  # type: ignore[assignment]  # any item
            thread.title, item.quoted_text = "changed by the caller", "changed by the caller"
            thread.metadata["n"].append(2)
            item.content.clear()
            found = scene.difference(wanted_thread, await alice.load_thread(thread.id))
            scene.require(found is None, f"Changing the {how} thread object changed the store. {found}")
            found = scene.difference(wanted_item, await alice.load_item(thread.id, item.id))
            scene.require(found is None, f"Changing the {how} item object changed the store. {found}")

            await self._bare_not_shared(scene, alice, how)
        for method, arguments in (
            ("load_thread_items", (item.thread_id, None, 20, "asc")),
            ("load_threads", (20, None, "asc")),
        ):
            page = await alice.call(method, *arguments)
            before = [entry.id for entry in page.data]
            page.data.clear()
            after = [entry.id for entry in (await alice.call(method, *arguments)).data]
            scene.require(
                after == before, f"Emptying the page of {method} changed the next one: {before}, then {after}."
            )

    async def _bare_not_shared(self, scene: Scene, user: StoreUser, how: str) -> None:
        """What is empty is nobody's either: threads without metadata have not one empty dictionary between them."""
        bare = [samples.thread(scene.id(f"bare {how} {number}"), number) for number in (1, 2)]
        for thread in bare:
            await user.save_thread(thread)
        given = bare[0] if how == "saved" else await user.load_thread(bare[0].id)
        if how == "listed":
            given = next(entry for entry in (await user.load_threads()).data if entry.id == bare[0].id)
        given.metadata["changed"] = True
        for thread in bare:
            metadata = (await user.load_thread(thread.id)).metadata
            scene.require(
                not metadata,
                f"{thread.id!r} has no metadata; a key was put into that of the {how} {bare[0].id!r}, and the store "
                f"gives {metadata}: make a new dictionary for each thread.",
            )

    @rule("object.argument-untouched")
    async def test_arguments_are_left_as_they_were(self, scene: Scene) -> None:
        """A store does not change the objects given to it."""
        alice = await scene.user("alice")
        thread = samples.thread(scene.id("thr"))
        item = samples.message(scene.id("msg"), thread.id)
        file = samples.attachment(scene.id("atc"))
        calls: list[tuple[str, tuple[Any, ...]]] = [
            ("save_thread", (thread,)),
            ("add_thread_item", (thread.id, item)),
            ("save_item", (thread.id, item)),
        ]
        if scene.contract.capabilities.attachments:
            calls.append(("save_attachment", (file,)))
        for method, arguments in calls:
            before = arguments[-1].model_copy(deep=True)
            await alice.call(method, *arguments)
            found = scene.difference(before, arguments[-1])
            scene.require(found is None, f"{method} changed the object it was given. {found}")
