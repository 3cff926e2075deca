"""A mutant: the reference server, and the one thing that is changed about it.

A change sits on one of three sides. `Wire` rewrites what passes between browser and server, `Upstream` what passes
between server and model, and a patch changes the reference server itself before it starts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = Any
Event = dict[str, Any]


class Cut(Exception):
    """Raised by an event change: the stream ends here, cleanly closed."""


class Abort(Exception):
    """Raised by an event change: the connection breaks here."""


class Hang(Exception):
    """Raised by an event change: nothing comes any more, and the connection stays open."""


@dataclass(slots=True, kw_only=True)
class Memory:
    """What a change can know when an event passes.

    Args:
        request: the ChatKit request that this answer belongs to.
        stream: scratch space of this one answer.
        server: scratch space that lasts as long as the server.
        left: whether the browser went away before the answer was whole.
    """

    request: dict[str, Any] = field(default_factory=dict)
    stream: dict[str, Any] = field(default_factory=dict)
    server: dict[str, Any] = field(default_factory=dict)
    left: bool = False

    @property
    def thread_id(self) -> str:
        """The thread that the request names, or ""; a hostile request may have anything in its place."""
        params = self.request.get("params")
        return str(params.get("thread_id", "")) if isinstance(params, dict) else ""


EventChange = Callable[[Event, Memory], Iterable[Event]]
AnswerChange = Callable[[JSON, Memory], JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A change between the browser and the server. Every part left None leaves things as they are.

    Args:
        request: the request's JSON in, the request's JSON out.
        event: one event of a stream in, any number out. end: the events to add when the stream closes.
        frame: one encoded event in, the pieces in which it is sent out (each its own write).
        answer: the JSON of an answer that is no stream, in and out.
        status: the status code of an answer, with the request, in and out.
        headers: the request's headers (names in lower case), in and out.
        content_type: what a stream claims to be.
        answer_type: what an answer that is no stream claims to be.
        mute: the answers for which it holds are never sent; the caller waits in vain.
        linger_s: seconds for which a stream stays open after its last event.
        whole: hold the stream back until it is complete.
    """

    request: Callable[[Event, Memory], Event] | None = None
    event: EventChange | None = None
    end: Callable[[Memory], Iterable[Event]] | None = None
    frame: Callable[[bytes], Iterable[bytes]] | None = None
    answer: AnswerChange | None = None
    status: Callable[[int, Memory], int] | None = None
    headers: Callable[[dict[str, str], Memory], dict[str, str]] | None = None
    content_type: str | None = None
    answer_type: str | None = None
    mute: Callable[[Memory], bool] | None = None
    linger_s: float = 0.0
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A change between the server and the model.

    Args:
        request: the body of a request to the model, in and out.
        chunk: one chunk of the model's stream, with scratch space of that stream, in and out; None drops it.
        beside: what else is done for each request, before it is passed on.
        headers: request headers that are sent besides the server's own. path: asked for in place of the right one.
        detached: the model's answer is read to its end although the server has gone.
        whole: the model's stream is passed on only when it is complete.
        restream: an answer in one piece, in, and the stream that the server gets for it, out.
    """

    request: Callable[[Event], Event] | None = None
    chunk: Callable[[Event, dict[str, Any]], Event | None] | None = None
    beside: Callable[[], Awaitable[None]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    detached: bool = False
    whole: bool = False
    restream: Callable[[bytes], bytes] | None = None


Patch = Callable[[], None]
"""A change of the reference server itself; called once, before the server is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One liar, or one near miss.

    Args:
        name: what `python -m mutants` calls it.
        lie: one sentence: the promise that it breaks; of a near miss, in what it is odd.
        kind: what sort of lie it is, in a few words; where it names none, its table's (see `mutants.catalogue`).
        change: what is changed.
        named: ids of the checks that exist to catch it. One of them must fire; a near miss has none.
        beside: exchanges that are held with it, where what is named for it looks at the whole run.
        refused: words of the sentence by which a run refuses this server, in place of judging it.
        survives: why no check catches it yet. The matrix shows it as living, and it counts against nobody's build.
        also: checks whose promise is broken along with it: sentinels, and invariants by which exploring finds it.
        dialect: the model's dialect in which it is judged ("all" for every one).
        near_miss: odd but right. Every MUST check passes. meets: the MUST checks that it meets, as a glob of ids.
        env: settings that differ from the caller's environment.
        target: the target file beside this one that it is judged with, where it is not the usual one.
    """

    name: str
    lie: str
    change: Wire | Upstream | Patch
    kind: str = ""
    named: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    dialect: str = "gemini-3"
    beside: tuple[str, ...] = ()
    refused: str = ""
    survives: str = ""
    near_miss: bool = False
    meets: str = "*"
    env: Mapping[str, str] = field(default_factory=dict)
    target: str = ""

    @property
    def side(self) -> str:
        """Where the change sits: "wire", "upstream" or "inside"."""
        if isinstance(self.change, Wire):
            return "wire"
        return "upstream" if isinstance(self.change, Upstream) else "inside"
