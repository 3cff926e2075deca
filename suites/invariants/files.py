"""Files in every conversation: all that a message carries reaches the model, and the bytes reach nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.stream.history import HistoryRequest, history_requests
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_HISTORY, SPEC_OWNER, types
from ..evidence import OTHERS_FAIL, answered, shorten
from .uploads import Uploaded, uploads

CARRIES = types("870-943") + ": attachments are part of the message"


def _first_requests(t: Transcript) -> Iterator[tuple[HistoryRequest, list[Uploaded]]]:
    """The first request of each turn whose message carries files, and those files."""
    seen = set()
    for request in history_requests(t):
        files = [uploads(t)[id] for id in request.turn.asked.files if id in uploads(t)]
        known = [file for file in files if file.taken]
        if known and request.turn.asked.n not in seen:
            seen.add(request.turn.asked.n)
            yield request, known


def _texts(t: Transcript) -> list[tuple[HistoryRequest, str]]:
    """Each text file that a message carries, by its words, and the first request of that turn."""
    return [(request, file.words) for request, files in _first_requests(t) for file in files if file.words]


def _taken(t: Transcript) -> None:
    """Raises NotJudged where the server takes no text files."""
    made = [a.reply for a in in_place(t) if a.reply.type == "attachments.create"]
    texts = [r for r in made if str(r.params.get("mime_type")).startswith("text/")]
    if texts and all(r.refused for r in texts):
        raise NotJudged(f"The server takes no text files: {answered(texts[0])}")


def _untold(texts: list[tuple[HistoryRequest, str]]) -> Findings:
    for request, words in texts:
        if not request.heard.has(words):
            label, got = request.turn.asked.reply.label, f"{len(request.heard.messages)} messages without it"
            yield Finding(expected=f"the file {shorten(words)}", got=got, reply=label, call=request.call.n)


@check(
    "attachments.served-each-time",
    level=MUST,
    clause=types("208-222, 883-890") + ": attachments.create, and the upload that its descriptor names",
    cause="A second file fails, or one beside another: a name that is taken, a lock, a folder that is not there.",
    fix="Store each file under an id of its own, whatever its name.",
    capability="attachments",
)
def served_each_time(t: Transcript) -> Findings:
    """No file fails inside the server, neither when it is registered nor when it is uploaded."""
    made = [a.reply for a in in_place(t) if a.reply.type == "attachments.create"]
    uploads = [r for r in t.replies if r.label in {f"{one.label}-upload" for one in made}]
    if not made:
        raise Untestable(f"No file was registered in {t.exchange}.")
    for r in (*made, *uploads):
        if r.status >= 500 and r.status not in OTHERS_FAIL:
            yield Finding(expected="the file is taken, or refused", got=answered(r), reply=r.label)


@check(
    "gemini.every-picture-sent",
    level=SHOULD,
    needs=("model",),
    clause=CARRIES,
    cause="Only the first attachment of a message is converted.",
    fix="Convert each attachment of a message to a content part of its own.",
    capability="attachments",
)
def every_picture_sent(t: Transcript) -> Findings:
    """Of a message with several pictures the model is sent all, where it is sent any."""
    several = [(r, k) for r, k in _first_requests(t) if sum(file.mime.startswith("image/") for file in k) > 1]
    if not any(request.heard.pictures for request, _ in several):
        raise Untestable(f"No message of {t.exchange} had two pictures of which one reached the model.")
    for request, files in several:
        sent = sum(file.mime.startswith("image/") for file in files)
        if 0 < request.heard.pictures < sent:
            label, got = request.turn.asked.reply.label, f"{request.heard.pictures} in the request"
            yield Finding(expected=f"{sent} pictures", got=got, reply=label, call=request.call.n)


@check(
    "gemini.own-file-sent",
    level=SHOULD,
    needs=("model",),
    clause=CARRIES,
    cause="Files are looked up by name, by media type or in a cache, so that the bytes are those of another file.",
    fix="Read the bytes by the attachment's id and its owner.",
    capability="attachments",
)
def own_file_sent(t: Transcript) -> Findings:
    """The model is sent the text file that a message carries and no other, where it is sent text files at all."""
    texts = _texts(t)
    _taken(t)
    if not any(request.heard.has(words) for request, words in texts):
        raise Untestable(f"No text file of {t.exchange} reached the model.")
    yield from _untold(texts)


@check(
    "attachments.reaches-model",
    level=SHOULD,
    needs=("model",),
    clause=CARRIES + "; " + SPEC_HISTORY,
    cause="The SDK's converter attachment_to_message_content is not implemented, or reads another file's bytes.",
    fix="Put the file's content, read by its own id, into the model's input: text as text, images as data URLs.",
    capability="attachments",
)
def reaches_model(t: Transcript) -> Findings:
    """The content of an attached text file reaches the model with the message."""
    _taken(t)
    if not (texts := _texts(t)):
        raise Untestable(f"No message of {t.exchange} that the model was asked for carried a text file.")
    if not any(request.heard.has(words) for request, words in texts):  # else gemini.own-file-sent names those lost
        yield from _untold(texts)


@check(
    "attachments.bytes-guarded",
    level=SHOULD,
    clause=SPEC_OWNER + "; what was deleted, or is another user's, is given to nobody",
    cause="The handler that gives a file's bytes has no check of who asks, or looks the bytes up by the id alone.",
    fix="Check the token in the handler of files, too, and look the file up by id and owner; or sign its address.",
    capability="attachments",
)
def bytes_guarded(t: Transcript) -> Findings:
    """A file's bytes are given to nobody but its owner, to no forged token, and to nobody once it was deleted."""
    told = t.notes.get(EXPECTED, {})
    asked: list[Reply] = [r for r in t.replies if "bytes" in told.get(r.label, ())]
    gone = [r for r in t.replies if "picture_gone" in told.get(r.label, ())]
    if not asked and not gone:
        raise Untestable(f"Nobody in {t.exchange} asked for the bytes of a file that are not to be given.")
    for r in asked:
        if r.accepted and told[r.label]["bytes"].strip() and told[r.label]["bytes"].strip() in r.text:
            expected = f"no bytes {told[r.label]['why']}"
            yield Finding(expected=expected, got=answered(r), reply=r.label)
    for r in gone:
        if r.status == 200 and r.headers.get("content-type", "").startswith("image/"):
            expected = f"no picture at the preview of {told[r.label]['picture_gone']!r}, which was deleted"
            yield Finding(expected=expected, got=answered(r), reply=r.label)
