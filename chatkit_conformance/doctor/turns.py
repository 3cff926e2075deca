"""Two messages in one thread: what is answered, how soon, and what the model was asked meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..diagnosis.answered import answered_wrongly, held_back
from ..diagnosis.asked import asked_wrongly
from ..diagnosis.diagnosis import Diagnosis
from ..diagnosis.printed import DATABASE, UNASKED, sign_in
from ..http.own_host import is_own_host
from ..running.environment import TestEnvironment
from ..running.never_asked import why_never_asked
from ..script import reply
from ..talk import Talk
from ..transcript import Call, Reply

HELD_S = 0.8
"""Seconds after the model's first words in which a server has sent its first event; most take milliseconds."""

ASKED_S = 3.0
"""Seconds in which a server has asked its model."""

SCRIPTED = 0.4
UNSEEN = 0.8
"""Share of the doctor's time for an answer of a few words: by a model that we play, and by one of their own."""

SLOW_S = 1.0
"""Seconds of an answer by an unseen model from which on it shows whether it was kept back."""

SAID = "Hello there. How are you today?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """One message and what came of it.

    Args:
        reply: the answer. calls: the model's journal. printed: what the server printed meanwhile.
        opened_at: when the model was let go on, where it had to wait for the browser's side.
    """

    reply: Reply
    calls: tuple[Call, ...] = ()
    printed: Sequence[str] = ()
    opened_at: float | None = None


async def first_turn(environment: TestEnvironment, talk: Talk, within_s: float) -> Turned:
    """The first message of a thread. The model stops after its first words, until the browser's side has something."""
    before = len(environment.process.lines) if environment.process else 0
    gate, opened_at = "", None
    answer_s = within_s * (SCRIPTED if environment.standin else UNSEEN)
    steps = []
    if environment.standin is not None:
        gate = talk.gate()
        steps = [reply(SAID, chunk_chars=8, hold_after=1, gate=gate, hold_max_s=ASKED_S)]
    async with talk.open_create("Hello.", *steps, label="turn-1", deadline_s=answer_s) as opened:
        first = asyncio.ensure_future(opened.wait_for(lambda _: True, answer_s))
        if gate:
            asked = asyncio.ensure_future(talk.calls(talk.last_nonce, at_least=1, timeout_s=ASKED_S))
            try:
                await asyncio.wait({first, asked}, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.wait({first}, timeout=HELD_S)
                opened_at = time.monotonic()
                await talk.open_gate(gate)
                await asyncio.wait({asked, asyncio.ensure_future(opened.finish())}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                asked.cancel()
        made = await opened.finish()
        await first
    journal = await environment.standin.journal() if environment.standin else ()
    clean = environment.without_secrets(made)
    return Turned(reply=clean, calls=journal, printed=environment.printed(before), opened_at=opened_at)


async def second_turn(environment: TestEnvironment, talk: Talk, thread: str, within_s: float) -> Turned:
    """A second message in the same thread."""
    before = len(environment.process.lines) if environment.process else 0
    answer_s = within_s * (SCRIPTED if environment.standin else UNSEEN)
    steps = [reply("Very well.")] if environment.standin is not None else []
    made = await talk.say(thread, "And how are you?", *steps, label="turn-2", deadline_s=answer_s)
    calls = await talk.calls(talk.last_nonce, at_least=0, timeout_s=0)
    return Turned(reply=environment.without_secrets(made), calls=calls, printed=environment.printed(before))


async def wrong_model_side(environment: TestEnvironment, turn: Turned) -> Diagnosis | None:
    """What is wrong with how the server asked its model, or None; nothing is known where its model is not ours."""
    if environment.standin is None:
        return None
    if found := asked_wrongly(turn.calls, environment.secrets.values):
        return found
    if turn.calls:
        return None
    failed = answered_wrongly(turn.reply, turn.printed)
    if failed and not sign_in(turn.printed, DATABASE) and (found := sign_in(turn.printed, UNASKED)):
        return found
    if hosts := {attempt.host for attempt in environment.egress.attempts}:
        return _other_host(hosts)
    if failed:
        return None  # it came to no model: what it answered says more
    return Diagnosis(id="model-elsewhere", says=f"{await why_never_asked(environment, turn.reply)}", do="")


def _other_host(hosts: set[str]) -> Diagnosis:
    named = ", ".join(sorted(hosts))
    if all(map(is_own_host, hosts)):
        return Diagnosis(
            id="proxy",
            says=f"The server asks {named}, where its model is, through the proxy of HTTP_PROXY, which lets it not on.",
            do="Let it keep NO_PROXY of its environment (127.0.0.1,localhost), or ask its model without a proxy.",
        )
    return Diagnosis(
        id="base-url",
        says=f"The server asks {named}, whatever its environment says: its base URL is written down in the code.",
        do='Read it: AsyncOpenAI(base_url=os.environ["GEMINI_BASE_URL"]), or write {gemini_base_url} in [target.env].',
    )


def wrong_second(first: Reply, second: Turned) -> Diagnosis | None:
    """What is wrong with the second turn, or None."""
    turn = second.reply
    if turn.status == 404:
        return Diagnosis(
            id="thread-lost",
            says="The server does not know the thread that it made a moment ago: the second message is answered 404.",
            do="Make one store for the whole process, not one for each request; with several workers, a database.",
        )
    ids = [{event.item_id for event in made.items_done("assistant_message")} for made in (first, turn)]
    if same := sorted(ids[0] & ids[1] - {""}):
        return Diagnosis(
            id="same-id",
            says=f"The second answer has the id of the first ({same[0]}): in the browser and in the store it takes its "
            "place.",
            do="Give each answer an id of its own: the SDK's generate_item_id, in place of what the model's API sends.",
        )
    return answered_wrongly(turn, second.printed, which="second")


def wrong_buffering(turn: Turned) -> Diagnosis | None:
    """Whether the first answer was kept back on its way, or None."""
    made = turn.reply
    if turn.opened_at is None and made.events and made.events[0].at - made.sent_at > SLOW_S:
        return held_back(made, made.sent_at)  # an unseen model: the user's own message comes before it is asked
    return held_back(made, turn.opened_at)
