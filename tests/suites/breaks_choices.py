"""Models that users choose, titles and callers: what breaks the checks of them, and what is odd and right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Reply, Transcript
from tests.suites import conversations as c
from tests.suites.build import Data, answer, asked, called, create, edit, nonce_of, noted, said, say, transcript
from tests.suites.edits import body, items
from tests.suites.moved import TITLE, moved

USUAL, CHOSEN = "gemini-3.8-flash", "gemini-2.5-flash-lite"


def _choosing(r: Reply) -> Reply:
    """The request with a model that its user chose."""
    sent = dict(r.params["input"])
    return replace(
        r, request={**r.request, "params": {**r.params, "input": {**sent, "inference_options": {"model": CHOSEN}}}}
    )


def chosen(*models: str) -> Transcript:
    """Three turns, a model chosen for the second; which were asked, turn by turn, in the second twice."""
    words = ("Hello.", "Short?", "There?")
    labels = ("first", "chosen", "last")
    replies = [create(labels[0], words[0], answer("a1", "Hello to you."))]
    replies += [
        _choosing(say(labels[1], words[1], answer("a2", "Shortly."))),
        say(labels[2], words[2], answer("a3", "Yes.")),
    ]
    asks = [(labels[0], 0), (labels[1], 0), (labels[1], 1), (labels[2], 0)]
    text: dict[str, Data] = {
        label: {"role": "user", "content": asked(w, label)} for label, w in zip(labels, words, strict=True)
    }
    calls = [called(label, [text[label]], n=n, position=place) for n, (label, place) in enumerate(asks)]
    calls = [replace(call, body={**call.body, "model": model}) for call, model in zip(calls, models, strict=True)]
    return transcript("chosen", replies, calls)


def whole(*models: str, status: int = 200) -> Transcript:
    """A run of three messages, a model chosen for the second; which were asked.

    Args:
        status: of a request about the third that failed before.
    """
    labels = ("before", "choosing", "later", "later")
    statuses = (200, 200, status, 200)
    asks = zip(labels, (models[0], models[1], models[2], models[2]), statuses, strict=True)
    calls = [
        replace(made, body={**made.body, "model": model}, status=status)
        for n, (label, model, status) in enumerate(asks)
        for made in (called(label, n=n),)
    ]
    return replace(noted(c.whole_run(), chosen_models={nonce_of("choosing"): CHOSEN}), calls=tuple(calls))


def sound_choices() -> list[Transcript]:
    """A choice that holds for its own turn."""
    kept = whole(USUAL, CHOSEN, USUAL)
    return [chosen(USUAL, CHOSEN, f"models/{CHOSEN}", USUAL), kept]


def odd_choices() -> list[Transcript]:
    """A choice that is not taken or is the usual model; a title with other blanks; a deletion that did nothing."""
    return [
        chosen(USUAL, USUAL, USUAL, USUAL),
        chosen(CHOSEN, CHOSEN, CHOSEN, CHOSEN),
        whole(CHOSEN, CHOSEN, CHOSEN),
        whole(USUAL, CHOSEN, CHOSEN, status=503),
        body(moved(), "8-read", title=f" {TITLE} "),
        edit(
            moved(),
            "6-stranger",
            status=200,
            body={},
            request={"type": "threads.delete", "params": {"thread_id": "thr_1"}},
        ),
    ]


BREAKS: Mapping[str, list[Transcript]] = {
    "gemini.chosen-model-asked": [
        chosen(USUAL, CHOSEN, USUAL, USUAL),
        chosen(USUAL, CHOSEN, CHOSEN, CHOSEN),
    ],
    "gemini.chosen-model-of-one-message": [whole(USUAL, CHOSEN, CHOSEN)],
    "persistence.no-empty-answer-stored": [
        items(c.three_turns(), "reload-2", lambda old: [*old, {**said("a9", ""), "content": []}])
    ],
}
