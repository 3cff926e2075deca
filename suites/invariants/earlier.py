"""Each request to the model beside what was said in its thread before: the reading that the checks of history share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from chatkit_conformance.check import Finding, Findings, Untestable
from chatkit_conformance.stream.history import NEAR, HistoryRequest, ThreadFact, history_requests, missing
from chatkit_conformance.transcript import Transcript

from ..evidence import shorten

COMPARED, LOOKED_AT = 3, 1000
"""Findings of a conversation that say what is most like the missing words, and characters that are compared."""


def facts(t: Transcript, *kinds: str) -> list[tuple[HistoryRequest, ThreadFact]]:
    """Each request with each earlier fact of these kinds. Raises Untestable where there is none."""
    found = earlier(t, *kinds)
    if not found:
        raise Untestable(f"No request to the model in {t.exchange} comes after anything of that kind.")
    return found


def earlier(t: Transcript, *kinds: str) -> list[tuple[HistoryRequest, ThreadFact]]:
    """Each request with each earlier fact of these kinds; empty where there is none."""
    return [(request, fact) for request in history_requests(t) for fact in request.facts if fact.kind in kinds]


def lost(t: Transcript, pairs: Iterable[tuple[HistoryRequest, ThreadFact]], what: str) -> Findings:
    """A finding for each fact that its request does not tell; the first few say what it tells instead."""
    told = 0
    for request, fact in pairs:
        if missing(t, request, fact):
            got = f"a request of {len(request.heard.messages)} messages without it"
            near_to_it = _alike(request, fact) if told < COMPARED else ""
            told += 1
            if near_to_it:
                got += f"; what is most like it: {shorten(near_to_it)}"
            expected = f"{what} of {fact.turn}: {shorten(fact.text)}"
            yield Finding(expected=expected, got=got, reply=request.turn.asked.reply.label, call=request.call.n)


def _alike(request: HistoryRequest, fact: ThreadFact) -> str:
    """The message of a request that is the fact in another spelling, or a part of it; empty where there is none."""
    texts = {text[:LOOKED_AT].casefold(): text for _, text in request.heard.messages}
    return next((texts[found] for found in get_close_matches(fact.text[:LOOKED_AT].casefold(), texts, n=1)), "")


def near(pairs: Iterable[tuple[HistoryRequest, ThreadFact]]) -> Iterator[tuple[HistoryRequest, ThreadFact]]:
    """Those of an answered turn that lie so near that a MUST reaches them."""
    return ((request, fact) for request, fact in pairs if fact.back <= NEAR and fact.answered)
