"""Contract tests: whatever the SDK's types can hold is kept, from generated values."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from .examples import for_all
from .generate import attachments_of_type, items_of_type
from .items import new_thread
from .ruled import rule
from .scene import Scene
from .sdk_types import ATTACHMENT_TYPES, ITEM_TYPES

TYPES = 5
"""There are more types than this, and most need less than that part of the time."""


class GeneratedRules:
    """Items and attachments of every type are kept field by field."""

    @pytest.mark.parametrize("item_type", ITEM_TYPES)
    @rule("item.saved-is-loaded")
    def test_an_item_comes_back_field_by_field(self, scene: Scene, item_type: str) -> None:
        """A loaded item equals the saved one field by field; values are generated from the SDK's own types."""

        async def one(made: BaseModel) -> None:
            alice = await scene.user("alice")
            thread_id = await new_thread(scene, alice)
            saved = made.model_copy(update={"id": scene.id("itm"), "thread_id": thread_id}, deep=True)
            await alice.call("add_thread_item", thread_id, saved.model_copy(deep=True))
            loaded = await alice.load_item(thread_id, scene.id("itm"))
            paged = (await alice.items(thread_id)).data
            found = scene.difference(saved, loaded)
            scene.require(found is None, f"The loaded {item_type} differs from the saved one. {found}")
            scene.require(len(paged) == 1, f"One {item_type} was added, the page has {len(paged)} items.")
            found = scene.difference(saved, paged[0])
            scene.require(found is None, f"The {item_type} in the page differs from the saved one. {found}")

        for_all(scene, items_of_type(item_type), one, share=4, budget=TYPES)

    @pytest.mark.parametrize("attachment_type", ATTACHMENT_TYPES)
    @rule("attachment.saved-is-loaded")
    def test_an_attachment_comes_back_field_by_field(self, scene: Scene, attachment_type: str) -> None:
        """A loaded attachment equals the saved one field by field; values are generated from the SDK's own types."""

        async def one(made: BaseModel) -> None:
            alice = await scene.user("alice")
            saved = made.model_copy(update={"id": scene.id("atc"), "thread_id": None}, deep=True)
            await alice.call("save_attachment", saved.model_copy(deep=True))
            found = scene.difference(saved, await alice.load_attachment(scene.id("atc")))
            scene.require(found is None, f"The loaded {attachment_type} differs from the saved one. {found}")

        for_all(scene, attachments_of_type(attachment_type), one, share=4, budget=TYPES)
