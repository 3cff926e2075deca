"""Thirty faults of a right server, each a change of its source as somebody would make it."""

from __future__ import annotations

from dataclasses import dataclass

SERVER = "sdk-tools"
"""The odd server that is changed: right, on the SDK's own parts, with a store and a loop of its own."""

HELD = (
    "three_turns",
    "two_threads",
    "tool_create",
    "rename_and_delete",
    "retry",
    "bad_requests",
    "strangers",
    "no_credentials",
    "thread_pages",
    "item_pages",
    "rich_requests",
    "richer_messages",
    "fault_cut",
)
"""The conversations of each run: short ones, of every area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change of a source file: `old` stands there once.

    Args:
        file: below odd_servers/.
    """

    old: str
    new: str
    file: str = "on_sdk.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. says: what is wrong with the source then, for a reader of this table alone."""

    name: str
    says: str
    edits: tuple[Edit, ...]


def _fault(name: str, says: str, *edits: tuple[str, str] | tuple[str, str, str]) -> Fault:
    made = tuple(Edit(old=e[0], new=e[1], **({"file": e[2]} if len(e) > 2 else {})) for e in edits)
    return Fault(name=name, says=says, edits=made)


TOOL_SHOWN = '                    yield ProgressUpdateEvent(text=f"Running {name}")\n'

FAULTS = (
    _fault(
        "one-id",
        "Every item has the same id.",
        ('        return f"{item_type}-{uuid.uuid4()}"\n', '        return f"{item_type}-0"\n'),
    ),
    _fault(
        "done-renamed",
        "An answer is done under another id than it was added with.",
        (
            "            yield ThreadItemDoneEvent(item=item)\n",
            '            yield ThreadItemDoneEvent(item=item.model_copy(update={"id": uuid.uuid4().hex}))\n',
        ),
    ),
    _fault(
        "never-done",
        "An answer is shown and never done.",
        ("            yield ThreadItemDoneEvent(item=item)\n", "            pass\n"),
    ),
    _fault(
        "never-added",
        "An answer is never added.",
        (
            "                        yield ThreadItemAddedEvent(item=item.model_copy(deep=True))\n",
            "",
        ),
    ),
    _fault(
        "deltas-twice",
        "Each piece of an answer is sent twice.",
        ("content_index=0, delta=new)", "content_index=0, delta=new + new)"),
    ),
    _fault(
        "history-newest",
        "The model is told the newest message alone.",
        ("map(said_in, items) if text]", "map(said_in, items[-1:]) if text]"),
    ),
    _fault(
        "history-oldest",
        "The model is told the first three items of a thread.",
        ("(thread.id, None, 10_000,", "(thread.id, None, 3,"),
    ),
    _fault(
        "history-upside-down",
        "The model is told the thread newest first.",
        ('10_000, "asc", context)', '10_000, "desc", context)'),
    ),
    _fault(
        "history-as-user",
        "The model's own answers are told as the user's.",
        ('        return "assistant", "".join', '        return "user", "".join'),
    ),
    _fault(
        "history-twice",
        "The newest message is told twice.",
        ("map(said_in, items) if text]", "map(said_in, [*items, items[-1]]) if text]"),
    ),
    _fault(
        "instructions-once",
        "The instructions are sent in the first turn alone.",
        (
            "        messages += [",
            "        messages = messages if len(items) < 2 else []\n        messages += [",
        ),
    ),
    _fault(
        "quotation-dropped",
        "What is quoted is not told to the model.",
        ("if item.quoted_text else", "if not item.quoted_text else"),
    ),
    _fault(
        "text-lowered",
        "The user's words reach the model in small letters.",
        (
            'return "user", quoted + "".join(part.text for part in item.content)',
            'return "user", quoted + "".join(part.text for part in item.content).lower()',
        ),
    ),
    _fault("tools-unseen", "Nothing shows that a tool runs.", (TOOL_SHOWN, "")),
    _fault(
        "results-empty",
        "The model is told nothing of what a tool answered.",
        ('"tool_call_id": call["id"], "content": result})', '"tool_call_id": call["id"], "content": ""})'),
    ),
    _fault(
        "signatures-lost",
        "A call is sent back without its thought signature.",
        (
            '        if "extra_content" in piece:\n            known["extra_content"] = piece["extra_content"]\n',
            "",
            "model.py",
        ),
    ),
    _fault(
        "calls-run-twice",
        "Each tool runs twice.",
        (
            "                        result = self.tools.run(",
            '                        self.tools.run(self.tasks, context["user"], name, call["function"]["arguments"])\n'
            "                        result = self.tools.run(",
        ),
    ),
    _fault(
        "calls-joined",
        "Pieces of all calls go into the first one.",
        (
            'known = next((c for c in self.calls if index is not None and c["at"] == index), None)',
            "known = next(iter(self.calls), None)",
            "model.py",
        ),
        (
            '        if known is not None and function.get("name") and piece.get("id") '
            'and piece["id"] != known["asked"]:\n'
            "            known = None\n",
            "",
            "model.py",
        ),
    ),
    _fault(
        "errors-swallowed",
        "A turn whose model failed ends without a word.",
        (
            '            yield ErrorEvent(code="custom", message=str(failed), allow_retry=failed.retry)\n',
            "            return\n",
        ),
    ),
    _fault(
        "errors-raised",
        "A turn whose model failed raises, and the stream breaks off.",
        (
            '            yield ErrorEvent(code="custom", message=str(failed), allow_retry=failed.retry)\n',
            "            raise SystemError from failed\n",
        ),
    ),
    _fault(
        "titles-lost",
        "A thread that is saved again keeps its old title.",
        (
            "            owner, _, items = self._of(thread.id, context)\n",
            "            owner, kept, items = self._of(thread.id, context)\n"
            "            thread = thread.model_copy(update={'title': kept.title})\n",
        ),
    ),
    _fault(
        "deleted-stays",
        "A thread that was deleted is still there.",
        ("        del self._threads[thread_id]\n", "        pass\n"),
    ),
    _fault(
        "answers-lost",
        "Answers are not kept.",
        (
            "        if at is None:\n            items.append(item)\n",
            '        if at is None and item.type != "assistant_message":\n            items.append(item)\n',
        ),
    ),
    _fault(
        "anybody-reads",
        "A thread is found for whoever has its id.",
        ('found is None or found[0] != context["user"]', "found is None"),
    ),
    _fault(
        "list-of-all",
        "The list of threads has everybody's.",
        ('self._threads.values() if owner == context["user"]]', "self._threads.values()]"),
    ),
    _fault(
        "page-overlaps",
        "A page begins with the last row of the one before.",
        ("        rows = rows[at + 1 :]\n", "        rows = rows[at:]\n"),
    ),
    _fault(
        "no-more",
        "No page says that there is more.",
        ("    more = len(rows) > len(data)\n", "    more = False\n"),
    ),
    _fault(
        "order-ignored",
        "Rows come oldest first, whatever was asked.",
        ('    rows = rows if order == "asc" else rows[::-1]\n', "    rows = list(rows)\n"),
    ),
    _fault(
        "bad-request-500",
        "A request that cannot be read is answered 500.",
        (
            'return JSONResponse({"detail": "not a request that is taken here"}, status_code=400)',
            'return JSONResponse({"detail": "not a request that is taken here"}, status_code=500)',
        ),
    ),
    _fault(
        "no-door",
        "Who is not signed in is a guest.",
        ("        if not user:\n", '        user = user or "guest"\n        if not user:\n'),
    ),
)
"""In the order of a request: the stream, the model, the store, the endpoint."""
