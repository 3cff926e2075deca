"""A model that plays no script is asked in words: what a turn wants of it is added to the user's message.

The wording is tolerant, for a model chooses. What a turn shows is judged by what any answer has to be; where an answer
has to say something (`tells` of script.reply), the model is asked again in plainer words, and each time is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..check import MODEL_NEEDS, NotJudged
from ..direction import ModelDirector
from ..script import TELLS, WORDS, Step, call
from ..stream.asked import asked_in
from ..transcript import Call, Reply, Transcript
from .asking import Asking

LONGEST = 200
"""Characters of an answer that a model is asked to repeat; for longer ones it says what it likes, and that is less."""

SHORTLY = "Answer in one short sentence."
"""What is asked where the words do not matter: an answer that costs little."""


TOOLS: Mapping[str, str] = {
    "create": 'Create a task called "{title}".',
    "read": "List all my tasks by their titles.",
    "update": 'Rename the task "{title}" to "{new_title}".',
    "complete": 'Complete the task "{title}".',
    "delete": 'Delete the task "{title}". Yes, I am sure.',
    "bulk-complete": "Complete all my tasks, every one of them. Yes, I am sure.",
    "bulk-delete": "Delete all my tasks, every one of them. Yes, I am sure.",
}
"""How a user asks for what the tool of a role does."""


class InWords:
    """Directs a model that is as it is.

    Args:
        asking: what may be asked, and how fast.

    Where the model is asked through us, `seen` tells what it was sent, and `refusal` why it is asked no more, or "".
    """

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.seen: ModelDirector | None = None
        self.refusal: Callable[[], str] = str
        self._words: dict[str, str] = {}
        self._tells: dict[str, str] = {}
        self.away = ""
        """Why the model is asked no more: it answered nobody."""

    async def put_script(self, nonce: str, turn: Iterable[Step], profile: str | None, side: Step | None = None) -> None:
        """Keep what the user's message has to say; returns when it may be sent.

        Raises:
            NotJudged: no words can bring it about.
        """
        if away := self.away or self.refusal():
            raise NotJudged(away)
        wanted = next(iter(turn), {})
        self._words[nonce] = in_words(wanted)
        if tells := wanted.get(TELLS):
            self._tells[nonce] = tells
        await self.asking.wait()

    def wish(self, role: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
        """The call as a wish: by its role, with the facts that a user names.

        Raises:
            NotJudged: nobody would ask for it in words.
        """
        if role not in TOOLS:
            raise NotJudged(MODEL_NEEDS["script"])
        return call(role, dict(facts))

    def words(self, nonce: str) -> str:
        """What the message of this nonce has to say."""
        return self._words.get(nonce, "")

    def missing(self, nonce: str, t: Transcript) -> str:
        """How the newest reply failed, or what its answer was to tell and does not."""
        asked = asked_in(t)[-1]
        if asked.wrong:
            return ""  # a right server refuses it
        if asked.reply.errored:
            return f"{asked.reply.label} failed ({_why(asked.reply)})"
        tells = self._tells.get(nonce, "")
        return "" if _tells(asked.reply, tells) else f"{asked.reply.label} did not say {tells!r}"

    def may_ask_again(self) -> bool:
        """Whether the budget has room for one more."""
        return not self.refusal() and self.asking.again()

    async def open_gate(self, name: str) -> None:
        """Nobody waits at a gate: the model goes on by itself."""

    async def journal(
        self, nonces: Iterable[str] = (), *, at_least: int = 0, finished: bool = False, timeout_s: float = 0.0
    ) -> tuple[Call, ...]:
        """What the model was sent through us, else nothing."""
        if self.seen is None:
            return ()
        return await self.seen.journal(nonces, at_least=at_least, finished=finished, timeout_s=timeout_s)


def in_words(step: Step) -> str:
    """What the user says so that a model does what the step would have it do.

    Raises:
        NotJudged: it is a fault, a thought or a call that no user can bring about.
    """
    wanted = step["attempts"][0] if "attempts" in step else step
    if "fault" in wanted or "thought" in wanted:
        raise NotJudged(MODEL_NEEDS["script"])
    if "calls" in wanted:
        made = wanted["calls"][0]
        return TOOLS[made["name"]].format_map(made["arguments"])
    if words := wanted.get(WORDS):
        return str(words)
    text = str(wanted.get("text", ""))
    if TELLS in wanted or not text or len(text) > LONGEST or "\n" in text:
        return SHORTLY
    return f"Answer with exactly: {text}"


def _tells(r: Reply, what: str) -> bool:
    """Whether anything that a reply shows, the user's own message left out, has it."""
    shown = (e.raw for e in r.events if e.item.get("type") != "user_message")
    return not what or any(what.casefold() in raw.casefold() for raw in shown)


def _why(r: Reply) -> str:
    errors = "; ".join(str((e.data or {}).get("message") or e.raw)[:200] for e in r.errors)
    return errors or (f"HTTP {r.status}" if r.status else str(r.trouble or r.ended))
