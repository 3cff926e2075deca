"""What slips through in one situation of many: one result of two, the type of a picture, half a letter, a step."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED
from chatkit_conformance.moves.picture import PICTURED
from chatkit_conformance.stream.asked import asked_in, still_open
from chatkit_conformance.stream.history import HistoryRequest, history_requests
from chatkit_conformance.stream.received import received_in, spoken_in, texts_in
from chatkit_conformance.stream.reread import Reread, rereads
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import SPEC_TOOLS, types
from ..evidence import answered, rounds, shorten
from .claimed import refuses
from .expected_tasks import Reading, readings

BROKEN = re.compile("[\ufffd\ud800-\udfff]")
"""What a decoder writes in the place of a letter of which it has a part (Unicode 17.0, chapter 3.9), and half a letter
of two UTF-16 units, as JavaScript's slice() leaves it (RFC 8259, section 8.2)."""


@check(
    "tools.done-not-told-failed",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS + "; the result of a call is what the model tells the user of it",
    capability="tasks",
    cause="Calls of one answer share a result, or one of them that fails cancels what the others returned.",
    fix="Return each call's own result under its own id, whatever became of the others.",
    criteria=("SC-007",),
)
def done_not_told_failed(t: Transcript) -> Findings:
    """A call that created a task is not told to the model as a failure."""
    judged = False
    for reading in readings(t):
        for title, text in _created(t, reading):
            judged = judged or bool(reading.told(title))
            if reading.told(title) and refuses(text) and title not in text:
                got = f"{shorten(text)}, and the task is in the list"
                yield Finding(
                    expected=f"a result that says that {title!r} is there", got=got, reply=reading.reply.label
                )
    if not judged:
        raise Untestable(f"no task of {t.exchange} was created and listed in one turn")


def _created(t: Transcript, reading: Reading) -> Iterator[tuple[str, str]]:
    """The titles that calls of a reading's turn created, each with the call's result."""
    titles = [str(task["title"]) for task in reading.tasks if not task["gone"]]
    calls = (c for turn in turns_in(t) if turn.asked.reply is reading.reply for c in turn.calls)
    for made in (made for c in calls for made in rounds(c)[:1]):
        results = dict(made.results)
        for id, _, arguments in made.calls:
            if id in results:
                yield from ((title, results[id]) for title in titles if f'"{title}"' in arguments)


@check(
    "gemini.picture-type-true",
    level=SHOULD,
    needs=("model",),
    clause="RFC 2397: a data URL names the media type of its bytes; Gemini docs, image understanding: "
    "data:image/jpeg;base64,…",
    cause="Every picture is called a JPEG, whatever it is.",
    fix="Write the attachment's own mime_type, or the type that its first bytes show.",
    capability="attachments",
)
def picture_type_true(t: Transcript) -> Findings:
    """A picture that is sent to the model is of the type that its address names."""
    pictures = [(call, *found) for call in t.calls for found in _pictures(call)]
    if not pictures:
        raise Untestable(f"No picture of {t.exchange} was sent to the model with its bytes.")
    for call, named, real in pictures:
        if named != real:
            yield Finding(expected=f"data:{real}", got=f"data:{named}, and the bytes of {real}", call=call.n)


MAGIC: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
"""How the bytes of a picture begin, by its type; of any other type nothing is said."""

ADDRESS = re.compile(r"data:(image/[\w.+-]+)(?:;[\w=-]+)*;base64,([A-Za-z0-9+/=]{12,})")


def _pictures(call: Call) -> Iterator[tuple[str, str]]:
    """The type that each picture of a request is said to have, and the one that it has."""
    for message in call.messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            image = part.get("image_url") if isinstance(part, dict) else None
            url = image.get("url") if isinstance(image, dict) else image
            found = ADDRESS.match(url) if isinstance(url, str) else None
            if found and (real := _type_of(found[2])):
                yield found[1].replace("image/jpg", "image/jpeg"), real


def _type_of(encoded: str) -> str:
    try:
        beginning = base64.b64decode(encoded[:12])
    except binascii.Error:
        return ""
    return next((kind for magic, kind in MAGIC.items() if beginning.startswith(magic)), "")


@check(
    "stream.no-broken-letters",
    level=SHOULD,
    clause="RFC 3629 section 3: a decoder never takes a part of a letter for one; Unicode 17.0 chapter 3.9: U+FFFD",
    cause="A text, such as a title, is cut after a number of bytes, or of UTF-16 units, in the middle of a letter.",
    fix="Cut texts by letters, or leave the last one out that is not whole.",
)
def no_broken_letters(t: Transcript) -> Findings:
    """No text that the browser receives has half a letter, or U+FFFD in its place, where nobody wrote one."""
    if any(r.raw for r in t.replies):
        raise Untestable(f"In {t.exchange} bytes were sent that may be no text.")
    if BROKEN.search(spoken_in(t)):
        raise Untestable(f"In {t.exchange} somebody said half a letter, or U+FFFD.")
    if all(text.isascii() for text in texts_in(t)):
        raise Untestable(f"Nothing that the browser received in {t.exchange} has a letter of several bytes.")
    for row in received_in(t) if any(map(BROKEN.search, texts_in(t))) else ():
        if BROKEN.search(row.text):
            yield Finding(expected="whole letters", got=shorten(row.text), reply=row.reply.label, event=row.event)


@check(
    "stream.no-step-left-loading",
    level=SHOULD,
    clause=types("500-515") + ": status_indicator of a task; one that is loading is under way",
    cause="A step is stored as loading when the user leaves or the model fails, and nothing finishes it.",
    fix="When a turn ends, however it ends, store its steps as complete or without a status.",
    capability="workflows",
)
def no_step_left_loading(t: Transcript) -> Findings:
    """In a thread that goes on after a turn was left or failed, no step of that turn is still shown as loading."""
    judged = False
    for read in rereads(t):
        closed = [a for a in (turn.asked for turn in turns_in(t)) if a.thread_id == read.thread_id and a.n < read.n]
        if not read.quiet or not closed or closed[-1].reply.ended != "closed" or closed[-1].reply.errors:
            continue
        latest = {e.item_id for e in closed[-1].reply.items_done()}
        for item, step in _steps(read):
            judged = True
            if item.get("id") not in latest and step.get("status_indicator") == "loading":
                got = f"{shorten(step.get('title'))} of item {item.get('id')} is loading"
                yield Finding(expected="no step that is still loading", got=got, reply=read.label)
    if not judged:
        raise Untestable(f"No thread of {t.exchange} was read back with a step in it after its last turn had ended.")


def _steps(read: Reread) -> Iterator[tuple[Mapping[str, object], Mapping[str, object]]]:
    """The steps that a reading shows, each with its item."""
    for item in read.items:
        workflow, task = item.get("workflow"), item.get("task")
        rows = workflow.get("tasks") if isinstance(workflow, dict) else [task]
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                yield item, row


@check(
    "persistence.retry-midway-one-answer",
    level=SHOULD,
    clause=types("166-177") + " and server.py L638-684: what follows the message is removed, and it is answered anew",
    cause="The retry does not wait for the answer under way, which is stored after it has removed what there was.",
    fix="Let the turns of a thread follow each other, retries too, or end the one under way first.",
    capability="retry",
)
def retry_midway_one_answer(t: Transcript) -> Findings:
    """A message that is asked again while it is answered has one answer in the end."""
    judged = False
    asked = asked_in(t)
    for again in (a for a in asked if a.reply.type == "threads.retry_after_item" and not a.wrong):
        open_then = [a.reply for a in asked[: again.n] if a.thread_id == again.thread_id]
        first = {e.item_id for r in open_then if still_open(r, again.reply) for e in r.items_done("assistant_message")}
        then = {e.item_id for e in again.reply.items_done("assistant_message")}
        for read in rereads(t) if first and then else ():
            if read.thread_id == again.thread_id and read.n > again.n and read.complete and read.quiet:
                judged = True
                if (old := sorted(first & set(read.ids))) and then & set(read.ids):
                    got = f"answers {shorten([*old, *sorted(then)])}"
                    yield Finding(expected="one answer to the message", got=got, reply=read.label)
    if not judged:
        raise Untestable(f"No message of {t.exchange} was asked again while it was answered, and read back.")


@check(
    "attachments.preview-shown",
    level=SHOULD,
    clause=types("931-935") + ": an image has a preview_url, by which the client shows it",
    cause="The file's name is written into a header, which takes Latin letters only, or the file is found by its name.",
    fix="Encode the name as RFC 6266 says (filename*=UTF-8''…), or leave it out.",
    capability="attachments",
)
def preview_shown(t: Transcript) -> Findings:
    """The preview address of a picture gives its owner this picture, whatever the file is called."""
    told = t.notes.get(EXPECTED, {})
    asked = [r for r in t.replies if told.get(r.label, {}).get("preview")]
    if not asked:
        raise Untestable(f"Nobody in {t.exchange} looked at the preview of a picture of their own.")
    for r in asked:
        kind = r.headers.get("content-type", "")
        if r.status != 200 or not kind.startswith("image/"):
            expected = f"the picture {told[r.label]['preview']!r}"
            yield Finding(expected=expected, got=answered(r), reply=r.label)
        elif (drawn := PICTURED.findall(r.text)) and told[r.label]["preview"] not in drawn:
            expected = f"the picture with the mark {told[r.label]['preview']!r} in its bytes"
            yield Finding(expected=expected, got=f"the one with {drawn[0]!r}", reply=r.label)


@check(
    "tools.still-declared",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_TOOLS + "; a turn that failed takes nothing from the turns after it",
    capability="tools",
    cause="After a failure the agent is made anew, or in a fallback, and its tools are left out.",
    fix="Make the agent of each turn from the same tools.",
    criteria=("SC-007",),
)
def still_declared(t: Transcript) -> Findings:
    """A thread in which the model was given tools gives it tools in each later turn."""
    given: dict[str, str] = {}
    firsts: dict[int, HistoryRequest] = {}
    for request in history_requests(t):
        firsts.setdefault(request.turn.asked.n, request)
    judged = False
    for _, request in sorted(firsts.items()):
        thread, label = request.turn.asked.thread_id, request.turn.asked.reply.label
        judged = judged or thread in given
        if request.call.tools:
            given.setdefault(thread, label)
        elif thread in given:
            got = "a request without any tool"
            yield Finding(expected=f"tools, as in {given[thread]}", got=got, reply=label, call=request.call.n)
    if not judged:
        raise Untestable(f"No thread of {t.exchange} had another turn after one in which the model was given tools.")
