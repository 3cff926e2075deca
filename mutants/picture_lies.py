"""Lies about pictures: whose bytes they have, and what becomes of an upload that breaks off."""

from __future__ import annotations

from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from reference_server.app import Web
from reference_server.attachments import SqlAttachmentStore

from .inside import Method, around
from .mutant import Patch

Bytes = dict[tuple[str, ...], bytes]


def _kept_by(*facts: str, owner: bool) -> Patch:
    """Pictures are read once, and kept by these facts of theirs."""
    kept: Bytes = {}

    def wrap(real: Method) -> Method:
        async def instead(self: SqlAttachmentStore, attachment_id: str, context: Any) -> bytes:
            content: bytes = await real(self, attachment_id, context)
            known = await self.store.load_attachment(attachment_id, context)
            if not known.mime_type.startswith("image/"):
                return content
            told = {"name": known.name, "type": known.mime_type, "size": str(len(content))}
            whose = context.user_id if owner else ""
            return kept.setdefault((whose, *(told[fact] for fact in facts)), content)

        return instead

    return around(SqlAttachmentStore, "load_content", wrap)


def _in_part(real: Method) -> Method:
    """What has come of an upload that breaks off is kept."""

    async def instead(self: Web, request: Request) -> Response:
        came = bytearray()
        try:
            async for piece in request.stream():
                came += piece
        except ClientDisconnect:
            context = self._caller(request)
            await self.chat.files.save_content(request.path_params["attachment_id"], bytes(came), context)
            raise
        request._body = bytes(came)
        answer: Response = await real(self, request)
        return answer

    return instead


def _once(real: Method) -> Method:
    """An address for uploads is spent by the first request that comes to it."""
    spent: set[str] = set()

    async def instead(self: Web, request: Request) -> Response:
        if (id := request.path_params["attachment_id"]) in spent:
            return Response('{"error": "this address was used"}', 410, media_type="application/json")
        spent.add(id)
        answer: Response = await real(self, request)
        return answer

    return instead


def _first_alone(real: Method) -> Method:
    """What is uploaded to a file that has its bytes is thrown away."""
    taken: set[str] = set()

    async def instead(self: SqlAttachmentStore, attachment_id: str, content: bytes, context: Any) -> Any:
        if attachment_id in taken:
            return await self.store.load_attachment(attachment_id, context)
        done = await real(self, attachment_id, content, context)
        taken.add(attachment_id)
        return done

    return instead


keep_by_name = _kept_by("name", owner=True)
keep_by_size = _kept_by("type", "size", owner=True)
keep_over_users = _kept_by("name", "size", owner=False)
keep_half = around(Web, "upload", _in_part)
spend_addresses = around(Web, "upload", _once)
keep_first_upload = around(SqlAttachmentStore, "save_content", _first_alone)
