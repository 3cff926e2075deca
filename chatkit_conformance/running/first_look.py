"""The first look at a target: is it ChatKit, is its model ours to direct, what tools has it, what else can it do?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..check import NotJudged, Untestable
from ..diagnosis.answered import answered_wrongly
from ..diagnosis.asked import asked_wrongly
from ..diagnosis.printed import DATABASE, sign_in
from ..diagnosis.tracebacks import tracebacks
from ..script import TELLS, calls, reply
from ..stream.event_kinds import shows_tool
from ..talk import Talk
from ..transcript import Reply, Transcript
from .capabilities import BY_REQUEST, BY_TASK, SHOWN_TITLE, Probed, probe
from .discovery import Discovered, discover, discovered
from .environment import ModelRefused, TestEnvironment, Unreachable
from .in_front import ask_in_front, refuse_other_server
from .pace import ServerPace, pace_of
from .roles import settled, tools_notice, with_tasks
from .shown_by import shown_by, shown_notice
from .smoke import refuse_other_protocol, smoke
from .values import with_values
from .visitors import NOT_TAKEN, fresh_visitor, takes_visitors


@dataclass(slots=True, kw_only=True)
class FirstLook:
    """What was seen.

    Args:
        discovered: the model's side. probed: capabilities that the owner did not declare.
        visitors: see `takes_visitors`. side_requests: whether the model was asked beside the conversation, too.
        pace: how fast it is. cause: what is wrong with the set-up as a whole, and what to type, or "".
        first_thread: see `Learnt`.
        no_tasks: why it counts as none of tasks, where only words can tell, or "".
        warnings: what its reader should know before the verdict.
    """

    discovered: Discovered = field(default_factory=lambda: Discovered(directed=False))
    probed: Probed = field(default_factory=Probed)
    visitors: bool = False
    side_requests: bool = False
    pace: ServerPace = field(default_factory=ServerPace)
    cause: str = ""
    no_tasks: str = ""
    first_thread: tuple[str, str] = ("", "")
    warnings: list[str] = field(default_factory=list)


async def first_look(
    environment: TestEnvironment, talk: Talk, keep: Callable[[Transcript], None], *, in_words: bool = False
) -> FirstLook:
    """Look at a target that was started.

    Args:
        talk: what the first turn is held with. keep: is given its transcript.
        in_words: whether the model plays no script and is asked in words.

    Raises:
        Unreachable: nothing answers there, or not in ChatKit's protocol. ConfigError: the target file is wrong.
    """
    seen = FirstLook()
    seen.warnings += await find_chatkit(environment)
    if in_words:
        try:
            await _greet(seen, environment, talk)
        except NotJudged:
            if environment.real is not None and environment.real.refusal:
                raise ModelRefused(environment.real.refusal) from None
            raise
        finally:
            made = await talk.calls()
            seen.side_requests = any(call.side for call in made)
            keep(talk.transcript(made))
    elif environment.undirected:
        seen.discovered = Discovered(directed=False, reason=environment.undirected)
    else:
        try:
            seen.discovered = await discover(talk, environment)
            first = talk.replies[0]
            refuse_other_protocol(first, environment.target)
            await refuse_other_server(environment, first.thread_id)
            seen.cause = await _root_cause(environment, seen.discovered, first)
            if first.ended == "closed" and first.ended_at is not None:
                seen.pace = await pace_of(environment.client, environment.target, first.ended_at - first.sent_at)
            if seen.discovered.directed:
                await _probe(seen, environment, talk)
        except Untestable as why:
            seen.discovered = Discovered(directed=False, reason=str(why))
        made = await talk.calls()
        seen.side_requests = any(call.side for call in made)
        keep(talk.transcript(made))
    if talk.replies and talk.replies[0].accepted and talk.nonces:
        seen.first_thread = (talk.replies[0].thread_id, talk.nonces[0])
    if seen.discovered.directed or in_words:
        if (visitor := fresh_visitor(environment.target)) is not None:
            environment.keep_secrets_of(visitor)
            seen.visitors = await takes_visitors(environment.client, visitor)
            if not seen.visitors and environment.target.visitors is not None:
                seen.warnings.append(NOT_TAKEN)
    else:
        seen.warnings.append(seen.discovered.reason)
    seen.warnings += filter(None, (environment.target.auth_notice,))
    return seen


async def _greet(seen: FirstLook, environment: TestEnvironment, talk: Talk) -> None:
    """Hold one turn with a model that is as it is; what no request can ask for stays unknown.

    Raises:
        Unreachable: each turn fails, so there is nothing to judge. ModelRefused: the real model refuses each request.
    """
    try:
        first = await talk.create("Hello.", reply("Hello there."), label="discovery")
    except NotJudged as why:
        if environment.real is not None and environment.real.refusal:
            raise ModelRefused(environment.real.refusal) from None
        raise Unreachable(
            f"{environment.target.url} speaks ChatKit, but each of its turns fails: {why} Look at the server's log; is "
            "its model's key valid, its base URL right, its quota left?"
        ) from None
    if environment.real is not None and environment.real.refusal:
        raise ModelRefused(environment.real.refusal)
    refuse_other_protocol(first, environment.target)
    await refuse_other_server(environment, first.thread_id)
    if environment.standin is not None:
        seen.discovered = await discovered(talk, environment, first)
        seen.cause = await _root_cause(environment, seen.discovered, first)
        talk.tools = seen.discovered.tools
    if first.ended == "closed" and first.ended_at is not None:
        seen.pace = await pace_of(environment.client, environment.target, first.ended_at - first.sent_at)
    declared = environment.target.capabilities
    asked = await probe(talk, first, declared, BY_REQUEST)
    if environment.standin is not None:
        asked = with_tasks(asked, seen.discovered, declared)
    known = asked.with_declared(declared)
    if known.get("tools") is not False and known.get("tasks") is not False:
        shown = await probe(talk, first, declared, BY_TASK)
        there = {name: found for name, found in shown.found.items() if found}
        asked = Probed(found={**asked.found, **there}, seen={**asked.seen, **shown.seen})
        seen.no_tasks = await _without_tasks(talk)
    seen.probed = asked
    seen.warnings += filter(None, (seen.probed.notice(), tools_notice(seen.probed), seen.no_tasks))


async def _without_tasks(talk: Talk) -> str:
    """Why the server counts as none of tasks, after it was asked to make one and showed none; "" where it has them.

    Where the task that was made is not shown by a widget or the like, all tasks are asked for.
    """
    made = next((r for r in talk.replies if r.label == "probe-tasks"), None)
    if made is not None and any(shows_tool(e) and SHOWN_TITLE in e.raw for e in made.events):
        return ""
    if talk.may_ask_again():
        step = {**calls(talk.tool_call("read")), TELLS: SHOWN_TITLE}
        await talk.create("What is on my list?", step, label="probe-list")
    if any(SHOWN_TITLE in str(e.item) for r in talk.replies for e in r.items_done("assistant_message")):
        return ""
    return (
        "it was asked in words to create a task and to list all tasks, and no answer names that task: what needs tasks "
        "is not judged. If it is no task chat, write tasks = false under [capabilities]"
    )


async def _root_cause(environment: TestEnvironment, discovered: Discovered, first: Reply) -> str:
    """What is wrong with the set-up as far as the first turn shows it, or "": the doctor's own rules, on the same."""
    if environment.standin is None:
        return ""
    if discovered.reason:
        return discovered.reason
    asked = asked_wrongly(await environment.standin.journal(), environment.secrets.values)
    return " ".join(
        str(asked or answered_wrongly(environment.without_secrets(first), environment.printed()) or "").split()
    )


async def find_chatkit(environment: TestEnvironment) -> list[str]:
    """Ask for the first answer; returns what to know of the path it came from. Raises Unreachable.

    A server that this run started without being told its path is asked where it answers, if not at the usual place.
    One that is to be asked through a proxy is first asked itself.
    """
    known = await _find_itself(environment)
    return [*known, await ask_in_front(environment)] if environment.target.through else known


async def _find_itself(environment: TestEnvironment) -> list[str]:
    asked, target = environment.client.endpoint_path, environment.target
    try:
        await smoke(environment.client, target)
    except Unreachable as why:
        if away := sign_in(environment.printed(), DATABASE):
            raise Unreachable(f"{away} ({why})") from why
        if not why.place or not target.command or target.path:
            if why.failing and (found := tracebacks(environment.printed())):
                raise Unreachable(f"{why} The last exception in its output: {found[-1]['error'][:300]}.") from why
            raise
        environment.at_path(why.place)
        await smoke(environment.client, environment.target)
        return [f"ChatKit answers at {why.place} and not at {asked}, and is judged there. {_to_give(why.place)}"]
    there = environment.client.endpoint_path
    if there == asked:
        return []
    environment.at_path(there)
    return [
        f"{asked} is answered with a redirect to {there}, which was followed, as a browser does. Give that path at "
        f"once, and each request saves a round trip: {_to_give(there)}"
    ]


def _to_give(path: str) -> str:
    return f'path = "{path}" under [target], --path {path}, or --url with it.'


async def _probe(seen: FirstLook, environment: TestEnvironment, talk: Talk) -> None:
    first, declared = talk.replies[0], environment.target.capabilities
    talk.tools = await settled(talk, seen.discovered.tools, environment.target.tools)
    talk.tools, found = await with_values(talk, talk.tools)
    shown = await shown_by(talk, seen.discovered.declared, talk.tools)
    talk.tools = {**talk.tools, **shown}
    seen.discovered = replace(seen.discovered, tools=talk.tools)
    seen.probed = with_tasks(await probe(talk, first, declared), seen.discovered, declared)
    seen.warnings += filter(None, (seen.probed.notice(), tools_notice(seen.probed), shown_notice(shown), found))
