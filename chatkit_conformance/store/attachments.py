"""Contract tests: attachments."""

from __future__ import annotations

from . import samples
from .items import new_thread
from .ruled import rule
from .scene import Scene


class AttachmentRules:
    """Attachments are kept whole, replaced and deleted."""

    @rule("attachment.save-replaces")
    async def test_saving_an_attachment_again_replaces_it(self, scene: Scene) -> None:
        """Saving an attachment again, as the SDK does once its message is stored, replaces it."""
        alice = await scene.user("alice")
        thread_id = scene.id("thr")
        await alice.save_thread(samples.thread(thread_id))
        first = samples.attachment(scene.id("atc"), **samples.UPLOAD)
        await alice.save_attachment(first)
        await alice.save_attachment(samples.attachment(scene.id("atc2"), name="other.pdf"))
        without = {"metadata": None, **dict.fromkeys(samples.UPLOAD)}
        second = first.model_copy(update={"thread_id": thread_id, "name": "plan-2.pdf", **without})
        await alice.save_attachment(second)
        found = scene.difference(second, await alice.load_attachment(first.id))
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
            why = "it was never saved" if name == "unknown" else "it was deleted"
            await alice.is_not_found("load_attachment", scene.id(name), why=why)
            again = await alice.attempt("delete_attachment", scene.id(name))
            scene.require(again.error is None or again.not_found, f"delete_attachment({name!r}) {again.told}: {why}.")
        await alice.load_attachment(scene.id("atc2"))

    @rule("attachment.stays")
    async def test_deleting_a_thread_leaves_other_files_alone(self, scene: Scene) -> None:
        """Deleting a thread or an item takes no file of another thread, and none that is in no thread yet."""
        alice = await scene.user("alice")
        threads = [await new_thread(scene, alice, word, 1, named=word) for word in ("doomed", "other")]
        files = {
            "that is in no thread yet": samples.attachment(scene.id("loose")),
            "of another thread": samples.attachment(scene.id("kept"), thread_id=threads[1]),
        }
        await alice.save_attachment(samples.attachment(scene.id("gone"), thread_id=threads[0]))
        for file in files.values():
            await alice.save_attachment(file)
        # Sent in the first thread, and in the other one last.
        kept_file = files["of another thread"]
        for number, thread_id in enumerate((threads[0], threads[0], threads[1]), 1):
            await alice.add(samples.message(scene.id(f"sent{number}"), thread_id, number, attachments=[kept_file]))
        await alice.save_attachment(kept_file)
        for method, arguments in (
            ("delete_thread_item", (threads[0], scene.id("doomed0"))),
            ("delete_thread_item", (threads[0], scene.id("sent1"))),
            ("delete_thread", threads[:1]),
        ):
            await alice.call(method, *arguments)
            for what, file in files.items():
                kept = await alice.attempt("load_attachment", file.id)
                scene.require(kept.error is None, f"{method} took a file {what}: load_attachment {kept.told}.")
                found = scene.difference(file, kept.value)
                scene.require(found is None, f"{method} changed a file {what}. {found}")
