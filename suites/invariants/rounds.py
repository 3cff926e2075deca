"""Tool calls and their results on the way back to the model: in pairs, as they were made, all of them, run once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.model_answers import model_answers
from chatkit_conformance.stream.model_chunks import call_ids, signature_of, signatures_given
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.target.tools import HANDOFF
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import GEMINI_CALLING, GEMINI_THOUGHT, SPEC_TOOLS
from ..evidence import content_text, model_calls, rounds, shorten
from ..gemini.requests import PAIRING, SIGNATURE

Made = tuple[str, str]
"""A tool's name and its arguments, spelled in one way."""


def _made(name: str, arguments: str) -> Made:
    try:
        return name, json.dumps(json.loads(arguments or "{}"), sort_keys=True)
    except (ValueError, RecursionError):
        return name, arguments


def _replayed(call: Call) -> Iterator[Made]:
    """The calls that a request tells of, wherever in it."""
    for row in _calls_in(call.messages):
        function = row.get("function")
        if isinstance(function, dict):
            yield _made(str(function.get("name")), str(function.get("arguments") or ""))


def _followed(t: Transcript) -> list[tuple[Turn, int, Call]]:
    """Each answer with tool calls, as its turn and place, and the request that carries their results.

    Raises Untestable where no result was sent back.
    """
    found: list[tuple[Turn, int, Call]] = []
    for turn in turns_in(t):
        for n, (call, answer) in enumerate(zip(turn.calls, turn.answers, strict=True)):
            after = next((c for c in turn.calls[n + 1 :] if c.position == call.position + 1), None)
            if answer.whole and answer.calls and after is not None:
                found.append((turn, n, after))
    if not found:
        raise _without_tools(t) or Untestable(f"No result of a tool was sent back to the model in {t.exchange}.")
    return found


def _without_tools(t: Transcript) -> NotJudged | None:
    """Why a server is not judged that gives its model no tools (a call is then a mistake, which may end the turn)."""
    if t.calls and not any(call.tools for call in t.calls):
        return NotJudged("the server gives its model no tools, and sent no result of one.")
    return None


@check(
    "gemini.results-paired",
    level=MUST,
    needs=("model",),
    clause=GEMINI_CALLING,
    cause="A call is sent without its result, a result without its call, or another message is between the two.",
    fix="Send one `tool` message for each call directly after the assistant message with the calls.",
    criteria=("SC-007",),
)
def results_paired(t: Transcript) -> Findings:
    """In each request, every tool call is directly followed by its result, under the id of the call."""
    calls = model_calls(t)
    given = [id for c in calls for chunk in c.sent for id in call_ids(chunk.data) if id is not None]
    strange = [id for id in given if not isinstance(id, str)]
    for c in calls:
        # Who sends such an id back as it was given has paired it; Gemini itself gives none.
        own = not any(made.get("id") in strange for made in _calls_in(c.messages)) if strange else True
        for complaint in c.complaints if own else ():
            if SIGNATURE not in complaint and any(word in complaint.lower() for word in PAIRING):
                yield Finding(expected="every call with its result", got=shorten(complaint, 300), call=c.n)
        yield from _unpaired(c)


def _calls_in(messages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tool calls in the messages of a request."""
    for message in messages:
        rows = message.get("tool_calls")
        yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def _unpaired(c: Call) -> Findings:
    open_ids: list[str] = []
    for message in c.messages:
        rows = message.get("tool_calls")
        if rows and isinstance(rows, list):
            open_ids += [str(made.get("id")) for made in rows if isinstance(made, dict)]
        elif message.get("role") == "tool":
            id = str(message.get("tool_call_id"))
            if id in open_ids:
                open_ids.remove(id)
            else:
                got = f"a result for {id!r}; open calls {sorted(open_ids)}"
                yield Finding(expected="a result for an open call, once", got=got, call=c.n)
    if open_ids:
        yield Finding(expected="a result for every call", got=f"no result for {sorted(open_ids)}", call=c.n)


@check(
    "gemini.signatures-replayed",
    level=MUST,
    needs=("model",),
    clause=GEMINI_THOUGHT,
    cause="The message is rebuilt from id, name and arguments alone, or the signature is looked up by the tool's name.",
    fix="Store extra_content.google.thought_signature of each call, and send it back with the call within the turn.",
    criteria=("SC-007",),
)
def signatures_replayed(t: Transcript) -> Findings:
    """A call's own thought signature goes back to the model, as it came, in every later request of the turn."""
    calls = [c for c in model_calls(t) if any(_replayed(c))]
    if not calls:
        raise _without_tools(t) or Untestable(f"No tool call was sent back to the model in {t.exchange}.")
    for c in calls:
        for complaint in c.complaints:
            if SIGNATURE in complaint and not _made_up(turns_in(t), c):
                expected = "the signature on the replayed call"
                yield Finding(expected=expected, got=shorten(complaint, 300), call=c.n)
    for turn in turns_in(t):
        yield from _other_signatures(turn)


def _made_up(turns: Iterable[Turn], c: Call) -> bool:
    """Whether a call that goes back without a signature is one that the model never made: that is another mistake."""
    names = {name for turn in turns for answer in turn.answers for _, name, _ in answer.calls}
    unsigned = [row for row in _calls_in(c.messages[_newest(c) :]) if not signature_of(row)]
    told = [row.get("function") for row in unsigned]
    return any(not isinstance(function, dict) or str(function.get("name")) not in names for function in told)


STAND_IN_SIGNATURES = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
"""What Gemini takes where the true one is not known (Gemini docs, Thought signatures, FAQ)."""


def _other_signatures(turn: Turn) -> Findings:
    """Calls of this turn that went back with a signature of another call, or with one that was changed."""
    given: dict[str, set[bytes]] = {}
    for c in turn.calls:
        for row in _calls_in(c.messages[_newest(c) :]):
            id, came = str(row.get("id")), signature_of(row)
            if came and came not in STAND_IN_SIGNATURES and id in given and _bytes(came) not in given.pop(id):
                got = f"another signature, {shorten(came)}"
                expected = f"the signature that came with the call {id}"
                yield Finding(expected=expected, got=got, reply=turn.asked.reply.label, call=c.n)
        for id, signature in signatures_given(c):
            given.setdefault(id, set()).add(_bytes(signature))


def _newest(c: Call) -> int:
    """Where the newest message of the user stands: calls of earlier turns, which are before it, may have its ids."""
    return max((n for n, message in enumerate(c.messages) if message.get("role") == "user"), default=0)


def _bytes(signature: str) -> bytes:
    """What a signature says: its base64 may be spelled in either alphabet."""
    return signature.rstrip("=").replace("-", "+").replace("_", "/").encode()


@check(
    "gemini.calls-replayed-as-made",
    level=MUST,
    needs=("model",),
    clause=GEMINI_CALLING + "; the model's own turn is sent back as it was",
    cause="The call is rebuilt from what the tool received: defaults filled in, names or arguments changed.",
    fix="Send each call's name and arguments back as the model wrote them.",
    criteria=("SC-007",),
)
def calls_replayed_as_made(t: Transcript) -> Findings:
    """A call goes back to the model with its original name and arguments."""
    for turn, n, after in _followed(t):
        made = rounds(after)
        place = turn.calls[n].position
        got = [_made(name, text) for _, name, text in made[place].calls] if place < len(made) else []
        for _, name, text in turn.answers[n].calls:
            if _is_object(text) and _made(name, text) not in got:  # no API has to take back what is no JSON
                label = turn.asked.reply.label
                expected = f"{name} {shorten(text)}"
                yield Finding(expected=expected, got=f"calls {shorten(got)}", reply=label, call=after.n)


def _is_object(text: str) -> bool:
    """Whether a call's arguments are a JSON object; Gemini leaves them out where there are none."""
    try:
        return isinstance(json.loads(text or "{}"), dict)
    except (ValueError, RecursionError):
        return False


@check(
    "gemini.past-calls-are-json",
    level=MUST,
    needs=("model",),
    clause="OpenAI API reference, chat completions: a tool call's arguments are JSON, as the model wrote them",
    cause="What was stored of a call is printed in the language's own notation, or encoded a second time.",
    fix="Send the arguments of an earlier turn's call as they came, or encode what was decoded, once.",
)
def past_calls_are_json(t: Transcript) -> Findings:
    """The arguments of calls from earlier turns are JSON objects, where the model had made them so."""
    if not any(c.messages for c in t.calls):
        raise Untestable(f"No request to the model was made in {t.exchange}.")
    odd = {name for a in model_answers(t).values() for _, name, text in a.calls if not _is_object(text)}
    for c in t.calls:
        for name, text in _past_calls(c):
            if name not in odd and not _is_object(text):
                yield Finding(expected=f"arguments of {name} as a JSON object", got=shorten(text), call=c.n)
                break


def _past_calls(c: Call) -> Iterator[tuple[str, str]]:
    """The name and the arguments of each call in a request's earlier turns, where these are a text."""
    last = max((n for n, m in enumerate(c.messages) if m.get("role") == "user"), default=0)
    for message in c.messages[:last]:
        for made in message.get("tool_calls") or ():
            function = made.get("function") if isinstance(made, dict) else None
            if isinstance(function, dict) and isinstance(text := function.get("arguments"), str):
                yield str(function.get("name")), text


@check(
    "gemini.text-before-calls-replayed",
    level=SHOULD,
    needs=("model",),
    clause=GEMINI_CALLING + "; the model's own turn is sent back as it was",
    cause="The text of a message with calls is dropped when the message is sent back.",
    fix="Send the content and the tool_calls of one answer back in one assistant message.",
)
def text_before_calls_replayed(t: Transcript) -> Findings:
    """The model's text before a call goes back to the model within the turn."""
    spoken = [(turn, n, after) for turn, n, after in _followed(t) if turn.answers[n].text.strip()]
    if not spoken:
        raise Untestable(f"The model said nothing before a call in {t.exchange}.")
    for turn, n, after in spoken:
        said = turn.answers[n].text.strip()
        texts = [content_text(m.get("content")) for m in after.messages if m.get("role") in ("assistant", "model")]
        if not any(said in text for text in texts):
            label = turn.asked.reply.label
            yield Finding(expected=f"assistant text {shorten(said)}", got=shorten(texts), reply=label, call=after.n)


def _one_round(t: Transcript) -> Untestable:
    """Why no turn of this conversation went on after a tool's result."""
    names = {str(tool.get("name")) for call in t.calls for tool in call.tools}
    if names and all(name.startswith(HANDOFF) for name in names):
        return NotJudged(
            "the model of the first agent is given no tool but handoffs, and which tools the others have is not known."
        )
    return _without_tools(t) or Untestable(f"No turn of {t.exchange} went on after a tool's result.")


@check(
    "gemini.rounds-kept",
    level=MUST,
    needs=("model",),
    clause=GEMINI_CALLING + "; every step of the current turn is sent back",
    cause="A window or a limit cuts the earlier rounds of the turn off.",
    fix="Cut the history at a user message, never inside the current turn.",
    criteria=("SC-007",),
)
def rounds_kept(t: Transcript) -> Findings:
    """Each later request of a turn holds all rounds of tool calls that the turn has had."""
    judged = 0
    for turn in turns_in(t):
        had: list[Made] = []
        for call in turn.calls:
            there = list(_replayed(call))
            had = had if call.position else []  # run anew from the user's message: tools.not-run-again judges that
            judged += bool(had)
            lost = [made for made in had if made not in there]
            if lost:
                got = f"{len(there)} calls, without {lost[0][0]} {shorten(lost[0][1])}"
                label = turn.asked.reply.label
                yield Finding(expected=f"all {len(had)} calls of the turn", got=got, reply=label, call=call.n)
            had += [_made(n, a) for made in rounds(call) for _, n, a in made.calls if _made(n, a) not in had]
    if not judged:
        raise _one_round(t)


@check(
    "gemini.results-kept-in-turn",
    level=SHOULD,
    needs=("model",),
    clause=GEMINI_CALLING + "; every step of the current turn is sent back",
    cause="Results of the turn's earlier steps are shortened or replaced before the next step, to save tokens.",
    fix="Shorten the results of earlier turns alone.",
    criteria=("SC-007",),
)
def results_kept_in_turn(t: Transcript) -> Findings:
    """What a tool returned is told as it was told first, in each later request of its turn."""
    judged = 0
    for turn in turns_in(t):
        told: dict[tuple[int, int], str] = {}
        for call in turn.calls:
            told = told if call.position else {}
            judged += bool(told)
            for place, text in _told(call):
                if (first := told.setdefault(place, text)) != text:
                    got, label = f"{shorten(text)} in a later request", turn.asked.reply.label
                    yield Finding(expected=f"the result {shorten(first)}", got=got, reply=label, call=call.n)
                    told[place] = text
    if not judged:
        raise _one_round(t)


def _told(call: Call) -> Iterator[tuple[tuple[int, int], str]]:
    """The results in a request, each with its round and its place in the round, where no round lacks one."""
    for n, made in enumerate(rounds(call)):
        if len(made.results) == len(made.calls):
            order = [id for id, _, _ in made.calls]
            if sorted(order) == sorted(id for id, _ in made.results) and len(set(order)) == len(order):
                yield from (((n, order.index(id)), text) for id, text in made.results)


@check(
    "tools.not-run-again",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS + "; one call has its effect once",
    cause="A turn that failed after a tool is begun anew, from the user's message, and its tools run once more.",
    fix="Go on from the last result, or tell the user that the turn failed; never run a turn with effects again.",
    criteria=("SC-007", "SC-008"),
)
def not_run_again(t: Transcript) -> Findings:
    """A turn that is run anew after a failure does not run the tools again that had run already."""
    names = t.notes.get("names")
    reads = names.get("read") if isinstance(names, dict) else None
    judged = 0
    for turn in turns_in(t):
        had: set[Made] = set()
        forgotten: set[Made] = set()
        for call in turn.calls:
            there = set(_replayed(call))
            forgotten |= had - there
            judged += bool(had)
            for made in sorted(there & forgotten):
                if made[0] != reads and made[1] != "{}":
                    got = f"{made[0]} {shorten(made[1])} with a result once more, under a new call"
                    label = turn.asked.reply.label
                    yield Finding(expected="each call run once in its turn", got=got, reply=label, call=call.n)
            forgotten -= there
            had |= {_made(name, text) for made in rounds(call) for _, name, text in made.calls}
    if not judged:
        raise _one_round(t)
