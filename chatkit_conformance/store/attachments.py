"""Contract tests: attachments."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from . import samples
from .finding import difference
from .generate import attachments_of_type, for_all
from .ruled import rule
from .scene import Scene
from .sdk_types import ATTACHMENT_TYPES


class AttachmentRules:
    """Attachments are kept whole, replaced and deleted."""

    @pytest.mark.parametrize("attachment_type", ATTACHMENT_TYPES)
    @rule("attachment.saved-is-loaded")
    def test_an_attachment_comes_back_field_by_field(self, scene: Scene, attachment_type: str) -> None:
        """A loaded attachment equals the saved one field by field; values are generated from the SDK's own types."""

        async def one(made: BaseModel) -> None:
            alice = await scene.user("alice")
            saved = made.model_copy(update={"id": scene.id("atc"), "thread_id": None}, deep=True)
            await alice.call("save_attachment", saved.model_copy(deep=True))
            found = difference(saved, await alice.load_attachment(scene.id("atc")))
            scene.require(found is None, f"The loaded {attachment_type} differs from the saved one. {found}")

        for_all(scene, attachments_of_type(attachment_type), one, share=4)

    @rule("attachment.save-replaces")
    async def test_saving_an_attachment_again_replaces_it(self, scene: Scene) -> None:
        """Saving an attachment again, as the SDK does once its message is stored, replaces it."""
        alice = await scene.user("alice")
        thread_id = scene.id("thr")
        await alice.save_thread(samples.thread(thread_id))
        first = samples.attachment(scene.id("atc"))
        await alice.save_attachment(first)
        await alice.save_attachment(samples.attachment(scene.id("atc2"), name="other.pdf"))
        second = first.model_copy(update={"thread_id": thread_id, "name": "plan-2.pdf", "metadata": None})
        await alice.save_attachment(second)
        found = difference(second, await alice.load_attachment(first.id))
        scene.require(found is None, f"The second save of an attachment is not what is loaded. {found}")
        other = await alice.load_attachment(scene.id("atc2"))
        scene.require(other.name == "other.pdf", f"Another attachment's name became {other.name!r}.")

    @rule("attachment.delete")
    async def test_a_deleted_attachment_is_gone(self, scene: Scene) -> None:
        """A deleted or unknown attachment is `NotFoundError`; deleting it again is quiet or the same."""
        alice = await scene.user("alice")
        for name in ("atc1", "atc2"):
            await alice.save_attachment(samples.attachment(scene.id(name)))
        await alice.delete_attachment(scene.id("atc1"))
        for name in ("atc1", "unknown"):
            gone = await alice.attempt("load_attachment", scene.id(name))
            scene.require(
                gone.not_found, f"load_attachment({name!r}): {gone.error or gone.value!r}, not NotFoundError."
            )
            again = await alice.attempt("delete_attachment", scene.id(name))
            scene.require(
                again.error is None or again.not_found, f"delete_attachment({name!r}) raised {again.error!r}."
            )
        await alice.load_attachment(scene.id("atc2"))
