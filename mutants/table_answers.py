"""The mutants that break reloads, lists, pages, renames and refusals."""

from __future__ import annotations

from typing import Any

from . import answer_lies as lie
from .mutant import JSON, Memory, Mutant, Wire

RELOAD = "threads.get_by_id items.list"


def _more(value: Any, memory: Memory) -> Any:
    if not isinstance(value.get("data"), list):
        return value
    cursor = value["data"][-1]["id"] if value["data"] else memory.request["params"].get("after")
    return {**value, "has_more": True, "after": cursor}


def _no_cursor(page: dict[str, Any]) -> None:
    if page.get("has_more"):
        page.pop("after", None)


def _closed(page: dict[str, Any]) -> None:
    page |= {"has_more": False, "after": None}


def _unlisted(value: Any, memory: Memory) -> Any:
    return {**value, "data": value["data"][1:]} if isinstance(value.get("data"), list) else value


def _listed_twice(value: Any, memory: Memory) -> Any:
    rows = value.get("data")
    return {**value, "data": [*rows, *rows[-1:]]} if isinstance(rows, list) else value


def _on_listed(value: Any, **changed: Any) -> Any:
    rows = value.get("data")
    return {**value, "data": [{**row, **changed} for row in rows]} if isinstance(rows, list) else value


def _every_third_file(memory: Memory) -> bool:
    if memory.request.get("type") != "attachments.create":
        return False
    memory.server["files"] = seen = int(memory.server.get("files", 0)) + 1
    return seen % 3 == 0


def _without_has_more(page: dict[str, Any]) -> None:
    if page.get("has_more") is False:
        page.pop("has_more")


def _untimed(value: Any, memory: Memory) -> Any:
    value.pop("created_at", None)
    return value


def _old_title(value: Any, memory: Memory) -> Any:
    return {**value, "title": "as before"} if isinstance(value, dict) and "id" in value else value


def _hidden(rows: lie.Rows) -> lie.Rows:
    if not rows:
        return rows
    last = rows[-1]
    item: JSON = {k: last[k] for k in ("thread_id", "created_at")} | {"content": "internal: do not tell"}
    return [*rows, {**item, "id": f"{last['id']}-h", "type": "hidden_context_item"}]


def _every_third_bad(memory: Memory) -> bool:
    # Not all: each unanswered request costs the harness its whole patience. Not one: what is late is held once more.
    if memory.request:
        return False
    seen = int(memory.server.get("bad", 0))
    memory.server["bad"] = seen + 1
    return seen % 3 == 0


ANSWERS = (
    Mutant(
        name="reload-without-answers",
        lie="Answers are gone after a reload.",
        change=Wire(answer=lie.on_items(lie.without("assistant_message"))),
        named=("persistence.reload-equals-stream",),
    ),
    Mutant(
        name="reload-without-tools",
        lie="What showed the tools is gone after a reload.",
        change=Wire(answer=lie.on_items(lambda rows: lie.without("workflow")(lie.without("widget")(rows)))),
        named=("persistence.reload-equals-stream",),
    ),
    Mutant(
        name="reload-shortened",
        lie="Answers are stored up to their 20th character.",
        change=Wire(answer=lie.on_items(lie.shortened)),
        named=("persistence.reload-equals-stream", "persistence.text-other-scripts"),
    ),
    Mutant(
        name="reload-renumbered",
        lie="A reload gives items other ids than the stream.",
        change=Wire(answer=lie.on_items(lie.renumbered)),
        named=("persistence.reload-equals-stream",),
    ),
    Mutant(
        name="reload-doubled",
        lie="The last item is stored two times.",
        change=Wire(answer=lie.on_items(lie.doubled)),
        named=("persistence.reload-equals-stream",),
    ),
    Mutant(
        name="reload-repeats-row",
        lie="A reload shows each item two times.",
        change=Wire(answer=lie.on_items(lambda rows: [row for row in rows for _ in (1, 2)])),
        named=("persistence.no-duplicate-items",),
    ),
    Mutant(
        name="reload-backwards",
        lie="A reload shows the conversation backwards.",
        change=Wire(answer=lie.on("threads.get_by_id", lie.on_items(lie.backwards))),
        named=("persistence.order-oldest-first",),
    ),
    Mutant(
        name="reload-refused",
        lie="A thread that was just streamed is not found.",
        change=Wire(status=lie.refuse("threads.get_by_id")),
        named=("persistence.reload-answers",),
    ),
    Mutant(
        name="lists-refused",
        lie="Lists of items and threads are not found.",
        change=Wire(status=lie.refuse("items.list threads.list")),
        named=("protocol.requests-accepted",),
    ),
    Mutant(
        name="hidden-item-stored",
        lie="Hidden context is told to whoever reloads.",
        change=Wire(answer=lie.on_items(_hidden)),
        named=("stream.no-hidden-items",),
    ),
    Mutant(
        name="thread-without-time",
        lie="A thread has no `created_at`.",
        change=Wire(answer=lie.on("threads.get_by_id", _untimed)),
        named=("protocol.json-answers-valid",),
    ),
    Mutant(
        name="json-as-text",
        lie="JSON answers say that they are plain text.",
        change=Wire(answer_type="text/plain"),
        named=("protocol.json-content-type",),
    ),
    Mutant(
        name="list-shows-thread-twice",
        lie="The last thread of a page is listed two times.",
        change=Wire(answer=lie.on("threads.list", _listed_twice)),
        named=("protocol.page-rows-once",),
    ),
    Mutant(
        name="list-tells-other-times",
        lie="A list tells of another time at which a thread was created.",
        change=Wire(
            answer=lie.on("threads.list", lambda value, _: _on_listed(value, created_at="2026-01-31T12:00:00"))
        ),
        named=("persistence.list-agrees-with-thread",),
    ),
    Mutant(
        name="list-without-titles",
        lie="Threads are listed without their titles.",
        change=Wire(answer=lie.on("threads.list", lambda value, _: _on_listed(value, title=None))),
        named=("persistence.list-agrees-with-thread",),
    ),
    Mutant(
        name="files-fail-now-and-then",
        lie="Each third file that is registered ends in HTTP 500.",
        change=Wire(status=lambda was, memory: 500 if _every_third_file(memory) else was),
        named=("attachments.served-each-time",),
    ),
    Mutant(
        name="last-page-unsaid",
        lie="The last page does not say that it is the last.",
        change=Wire(answer=lie.on_page("items.list threads.list threads.get_by_id", _without_has_more)),
        named=("protocol.json-answers-match-sdk",),
    ),
    Mutant(
        name="pages-never-end",
        lie="There is always one page more.",
        change=Wire(answer=lie.on("items.list threads.list", _more)),
        named=("protocol.pages-end",),
    ),
    Mutant(
        name="pages-without-cursor",
        lie="There is more, and no way to ask for it.",
        change=Wire(answer=lie.on_page("items.list threads.list", _no_cursor)),
        named=("protocol.has-more-has-cursor",),
    ),
    Mutant(
        name="pages-cut",
        lie="The first page says that it is the last.",
        change=Wire(answer=lie.on_page("items.list threads.list", _closed)),
        named=("protocol.items-pages-complete", "protocol.threads-pages-complete"),
    ),
    Mutant(
        name="limit-ignored",
        lie="A page holds everything, whatever the limit.",
        change=Wire(request=lie.with_params("items.list threads.list", limit=100)),
        named=("protocol.items-limit", "protocol.threads-limit", "protocol.page-within-limit"),
    ),
    Mutant(
        name="cursor-ignored",
        lie="Every page is the first one.",
        change=Wire(request=lie.with_params("items.list threads.list", after=None)),
        named=("protocol.items-pages-complete", "protocol.pages-end"),
    ),
    Mutant(
        name="order-ignored",
        lie="Lists are ascending, whatever was asked for.",
        change=Wire(request=lie.with_params("items.list threads.list", order="asc")),
        named=("protocol.items-desc-is-reverse", "protocol.items-newest-first", "protocol.threads-newest-first"),
        also=("protocol.list-in-order",),
    ),
    Mutant(
        name="newest-thread-unlisted",
        lie="The newest thread is missing from the list.",
        change=Wire(answer=lie.on("threads.list", _unlisted)),
        named=("protocol.created-thread-listed",),
    ),
    Mutant(
        name="rename-pretended",
        lie="A rename is answered as if it had been done.",
        change=Wire(request=lie.instead_of("threads.update"), answer=lie.pretended),
        named=("persistence.title-persists",),
    ),
    Mutant(
        name="rename-answers-old",
        lie="A rename is answered with the old title.",
        change=Wire(answer=lie.on("threads.update", _old_title)),
        named=("persistence.rename-answers-thread",),
    ),
    Mutant(
        name="delete-pretended",
        lie="A delete is answered as if it had been done.",
        change=Wire(request=lie.instead_of("threads.delete"), answer=lie.pretended),
        named=("persistence.delete-leaves-nothing",),
    ),
    Mutant(
        name="delete-refused",
        lie="A delete is answered with 404.",
        change=Wire(status=lie.refuse("threads.delete")),
        named=("persistence.delete-accepted", "protocol.own-changes-accepted"),
    ),
    Mutant(
        name="deleted-comes-back",
        lie="A message to a deleted thread is answered.",
        change=Wire(request=lie.back_to_life),
        named=("persistence.delete-is-final",),
    ),
    Mutant(
        name="bad-input-is-500",
        lie="What the client did wrong is told as the server's failure.",
        change=Wire(status=lie.as_500),
        named=("errors.bad-json", "errors.unknown-type", "security.refusal-is-401"),
        also=("errors.wrong-request-refused",),
    ),
    Mutant(
        name="bad-input-is-200",
        lie="What the client did wrong is told as success.",
        change=Wire(status=lie.as_200),
        named=("errors.bad-json", "errors.unknown-type"),
        also=("security.forged-token-refused", "errors.wrong-request-refused"),
    ),
    Mutant(
        name="bad-input-unanswered",
        lie="Every third body that is no JSON object is never answered.",
        change=Wire(mute=_every_third_bad),
        named=("errors.every-request-answered",),
        also=("errors.bad-json",),
    ),
    Mutant(
        name="bad-input-breaks",
        lie="After a body that is no JSON, nothing works any more.",
        change=Wire(status=lie.broken_by_bad, event=lie.silent_when_broken),
        named=("errors.survives-bad-requests",),
        also=("errors.bad-json",),
    ),
    Mutant(
        name="anyone-enters",
        lie="Who shows no token is taken for the first who did.",
        change=Wire(headers=lie.anyone),
        named=("security.no-token-refused", "security.no-token-cannot-write"),
        also=("security.impostor-refused",),
    ),
    Mutant(
        name="signature-unchecked",
        lie="A token's signature, algorithm and expiry are not looked at.",
        change=Wire(headers=lie.any_signature),
        named=("security.forged-token-refused", "security.unsigned-token-refused", "security.expired-token-refused"),
        also=("security.impostor-refused",),
    ),
    Mutant(
        name="id-is-enough",
        lie="Who knows a thread's id may do with it what its owner may.",
        change=Wire(headers=lie.owner_of_id, event=lie.note_owner),
        named=(
            "security.other-user-cannot-read",
            "security.other-user-cannot-read-items",
            "security.other-user-cannot-write",
            "security.other-user-history-not-sent",
            "security.other-user-cannot-rename",
            "security.other-user-cannot-delete",
        ),
    ),
)
