"""What a user chooses for one message holds for that message: in each of its requests, and in no other turn."""

from __future__ import annotations

from collections.abc import Iterator

from chatkit_conformance.check import SHOULD, WHOLE_RUN, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.chosen import chosen_models, plain_name
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import types


def _asked(turn: Turn) -> Iterator[Call]:
    """The requests of a turn by the agent that was asked first; another agent may well have another model."""
    own = [tool.get("name") for tool in turn.calls[0].tools] if turn.calls else []
    return (call for call in turn.calls if [tool.get("name") for tool in call.tools] == own)


@check(
    "gemini.chosen-model-asked",
    level=SHOULD,
    needs=("model",),
    clause=types("870-874") + ": inference_options of a message: the model and tool for its own processing",
    cause="The choice is kept in an object that turns or users share, or the retry and later rounds do not read it.",
    fix="Read inference_options from the message that is answered, in every request of its turn, and keep it nowhere.",
)
def chosen_model_asked(t: Transcript) -> Findings:
    """A model that a user chose for a message is asked in each request of its turn, and in no turn that names none."""
    chosen = chosen_models(t)
    sound = [turn for turn in turns_in(t) if turn.sound and turn.nonce and not turn.asked.wrong]
    taken = [turn for turn in sound if plain_name(turn.calls[0].model) == chosen.get(turn.nonce)]
    if not taken:
        raise Untestable(f"No model that a user chose in {t.exchange} was asked.")
    first = min(turn.calls[0].n for turn in taken)
    usual = {plain_name(c.model) for turn in sound if turn.nonce not in chosen for c in turn.calls if c.n < first}
    strange = {chosen[turn.nonce] for turn in taken} - usual
    for turn in sound:
        wanted = chosen.get(turn.nonce)
        for call in _asked(turn):
            name, label = plain_name(call.model), turn.asked.reply.label
            if wanted is None and usual and name in strange:
                expected = f"model {' or '.join(sorted(usual))}: this message names none"
                yield Finding(expected=expected, got=f"model {name}", reply=label, call=call.n)
            elif wanted is not None and name != wanted:
                yield Finding(expected=f"model {wanted}", got=f"model {name}", reply=label, call=call.n)


@check(
    "gemini.chosen-model-of-one-message",
    level=SHOULD,
    needs=("model",),
    on=(WHOLE_RUN,),
    clause=types("870-874") + ": inference_options of a message: the model and tool for its own processing",
    cause="The choice is written into an agent, a client or a setting that all requests share.",
    fix="Read inference_options from the message that is answered, and hand the model to that one run.",
)
def chosen_model_of_one_message(t: Transcript) -> Findings:
    """A model that one user chose for a message is not asked for other messages, of anybody, from then on."""
    chosen: dict[str, str] = t.notes.get("chosen_models", {})
    calls = sorted((c for c in t.calls if c.nonce and not c.side), key=lambda c: c.n)
    taken = [c for c in calls if plain_name(c.model) == chosen.get(c.nonce)]
    if not taken:
        raise NotJudged("No message of the run names a model that was asked then.")
    plain = [c for c in calls if c.nonce not in chosen]
    usual = {plain_name(c.model) for c in plain if c.n < taken[0].n}
    strange = {plain_name(c.model) for c in taken} - usual
    if not usual or not strange:
        raise NotJudged("The model that was chosen is one that the server asks anyway, or nothing was asked before.")
    # Where the model fails, a server may ask another one.
    failed = {c.nonce for c in calls if c.status >= 400}
    later = [c for c in plain if c.n > taken[0].n and c.nonce not in failed]
    strayed = [c for c in later if plain_name(c.model) in strange]
    if strayed:
        expected = f"model {' or '.join(sorted(usual))} for messages that name none"
        got = (
            f"model {plain_name(strayed[0].model)} in {len(strayed)} of {len(later)} requests after it was chosen once"
        )
        yield Finding(expected=expected, got=got, call=strayed[0].n)


@check(
    "gemini.chosen-tool-asked",
    level=SHOULD,
    needs=("model",),
    clause=types("870-874") + ": inference_options of a message: the model and tool for its own processing",
    cause="The choice is kept in an agent or a setting that turns share, or the retry does not read it.",
    fix="Read tool_choice from the message that is answered, in a retry too, and keep it nowhere.",
)
def chosen_tool_asked(t: Transcript) -> Findings:
    """A tool that a user chose for a message is forced when it is retried, too, and in no turn that names no tool."""
    turns = [turn for turn in turns_in(t) if turn.nonce and turn.calls and not turn.asked.wrong]
    first = next((turn for turn in turns if _chose_tool(turn) and _forces(turn, _chose_tool(turn))), None)
    if first is None:
        raise Untestable(f"No tool that a user chose in {t.exchange} was forced.")
    chosen = {turn.nonce: _chose_tool(turn) for turn in turns if _chose_tool(turn)}
    before = {_forced(c) for turn in turns if turn.asked.n < first.asked.n for c in turn.calls}
    for turn in (turn for turn in turns if turn.asked.n > first.asked.n):
        label = turn.asked.reply.label
        if turn.nonce in chosen:
            if turn.sound and not _forces(turn, chosen[turn.nonce]):
                why = "as before the retry" if turn.nonce == first.nonce else "as its message says"
                expected = f"tool_choice {chosen[turn.nonce]!r}, {why}"
                got = f"tool_choice {_forced(turn.calls[0])!r}"
                yield Finding(expected=expected, got=got, reply=label, call=turn.calls[0].n)
            continue
        for call in _asked(turn):
            if _forced(call) == _chose_tool(first) and _forced(call) not in before:
                expected = "no tool forced: this message names none"
                got = f"tool_choice {_forced(call)!r}"
                yield Finding(expected=expected, got=got, reply=label, call=call.n)


def _forces(turn: Turn, tool: str) -> bool:
    """Whether one of a turn's requests forces this tool; a guard's or a later round's need not."""
    return any(_forced(call) == tool for call in turn.calls)


def _chose_tool(turn: Turn) -> str:
    """The tool that a turn's message names, or ""."""
    options = turn.asked.message.get("inference_options")
    tool = options.get("tool_choice") if isinstance(options, dict) else None
    return str(tool.get("id")) if isinstance(tool, dict) and tool.get("id") else ""


def _forced(call: Call) -> str:
    """The tool that a request to the model forces, or ""."""
    choice = call.body.get("tool_choice") if isinstance(call.body, dict) else None
    function = choice.get("function") if isinstance(choice, dict) else None
    return str(function.get("name")) if isinstance(function, dict) else ""
