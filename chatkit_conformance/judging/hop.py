"""What a hop in front of a server does to its answers: two runs of one server, without it and with it.

Replies are compared in pairs: the same request of the same conversation. A difference counts where the pairs agree on
it, for two runs of one server are never quite alike. Not compared are conversations in which the server was stopped
or ended, and headers that HTTP lets each hop write for itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..transcript import CUT, DIED, RESTARTS, Reply, Transcript

HopKind = Literal["buffers", "cuts", "answers", "drops", "rewrites", "compresses"]

HARMS: frozenset[HopKind] = frozenset({"buffers", "cuts", "answers"})
"""What no user of a chat can want; the rest is a fact whose weight the checks tell."""

KEPT_S = 0.05
"""Seconds from which on it matters to a reader whether a stream is kept back."""

MOMENTS = 3
"""Moments at which a stream's events come, from which on it shows whether it is kept back."""

BLOCK = 16 * 1024
"""Bytes that are read at once: a stream that was kept back as a whole comes at one moment for each."""

AGREE = 3
"""Pairs that have to show the same, and none the opposite, before a header counts as dropped or rewritten."""

MOST = 0.8
"""Share of the streams beyond which they count as kept back: on a busy machine we read a few of them late ourselves."""

OWN = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding"),
        *("upgrade", "date", "server", "via", "age", "alt-svc", "content-length", "content-encoding", "vary"),
        *("x-accel-buffering", "x-accel-expires", "x-accel-redirect", "x-pad", "etag", "accept-ranges"),
    }
)
"""Headers that a hop may write, take away or act upon (RFC 9110, 7.6.1; nginx takes X-Accel-* for itself)."""

GATEWAYS = frozenset({413, 414, 431, 502, 503, 504})
"""Statuses that are a hop's own word where the server itself answered with another."""

NAMED = 3
"""Conversations that are named."""

Pair = tuple[Transcript, Reply, Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class HopChange:
    """One thing that the hop does.

    Args:
        kind: what. what: the header or the status, "" of streams. said: the values. replies: how many showed it.
        where: some of them, by conversation and label.
    """

    kind: HopKind
    what: str
    said: str
    replies: int
    where: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """As JSON."""
        return {"kind": self.kind, "what": self.what, "said": self.said, "replies": self.replies, "where": self.where}


def hop_changes(before: Iterable[Transcript], after: Iterable[Transcript]) -> list[HopChange]:
    """What a hop does that stood in front of the server in the later run alone, the gravest first."""
    pairs = list(_pairs(before, after))
    return [change for look in (_buffers, _cuts, _answers, _drops, _rewrites, _compresses) for change in look(pairs)]


def _pairs(before: Iterable[Transcript], after: Iterable[Transcript]) -> Iterator[Pair]:
    old = {(t.exchange, t.dialect): t for t in before}
    for t in after:
        was = old.get((t.exchange, t.dialect))
        if was is None or any(note in one.notes for one in (was, t) for note in (RESTARTS, DIED, CUT)):
            continue
        known = {r.label: r for r in was.replies}
        if len(known) < len(was.replies):
            continue  # a label that comes twice tells no pair
        yield from ((t, known[r.label], r) for r in t.replies if r.label in known and r.type == known[r.label].type)


def _change(kind: HopKind, what: str, said: str, shown: list[Pair]) -> HopChange:
    where = list(dict.fromkeys(f"{t.exchange} {now.label}" for t, _, now in shown))
    return HopChange(kind=kind, what=what, said=said, replies=len(shown), where=tuple(where[:NAMED]))


def _spread(reply: Reply) -> float:
    return reply.events[-1].at - reply.events[0].at if reply.events else 0.0


def _first_s(reply: Reply) -> float:
    return reply.events[0].at - reply.sent_at


def _kept_s(pair: Pair) -> float:
    """Seconds that a reader waits longer for its beginning: the model's whole pause, where that waited for them."""
    _, was, now = pair
    return max(_spread(was), _first_s(now) - _first_s(was))


def _moments(reply: Reply) -> int:
    return len({event.at for event in reply.events})


def _streams(pairs: Iterable[Pair]) -> list[Pair]:
    """Pairs of streams that tell something of time."""
    return [
        (t, was, now)
        for t, was, now in pairs
        if was.streamed and was.ended == now.ended == "closed" and now.accepted and _moments(was) >= MOMENTS
        if now.events
    ]


def _buffers(pairs: list[Pair]) -> Iterator[HopChange]:
    streams = _streams(pairs)
    kept = [pair for pair in streams if _at_once(pair[2])]
    if len(kept) < AGREE or len(kept) <= MOST * len(streams):
        return
    clearest = max(kept, key=_kept_s)
    if _kept_s(clearest) < KEPT_S:
        return
    talk, was, now = clearest
    late, soon = (_first_s(r) for r in (now, was))
    yield _change(
        "buffers",
        "",
        f"all events of {len(kept)} of {len(streams)} streams come at once. Of {talk.exchange} {now.label}, the first "
        f"comes after {late:.2f} s together with the last; without the hop after {soon:.2f} s, "
        f"the last {_spread(was):.2f} s later",
        kept,
    )


def _at_once(reply: Reply) -> bool:
    return _moments(reply) <= 1 + sum(len(event.raw) for event in reply.events) // BLOCK


def _cuts(pairs: list[Pair]) -> Iterator[HopChange]:
    cut = [p for p in pairs if p[1].ended == "closed" and p[1].streamed and p[2].status and p[2].ended == "cut"]
    if cut:
        lasted = [(now.ended_at or now.sent_at) - now.sent_at for _, _, now in cut]
        times = f"{min(lasted):.2f}" if max(lasted) - min(lasted) < 0.1 else f"{min(lasted):.2f} to {max(lasted):.2f}"
        said = f"{len(cut)} streams that the server ends itself break off after {times} s ({cut[0][2].trouble})"
        yield _change("cuts", "", said, cut)


def _answers(pairs: list[Pair]) -> Iterator[HopChange]:
    found: dict[tuple[int, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        _, was, now = pair
        if was.status and was.status != now.status and 429 not in (was.status, now.status) and now.ended != "left":
            found[was.status, now.status].append(pair)
    for (old, new), shown in sorted(found.items()):
        if new in GATEWAYS or len(shown) >= AGREE:
            came = f"HTTP {new}" if new else f"nothing ({shown[0][2].trouble})"
            yield _change("answers", str(new), f"{came} where the server answers HTTP {old}", shown)


def _headers(pairs: Iterable[Pair]) -> Iterator[tuple[Pair, str]]:
    """Each pair with each header of the server's own answer."""
    for pair in pairs:
        if pair[1].status and pair[1].status == pair[2].status:
            yield from ((pair, name) for name in pair[1].headers if name not in OWN)


def _agreed(pairs: Iterable[Pair], told: Callable[[Pair, str], str | None]) -> Iterator[tuple[str, str, list[Pair]]]:
    """Header, what the pairs tell of it, and those pairs: where enough of them agree, and none tells another thing.

    Args:
        told: what one pair tells of a header; None where it is as the server sent it, "" where it is not there.
    """
    by_value: dict[tuple[str, str], list[tuple[Pair, str | None]]] = defaultdict(list)
    for pair, name in _headers(pairs):
        by_value[name, pair[1].headers[name]].append((pair, told(pair, name)))
    for (name, _), rows in by_value.items():
        said = {value for _, value in rows}
        if len(rows) >= AGREE and len(said) == 1 and (one := said.pop()) is not None:
            yield name, one, [pair for pair, _ in rows]


def _drops(pairs: list[Pair]) -> Iterator[HopChange]:
    sent: dict[tuple[str, bool], list[Pair]] = defaultdict(list)
    for pair, name in _headers(pairs):
        sent[name, pair[1].streamed].append(pair)
    for (name, streamed), shown in sent.items():
        if len(shown) >= AGREE and not any(name in pair[2].headers for pair in shown):
            values = Counter(pair[1].headers[name] for pair in shown)
            of = "its streams" if streamed else "its other answers"
            yield _change("drops", name, f"of {of}, which the server sends as {_shown(values)}", shown)


def _rewrites(pairs: list[Pair]) -> Iterator[HopChange]:
    for name, value, shown in _agreed(pairs, _rewritten):
        yield _change("rewrites", name, f"{shown[0][1].headers[name]!r} becomes {value!r}", shown)


def _rewritten(pair: Pair, name: str) -> str | None:
    value = pair[2].headers.get(name)
    return None if value == pair[1].headers[name] else value


def _compresses(pairs: list[Pair]) -> Iterator[HopChange]:
    found: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        encoding = pair[2].headers.get("content-encoding", "")
        if encoding and encoding != pair[1].headers.get("content-encoding", "") and pair[1].status:
            found[encoding, pair[2].headers.get("content-type", "").partition(";")[0]].append(pair)
    for (encoding, kind), shown in found.items():
        yield _change("compresses", encoding, f"{kind or 'answers'} that the server sends as it is", shown)


def _shown(values: Mapping[str, int]) -> str:
    most = sorted(values, key=lambda value: -values[value])
    return repr(most[0]) + (f" and {len(most) - 1} other values" if len(most) > 1 else "")
