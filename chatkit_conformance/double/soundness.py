"""How the code under test dealt with a Gemini that failed: read from what it asked, when, and what came of it.

Only what the requests prove is held against it. Retrying may be right or not done at all; what is wrong is to retry
what cannot work, before the time that Gemini named, many times at once, or not to notice that an answer is not whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..stream.model_answers import LASTING, model_answers
from ..transcript import Call, Transcript

EARLY_S = 0.05
"""Seconds by which two clocks and a network may differ before a retry counts as too early."""

STORM, STORM_S = 5, 1.0
"""So many requests for one answer within so many seconds are a storm: OpenAI's clients send three by themselves, the
second of which waits half a second."""

AT_ONCE_S = 0.1
"""Seconds between failure and retry below which there was no back-off: AIP-194 and OpenAI's clients begin with more."""

PERMANENT = (400, 401, 403, 404)
"""Statuses that do not pass (AIP-194: only UNAVAILABLE is retried; Gemini's 429 and 5xx may pass, too)."""

SILENT = "stall"
"""The stand-in's fault that says nothing for a while."""

_WAIT = re.compile(r'"retryDelay":\s*"(\d+(?:\.\d+)?)s"|retry in (\d+(?:\.\d+)?)s')


@dataclass(frozen=True, slots=True)
class Soundness:
    """Whether nothing is wrong; prints what is. Args: problems: one sentence each."""

    problems: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.problems

    def __repr__(self) -> str:
        return "sound" if self else "not sound:\n  " + "\n  ".join(self.problems)


def soundness(calls: Iterable[Call], said: str | None = None) -> Soundness:
    """What the calls show. `said`: what the code under test made of the answer, if the test gives it."""
    known = [call for call in calls if not call.side]
    tries = _tries(known)
    found = [problem for same in tries for problem in _of_one_answer(same)]
    if said is not None:
        found += _taken_as_whole(known, tries, said)
    return Soundness(tuple(dict.fromkeys(found)))


def _tries(calls: Iterable[Call]) -> list[list[Call]]:
    """The requests for one answer each: a question that was answered and is asked again begins anew."""
    made: list[list[Call]] = []
    open_: dict[str, list[Call]] = {}
    for call in calls:
        question = _question(call)
        if question not in open_:
            open_[question] = []
            made.append(open_[question])
        open_[question].append(call)
        if call.status < 400 and not call.fault:
            del open_[question]
    return made


def _question(call: Call) -> str:
    """What makes two requests tries for one answer: what they say, whatever else differs."""
    body = call.fields
    return json.dumps([body.get("messages"), body.get("model")], sort_keys=True, default=str)


def _of_one_answer(same: Sequence[Call]) -> Iterator[str]:
    for n, (failed, again) in enumerate(pairwise(same), 1):
        gap = again.at - _over(failed)
        words = "".join(sent.data for sent in failed.sent)
        if failed.status in PERMANENT or (failed.status == 429 and LASTING.search(words)):
            why = f"{failed.status} does not pass" if failed.status != 429 else "this quota is not for today"
            yield f"request {failed.n} was answered with {failed.status} and sent again as request {again.n}: {why}"
        elif failed.status >= 400 and (wait := told_wait_s(words)) and gap < wait - EARLY_S:
            yield f"request {again.n} came {gap:.2f} s after a {failed.status} that said to wait {wait:g} s"
        if n >= STORM - 1 and again.at - same[n - STORM + 1].at < STORM_S:
            yield f"{STORM} requests for one answer within {again.at - same[n - STORM + 1].at:.2f} s: a storm"
    gaps = [
        again.at - _over(failed) for failed, again in pairwise(same) if failed.status == 429 or failed.status >= 500
    ]
    if close := next((pair for pair in pairwise(gaps) if max(pair) < AT_ONCE_S), None):
        yield f"two retries in a row, each within {max(close):.3f} s of the failure before it: no back-off"
    for call in same:
        if call.fault == SILENT and call.gone_at is None and call.finished_at is not None:
            silent_s = call.finished_at - (call.fault_at or call.at)
            yield f"request {call.n} waited all {silent_s:.1f} s of a silence: there is no read timeout below that"


def _taken_as_whole(calls: Sequence[Call], tries: Iterable[Sequence[Call]], said: str) -> Iterator[str]:
    answers = model_answers(Transcript(exchange="double", calls=tuple(calls)))
    for same in tries:
        answer = answers[same[-1].n]
        told = answer.text.strip()
        if answer.trouble and told and said.strip() == told:
            yield f"{told!r} was taken for a whole answer, and request {same[-1].n} was not whole: {answer.trouble}"


def told_wait_s(words: str) -> float | None:
    """The wait that an error of Gemini's names, in RetryInfo or in its message; None where it names none."""
    found = _WAIT.search(words)
    return float(found[1] or found[2]) if found else None


def _over(call: Call) -> float:
    """When a call was over for who had asked."""
    return call.finished_at or call.gone_at or call.at
