"""Ways to show what is not for the one who looks: hidden items, files without credentials, others' rows, the server's
own code and paths.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chatkit.types import ItemsListReq, Thread, ThreadMetadata
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

import reference_server.event_stream as event_stream
import reference_server.gatekeeper as gatekeeper
import reference_server.store as store
import reference_server.tools as tools
from reference_server.app import Web
from reference_server.attachments import SqlAttachmentStore
from reference_server.context import RequestContext
from reference_server.store import SqlStore
from reference_server.tools import _Display

from .inside import Method, around, both
from .mutant import Event, Memory
from .turn_lies import TRACEBACK

NOTE = "internal: the customer is on the free plan"
PATH = "/srv/app/reference/chat.py:142"


# Hidden items


def hidden_by_button(event: Event, memory: Memory) -> Iterable[Event]:
    """An item that the user may not see follows what a button did."""
    replaced = event.get("type") == "thread.item.replaced"
    if memory.request.get("type") != "threads.custom_action" or not replaced:
        return (event,)
    item = event["item"]
    hidden = {k: item[k] for k in ("thread_id", "created_at")}
    hidden |= {"id": f"{item['id']}-h", "type": "hidden_context_item", "content": NOTE}
    return (event, {"type": "thread.item.done", "item": hidden})


def listed_unfiltered(real: Method) -> Method:
    """`items.list` shows every item."""

    async def instead(self: Any, request: Any, context: Any) -> bytes:
        if not isinstance(request, ItemsListReq):
            return bytes(await real(self, request, context))
        asked = request.params
        page = await self.store.load_thread_items(
            asked.thread_id, limit=asked.limit or 20, order=asked.order, after=asked.after, context=context
        )
        return bytes(self._serialize(page))

    return instead


def read_unfiltered(real: Method) -> Method:
    """A thread is read with every item."""

    def instead(self: Any, thread: ThreadMetadata | Thread) -> Thread:
        items = thread.items.model_copy(deep=True) if isinstance(thread, Thread) else None
        made: Thread = real(self, thread)
        return made if items is None else made.model_copy(update={"items": items})

    return instead


# Other people's


def foreign_cursor(pages: str, column: str) -> Any:
    """A patch: a cursor may be the id of any row of the table."""

    def patch() -> None:
        table = "threads" if pages == "_THREAD_PAGES" else "items"
        # The other parameters are named, or the statement would refuse them.
        every = f"SELECT position FROM {table} WHERE id = :after AND {column}"  # noqa: S608 - both are literals of ours
        getattr(store, pages).cursor = text(every)

    return patch


def files_without_credentials(real: Method) -> Method:
    """The bytes of a file are given to whoever asks."""

    async def instead(self: Web, request: Request) -> Response:
        return await _given(self, real, request, caller=None)

    return instead


def files_for_every_user(real: Method) -> Method:
    """The bytes of a file are given to whoever has signed in."""

    async def instead(self: Web, request: Request) -> Response:
        return await _given(self, real, request, caller=self._caller(request))

    return instead


async def _given(web: Web, real: Method, request: Request, *, caller: RequestContext | None) -> Response:
    owner = _OWNERS.get(request.path_params["attachment_id"])
    if owner is None:
        made: Response = await real(web, request)
        return made
    content = await web.chat.files.load_content(request.path_params["attachment_id"], owner)
    return Response(content, media_type="application/octet-stream")


_OWNERS: dict[str, RequestContext] = {}


def _noting(real: Method) -> Method:
    async def instead(self: SqlAttachmentStore, attachment_id: str, content: bytes, context: RequestContext) -> Any:
        made = await real(self, attachment_id, content, context)
        _OWNERS[attachment_id] = context
        return made

    return instead


def upload_without_credentials(real: Method) -> Method:
    """Whoever knows a file's address may write its bytes."""

    async def instead(self: Web, request: Request) -> Response:
        owner = _REGISTERED.get(request.path_params["attachment_id"])
        if owner is None:
            made: Response = await real(self, request)
            return made
        await self.chat.files.save_content(request.path_params["attachment_id"], await request.body(), owner)
        return Response(b"{}", media_type="application/json")

    return instead


_REGISTERED: dict[str, RequestContext] = {}


def _registering(real: Method) -> Method:
    async def instead(self: SqlStore, attachment: Any, context: RequestContext) -> None:
        _REGISTERED.setdefault(attachment.id, context)
        await real(self, attachment, context)

    return instead


def unasked(type: str, *needs: str) -> Any:
    """A patch: of what is checked before a request of this type, only this."""

    def patch() -> None:
        checks = tuple(getattr(gatekeeper.Gatekeeper, name) for name in needs)
        gatekeeper._NEEDS[type] = checks

    return patch


# The server's own code


def traceback_in_step(real: Method) -> Method:
    """What a tool's step shows when it fails is the server's own code."""

    def instead(self: _Display, title: str, detail: str | None, **more: Any) -> None:
        real(self, title, TRACEBACK if title == "Not done" and detail else detail, **more)

    return instead


def notice_with_path(event: Event, memory: Memory) -> Iterable[Event]:
    """A notice beside each error names a file of the server's."""
    if event.get("type") != "error":
        return (event,)
    return ({"type": "notice", "level": "warning", "message": f"GeminiFailure at {PATH}"}, event)


def progress_with_path(event: Event, memory: Memory) -> Iterable[Event]:
    """Progress names a file of the server's."""
    if event.get("type") != "progress_update":
        return (event,)
    return ({**event, "text": f"{event['text']} ({PATH})"},)


def widget_with_traceback() -> None:
    """What can be copied of a widget ends in the server's own code."""
    kept = vars(tools)
    show = kept["_show_widget"]
    kept["_show_widget"] = lambda turn, outcome: show(turn, replace(outcome, line=f"{outcome.line}\n{TRACEBACK}"))


def path_in_header() -> None:
    """A stream's headers name a file of the server's."""
    event_stream._HEADERS["x-debug"] = PATH


give_files_to_all = both(
    around(SqlAttachmentStore, "save_content", _noting), around(Web, "download", files_without_credentials)
)
give_files_to_users = both(
    around(SqlAttachmentStore, "save_content", _noting), around(Web, "download", files_for_every_user)
)
take_files_from_all = both(
    around(SqlStore, "save_attachment", _registering), around(Web, "upload", upload_without_credentials)
)
show_steps_with_code = around(_Display, "end", traceback_in_step)
