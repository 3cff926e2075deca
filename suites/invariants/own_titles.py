"""The title that a thread is given of what was said in it, which stays that thread's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.marks import KINDS
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_OWNER, types
from ..evidence import shorten

MARK = re.compile(rf"\b(?:zq|{KINDS['title']})([0-9a-z]{{10}})")
"""The mark of a message, which is in a title that is made of it, or in one that the model makes for it."""


def _threads(r: Reply) -> Iterator[tuple[dict[str, Any], int | None]]:
    """The threads that an answer shows, with the event's index."""
    for e in r.of("thread.created", "thread.updated"):
        thread = (e.data or {}).get("thread")
        yield thread if isinstance(thread, dict) else {}, e.index
    if isinstance(r.body, dict):
        yield r.body, None
        data = r.body.get("data")
        yield from ((row, None) for row in (data if isinstance(data, list) else ()) if isinstance(row, dict))


@check(
    "security.title-of-own-thread",
    level=MUST,
    clause=SPEC_OWNER + "; each thread has its own title",
    cause="Which thread a title is for is found out when it is there, or one title is kept for all.",
    fix="Hand the thread's id to what makes the title, and save the title there alone.",
)
def title_of_own_thread(t: Transcript) -> Findings:
    """No thread bears the title that was made for another one."""
    owner = {a.nonce[2:]: a.thread_id for a in asked_in(t) if a.says and a.nonce and a.thread_id}
    if not owner:
        raise Untestable(f"No message of {t.exchange} was sent to a thread that has an id.")
    for r in t.replies:
        for thread, event in _threads(r):
            for end in MARK.findall(str(thread.get("title") or "")):
                if owner.get(end, thread.get("id")) != thread.get("id"):
                    got = f"thread {thread.get('id')!r} with the title {shorten(thread['title'])}"
                    expected = f"a title that was made for it: this one was made for {owner[end]!r}"
                    yield Finding(expected=expected, got=got, reply=r.label, event=event)


@check(
    "persistence.title-without-tag-data",
    level=SHOULD,
    clause=types("853-861") + ": a tag has a text, which the user sees, and an id and data for the application",
    cause="The title is made of the text as it is written for the model.",
    fix="Make the title of what the user typed, a tag as its text.",
)
def title_without_tag_data(t: Transcript) -> Findings:
    """The title of a thread shows neither the id nor the data of a tag."""
    for r in t.replies:
        id, hidden = r.thread_id if r.type == "threads.create" else "", _hidden(r)
        for other in t.replies if id and hidden else ():
            for thread, event in _threads(other):
                title = str(thread.get("title") or "") if thread.get("id") == id else ""
                if told := next((text for text in hidden if text in title), ""):
                    got = f"title {shorten(title)}, with {told!r}"
                    yield Finding(expected="a title in the user's words", got=got, reply=other.label, event=event)
                    return
    if not t.replies:
        raise Untestable("nothing was asked")


def _hidden(r: Reply) -> list[str]:
    """The ids of the tags in a message, and how their data begin, as far as no text of the message has them."""
    message = r.params.get("input")
    content = message.get("content") if isinstance(message, dict) else None
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    tags = [part for part in parts if part.get("type") == "input_tag" and isinstance(part.get("data"), dict)]
    shown = " ".join(str(part.get("text")) for part in parts)
    told = [str(tag.get("id")) for tag in tags] + [f'"{key}"' for tag in tags for key in tag["data"]]
    return [text for text in told if len(text) > 5 and text not in shown]
