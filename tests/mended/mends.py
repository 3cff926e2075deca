"""What was done to each faulty source because our output said so, or why nothing that it said could be done."""

from __future__ import annotations

from dataclasses import dataclass

from .faults import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """What was done about one fault.

    Args:
        fix: the words of the output that were followed. edits: what was changed, on top of the fault.
        nth: which finding it was, 1 for the first. why_not: why no fix could be followed, where none was.
    """

    fix: str = ""
    edits: tuple[Edit, ...] = ()
    nth: int = 1
    why_not: str = ""


def _mend(fix: str, *edits: tuple[str, str] | tuple[str, str, str], nth: int = 1) -> Mend:
    made = tuple(Edit(old=e[0], new=e[1], **({"file": e[2]} if len(e) > 2 else {})) for e in edits)
    return Mend(fix=fix, edits=made, nth=nth)


MENDS = {
    "one-id": _mend(
        "Give each item its own id when it is added",
        ('        return f"{item_type}-0"\n', '        return f"{item_type}-{uuid.uuid4().hex}"\n'),
    ),
    "done-renamed": _mend(
        "Finish the answer with thread.item.done",
        ('item=item.model_copy(update={"id": uuid.uuid4().hex})', "item=item"),
    ),
    "never-done": _mend(
        "Finish the answer with thread.item.done",
        (
            "annotations=[])]\n            pass\n",
            "annotations=[])]\n            yield ThreadItemDoneEvent(item=item.model_copy(deep=True))\n",
        ),
    ),
    "never-added": _mend(
        "Give each item its own id when it is added, and keep it until its done event",
        (
            "                    if not item.content:\n",
            "                    if not item.content:\n"
            '                        bare = item.model_copy(deep=True, update={"content": []})\n'
            "                        yield ThreadItemAddedEvent(item=bare)\n",
        ),
        ("                        if first:\n                            continue\n", ""),
    ),
    "deltas-twice": _mend(
        "Send each chunk of the model's text once, unchanged, as one delta",
        ("delta=new + new)", "delta=new)"),
    ),
    "history-newest": _mend(
        "Load the thread's items oldest first, and convert all user and assistant messages in order",
        ("map(said_in, items[-1:])", "[said_in(item) for item in items]"),
    ),
    "history-oldest": _mend(
        'Load the newest items (order="desc") and reverse them, or load all',
        ("(thread.id, None, 3,", "(thread.id, None, 100_000,"),
    ),
    "history-upside-down": _mend(
        'Load the newest items (order="desc") and reverse them, or load all',
        ('10_000, "desc", context)).data', '10_000, "desc", context)).data[::-1]'),
    ),
    "history-as-user": _mend(
        "Convert assistant_message items to messages with role assistant",
        (
            '    if isinstance(item, AssistantMessageItem):\n        return "user",',
            '    if isinstance(item, AssistantMessageItem):\n        return "assistant",',
        ),
    ),
    "history-twice": _mend(
        "Add the input message only if the loaded items do not contain it yet",
        ("map(said_in, [*items, items[-1]])", "map(said_in, items)"),
    ),
    "instructions-once": _mend(
        "Give the instructions to the agent: it sends them with every request",
        ("        messages = messages if len(items) < 2 else []\n", ""),
    ),
    "quotation-dropped": _mend(
        "Put the quotation before the text",
        ("if not item.quoted_text else", "if item.quoted_text else"),
    ),
    "text-lowered": _mend(
        "each word as it was said",
        ('"".join(part.text for part in item.content).lower()', '"".join(part.text for part in item.content)'),
    ),
    "tools-unseen": _mend(
        "Stream a ProgressUpdateEvent in each tool",
        (
            '                    name = call["function"]["name"]\n',
            '                    name = call["function"]["name"]\n'
            '                    yield ProgressUpdateEvent(text=f"The tool {name} is at work")\n',
        ),
    ),
    "results-empty": _mend(
        "The last model call must contain a tool message for this call",
        ('"content": ""})', '"content": result})'),
    ),
    "signatures-lost": _mend(
        "Store extra_content.google.thought_signature of each call, and send it back with the call",
        (
            '        known["function"]["arguments"] += function.get("arguments") or ""\n',
            '        known["function"]["arguments"] += function.get("arguments") or ""\n'
            '        if piece.get("extra_content"):\n'
            '            known["extra_content"] = piece["extra_content"]\n',
            "model.py",
        ),
    ),
    "calls-run-twice": _mend(
        "Run each call id once",
        (
            '                        self.tools.run(self.tasks, context["user"], name, call["function"]["arguments"])\n'
            "                        result",
            "                        result",
        ),
    ),
    "calls-joined": Mend(
        why_not="nothing was found: none of the conversations that were held here has two calls in one answer"
    ),
    "errors-swallowed": _mend(
        "Catch what the model's client raises around the whole turn: an error event, or a message that says so",
        (
            "        except ModelFailed as failed:\n            return\n",
            "        except ModelFailed as failed:\n"
            '            yield ErrorEvent(code="custom", message=f"No whole answer came: {failed}", '
            "allow_retry=True)\n",
        ),
    ),
    "errors-raised": _mend(
        'Raise CustomStreamError("what happened, and what to do", allow_retry=...)',
        (
            "            raise SystemError from failed\n",
            "            raise CustomStreamError(str(failed), allow_retry=failed.retry) from failed\n",
        ),
        (
            "from chatkit.server import ChatKitServer",
            "from chatkit.errors import CustomStreamError\nfrom chatkit.server import ChatKitServer",
        ),
    ),
    "titles-lost": _mend(
        "Save the thread in threads.update",
        ("            thread = thread.model_copy(update={'title': kept.title})\n", ""),
        nth=2,
    ),
    "deleted-stays": _mend(
        "Delete the thread and its items, and raise NotFoundError for an unknown id",
        (
            "        self._of(thread_id, context)\n        pass\n",
            "        self._of(thread_id, context)\n        self._threads.pop(thread_id)\n",
        ),
    ),
    "answers-lost": Mend(
        why_not="the second turn raises, and each fix is about conversion, requests or errors: none says "
        "that an item which is done has to be kept"
    ),
    "anybody-reads": _mend(
        "Filter every query of the store by user id, and answer as for an unknown thread",
        ("        if found is None:\n", '        if found is None or found[0] != context["user"]:\n'),
        nth=2,
    ),
    "list-of-all": _mend(
        "Filter every query of the store by user id",
        (
            "self._threads.values()]",
            'self._threads.values() if owner == context["user"]]',
        ),
    ),
    "page-overlaps": _mend(
        "Start the next page right after the cursor's own",
        ("        rows = rows[at:]\n", "        rows = rows[at + 1 :]\n"),
    ),
    "no-more": _mend(
        "Say has_more while rows are left",
        ("    more = False\n", "    more = len(rows) > limit\n"),
    ),
    "order-ignored": _mend(
        "Order by a sequence number, ascending or descending",
        ("    rows = list(rows)\n", '    rows = list(reversed(rows)) if order == "desc" else list(rows)\n'),
        nth=3,
    ),
    "bad-request-500": _mend(
        "Catch pydantic's ValidationError around server.process() and answer 400",
        ('is taken here"}, status_code=500)', 'is taken here"}, status_code=400)'),
    ),
    "no-door": _mend(
        "Check the token before calling process() and answer 401",
        ('        user = user or "guest"\n', ""),
    ),
}
"""By the fault's name."""
