"""Two-phase uploads: ChatKit registers a file and gets an address, the browser sends the bytes to it.

The bytes live in the same database as everything else, because then one deletion removes all of it.
"""

from __future__ import annotations

from urllib.parse import quote

from chatkit.store import AttachmentStore, NotFoundError
from chatkit.types import (
    Attachment,
    AttachmentCreateParams,
    AttachmentUploadDescriptor,
    FileAttachment,
    ImageAttachment,
)
from pydantic import AnyUrl
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from reference_server.context import RequestContext
from reference_server.store import SqlStore
from reference_server.stored_text import key

# SVG is left out: it can carry script, and it would run on this server's origin.
SHOWN_AS_IMAGE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

_SAVE = text(
    "INSERT INTO attachment_contents (owner, id, content) VALUES (:owner, :id, :content)"
    " ON CONFLICT (owner, id) DO UPDATE SET content = excluded.content"
)
_OTHERS = text("SELECT COALESCE(SUM(LENGTH(content)), 0) FROM attachment_contents WHERE owner = :owner AND id <> :id")
_LOAD = text("SELECT content FROM attachment_contents WHERE owner = :owner AND id = :id")
_DELETE = text("DELETE FROM attachment_contents WHERE owner = :owner AND id = :id")


# The announced size, in an attachment's metadata, which no client is shown.
_SIZE = "announced_size"


class AttachmentTooLarge(Exception):
    """The file is above the server's limit, its bytes are more than was announced, or the user keeps too many."""


class SqlAttachmentStore(AttachmentStore[RequestContext]):
    """ChatKit's AttachmentStore beside a `SqlStore`.

    `max_bytes` bounds a file's size in bytes, `max_stored` those of all files of a user (0: no bound). Upload addresses
    are made from the context's `origin`.
    """

    def __init__(self, store: SqlStore, *, max_bytes: int = 10 * 1024 * 1024, max_stored: int = 0) -> None:
        self.store = store
        self.max_bytes = max_bytes
        self.max_stored = max_stored

    def generate_attachment_id(self, mime_type: str, context: RequestContext) -> str:
        """A new id, unique over the whole store."""
        return self.store.generate_thread_id(context).replace("thr_", "atc_", 1)

    async def create_attachment(self, input: AttachmentCreateParams, context: RequestContext) -> Attachment:
        """Register a file and say where its bytes go. Raises AttachmentTooLarge for an announced size out of bounds."""
        if not 0 <= input.size <= self.max_bytes:
            raise AttachmentTooLarge(f"size is {input.size} bytes; between 0 and {self.max_bytes} are allowed")
        identifier = self.generate_attachment_id(input.mime_type, context)
        address = AnyUrl(f"{context.origin or 'http://localhost'}/attachments/{quote(identifier, safe='')}")
        upload = AttachmentUploadDescriptor(url=address, method="PUT", headers={"Content-Type": input.mime_type})
        announced = {_SIZE: input.size}
        if input.mime_type in SHOWN_AS_IMAGE:
            return ImageAttachment(
                id=identifier,
                name=input.name,
                mime_type=input.mime_type,
                upload_descriptor=upload,
                preview_url=address,
                metadata=announced,
            )
        return FileAttachment(
            id=identifier, name=input.name, mime_type=input.mime_type, upload_descriptor=upload, metadata=announced
        )

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        """Delete the bytes; ChatKit then deletes the record. Raises NotFoundError."""
        await self.store.load_attachment(attachment_id, context)
        await self.store.database.execute(_DELETE, self._keys(attachment_id, context))

    async def save_content(self, attachment_id: str, content: bytes, context: RequestContext) -> Attachment:
        """Keep the bytes of a registered file, and mark it as uploaded. Raises NotFoundError, AttachmentTooLarge."""
        if len(content) > self.max_bytes:
            raise AttachmentTooLarge(f"{len(content)} bytes were sent; {self.max_bytes} are allowed")
        attachment = await self.store.load_attachment(attachment_id, context)
        most = (attachment.metadata or {}).get(_SIZE, self.max_bytes)
        if len(content) > most:
            raise AttachmentTooLarge(f"{len(content)} bytes were sent; {most} were announced")
        row = {**self._keys(attachment_id, context), "content": content}

        def save(connection: Connection) -> None:
            if self.max_stored and connection.execute(_OTHERS, row).scalar_one() + len(content) > self.max_stored:
                raise AttachmentTooLarge(f"your files are above {self.max_stored} bytes; delete some first")
            connection.execute(_SAVE, row)

        try:
            await self.store.database.aside(save)
        except IntegrityError as refusal:
            raise NotFoundError(f"attachment {attachment_id!r} not found") from refusal
        uploaded = attachment.model_copy(update={"upload_descriptor": None})
        await self.store.save_attachment(uploaded, context)
        return uploaded

    async def load_content(self, attachment_id: str, context: RequestContext) -> bytes:
        """The bytes of the caller's file. Raises NotFoundError when it is not there or not yet uploaded."""
        keys = self._keys(attachment_id, context)
        row = await self.store.database.aside(lambda connection: connection.execute(_LOAD, keys).first())
        if row is None:
            raise NotFoundError(f"attachment {attachment_id!r} has no content")
        return bytes(row.content)

    def _keys(self, attachment_id: str, context: RequestContext) -> dict[str, str]:
        return {"owner": key(context.user_id), "id": key(attachment_id)}
