"""The grammar takes every right stream, odd ones included, and names what is wrong with each broken one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatkit_conformance.stream.grammar import FITS, LIFE, RULES, TURN, judge_reply, judge_stream
from chatkit_conformance.stream.reducer import reduce
from chatkit_conformance.transcript import Event, Reply
from chatkit_conformance.wire.schema import known, problems_of_event

Data = dict[str, Any]
CREATE = {"type": "threads.create", "params": {}}
SAY = {"type": "threads.add_user_message", "params": {"thread_id": "thr_1"}}
ACT = {"type": "threads.custom_action", "params": {"thread_id": "thr_1", "item_id": "w"}}
PART = "assistant_message.content_part."
RELAXED = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)


def events_of(datas: list[Data]) -> list[Event]:
    """These events, numbered as a transcript numbers them."""
    return [Event(index=n, at=float(n), raw=json.dumps(data), data=data) for n, data in enumerate(datas)]


def rules(datas: list[Data], request: Data | None = CREATE, **more: Any) -> list[str]:
    """The rules that this stream breaks."""
    return [breach.rule for breach in judge_stream(events_of(datas), request, **more)]


def item(kind: str, item_id: str, **more: Any) -> Data:
    """An item of the thread."""
    return {"id": item_id, "thread_id": "thr_1", "created_at": "2026-01-31T12:00:00", "type": kind, **more}


def added(kind: str, item_id: str, **more: Any) -> Data:
    """An item begun."""
    return {"type": "thread.item.added", "item": item(kind, item_id, **more)}


def done(kind: str, item_id: str, **more: Any) -> Data:
    """An item finished."""
    return {"type": "thread.item.done", "item": item(kind, item_id, **more)}


def updated(item_id: str, kind: str, **more: Any) -> Data:
    """An item changed."""
    return {"type": "thread.item.updated", "item_id": item_id, "update": {"type": kind, **more}}


def delta(item_id: str, index: Any = 0) -> Data:
    """A text delta."""
    return updated(item_id, PART + "text_delta", content_index=index, delta="x")


CREATED: Data = {"type": "thread.created", "thread": {"id": "thr_1"}}
USER = done("user_message", "u")
START = [CREATED, USER]
A, W, F = "assistant_message", "widget", "workflow"
CARD = {"type": "Card", "id": "root", "children": [{"type": "Text", "id": "t", "value": ""}]}
ERROR: Data = {"type": "error", "code": "custom", "message": "m", "allow_retry": True}
ANSWER = done(A, "a", content=[])


@RELAXED
@given(data=st.data())
def test_right_streams_are_taken(turns: st.SearchStrategy[list[Data]], data: st.DataObject) -> None:
    """Whatever order, overlap, omission and noise a right stream has, no rule is broken and the schema fits."""
    stream = data.draw(turns)
    assert judge_stream(events_of(stream), CREATE) == []
    assert [problem for one in stream for problem in problems_of_event(one)] == []


def _places(stream: list[Data], *kinds: str) -> list[int]:
    return [n for n, one in enumerate(stream) if one["type"] in kinds]


def _answers(stream: list[Data], kind: str) -> list[int]:
    return [n for n in _places(stream, kind) if stream[n]["item"]["type"] != "user_message"]


def _dropped(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    del stream[draw(st.sampled_from(_places(stream, "thread.created")))]
    return stream, {"thread-created-first"}


def _message_dropped(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    del stream[next(n for n in _places(stream, "thread.item.done") if stream[n]["item"]["id"] == "msg_u")]
    return stream, {"user-message-first"}


def _done_twice(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    n = draw(st.sampled_from(_places(stream, "thread.item.done")))
    return [*stream, stream[n]], {"done-once"}


def _cut_before_done(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    left = stream[: _answers(stream, "thread.item.done")[0]]
    silent = [one for one in left if one["type"] not in ("notice", "client_effect")]
    return silent, {"turn-answered", "turn-finished"}


def _stranger(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    stream.insert(draw(st.integers(0, len(stream))), delta("stranger"))
    return stream, {"item-known"}


def _after(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    n = draw(st.sampled_from(_answers(stream, "thread.item.done")))
    kind = stream[n]["item"]["type"]
    update = next(update for update, fits in FITS.items() if fits == kind)
    rule = "update-after-done" if kind == A else "update-after-done-other-items"
    return [*stream, updated(stream[n]["item"]["id"], update)], {rule}


def _misfit(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    return [*stream, added(A, "fresh"), updated("fresh", "workflow.task.added"), done(A, "fresh")], {"update-fits-item"}


def _other_thread(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    n = draw(st.sampled_from(_places(stream, "thread.item.done")))
    stream[n] = {**stream[n], "item": {**stream[n]["item"], "thread_id": "thr_2"}}
    return stream, {"thread-same"}


def _thread_twice(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    return [*stream, CREATED], {"thread-created-once"}


def _item_after_error(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    return [*stream, ERROR, done(A, "late")], {"after-error"}


def _reused(stream: list[Data], draw: Any) -> tuple[list[Data], set[str]]:
    n = draw(st.sampled_from(_answers(stream, "thread.item.done")))
    one = stream[n]["item"]
    return [*stream, {"type": "thread.item.added", "item": one}, stream[n]], {"added-after-done"}


MUTATIONS = (
    _dropped,
    _message_dropped,
    _done_twice,
    _cut_before_done,
    _stranger,
    _after,
    _misfit,
    _other_thread,
    _thread_twice,
    _item_after_error,
    _reused,
)


@RELAXED
@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__.strip("_"))
@given(data=st.data())
def test_each_mutation_is_caught(mutate: Any, turns: st.SearchStrategy[list[Data]], data: st.DataObject) -> None:
    """A right stream with one thing broken breaks the rule that names that thing."""
    broken, expected = mutate(data.draw(turns), data.draw)
    assert expected & set(rules(broken))


RIGHT: dict[str, tuple[Data | None, list[Data]]] = {
    "a greeting that opens the thread": (CREATE, [CREATED, done(A, "hello"), USER, ANSWER]),
    "a greeting, then an error": (CREATE, [CREATED, done(A, "hello"), USER, ERROR]),
    "an error alone": (CREATE, [ERROR]),
    "an error after the thread": (CREATE, [CREATED, USER, ERROR]),
    "a partial answer, then an error": (CREATE, [*START, added(A, "a"), delta("a"), ERROR]),
    "thread.updated after an error": (CREATE, [*START, ERROR, {"type": "thread.updated", "thread": {"id": "thr_1"}}]),
    "a pending client tool call": (CREATE, [*START, done("client_tool_call", "c", status="pending")]),
    "a notice for an answer": (SAY, [USER, {"type": "notice", "level": "info", "message": "m"}]),
    "a widget whole": (CREATE, [*START, done(W, "w", widget=CARD)]),
    "a workflow left open beside an answer": (CREATE, [*START, added(F, "f", workflow={"tasks": []}), ANSWER]),
    "a workflow of the turn before": (
        SAY,
        [USER, updated("f", "workflow.task.added", task_index=3, task={}), done(F, "f"), ANSWER],
    ),
    "an action that does nothing": (ACT, [{"type": "stream_options", "stream_options": {"allow_cancel": True}}]),
    "an action that updates its widget": (ACT, [updated("w", "widget.root.updated", widget=CARD)]),
    "a form answered": (
        {"type": "threads.add_structured_input", "params": {"thread_id": "thr_1"}},
        [{"type": "thread.item.replaced", "item": item("structured_input", "s")}, ANSWER],
    ),
    "a removed answer, then an error": (
        CREATE,
        [*START, added(A, "a"), {"type": "thread.item.removed", "item_id": "a"}, ERROR],
    ),
    "a removed item added again": (
        CREATE,
        [*START, added(A, "a"), {"type": "thread.item.removed", "item_id": "a"}, added(A, "a"), ANSWER],
    ),
    "a delta before its part": (
        CREATE,
        [*START, added(A, "a"), delta("a"), updated("a", PART + "added", content_index=0), delta("a"), ANSWER],
    ),
    "an unknown request": (None, [ANSWER]),
    "the user's message added, then done": (CREATE, [CREATED, added("user_message", "u"), USER, ANSWER]),
    "an image": (
        CREATE,
        [*START, added("generated_image", "g"), updated("g", "generated_image.updated"), done("generated_image", "g")],
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_odd_and_right_is_taken(name: str) -> None:
    """What independent servers and the SDK's own do that looks odd breaks no rule."""
    request, stream = RIGHT[name]
    assert rules(stream, request) == []


WRONG: dict[str, tuple[Data | None, list[Data], str]] = {
    "nothing": (CREATE, [], "not-empty"),
    "no answer": (SAY, [USER], "turn-answered"),
    "an answer not done": (SAY, [USER, added(A, "a"), delta("a")], "turn-finished"),
    "a first answer not done": (SAY, [USER, added(A, "a"), done(A, "b")], "turn-finished"),
    "a first widget not done": (SAY, [USER, added(W, "w"), done(A, "b")], "item-finished"),
    "only a workflow, left open": (SAY, [USER, added(F, "f")], "turn-finished"),
    "all answers removed": (SAY, [USER, ANSWER, {"type": "thread.item.removed", "item_id": "a"}], "turn-answered"),
    "an answer before the message": (CREATE, [CREATED, ANSWER, USER], "user-message-first"),
    "an answer before the second message": (SAY, [ANSWER, USER, done(A, "b")], "user-message-first"),
    "an answer that streams before the message": (
        CREATE,
        [CREATED, added(A, "a"), delta("a"), done(A, "a"), USER, done(A, "b")],
        "user-message-first",
    ),
    "items before the thread": (CREATE, [USER, CREATED, ANSWER], "thread-created-first"),
    "a thread announced elsewhere": (SAY, [CREATED, USER, ANSWER], "thread-created-once"),
    "a second thread": (CREATE, [CREATED, *START, ANSWER], "thread-created-once"),
    "another thread updated": (SAY, [USER, ANSWER, {"type": "thread.updated", "thread": {"id": "x"}}], "thread-same"),
    "added twice": (CREATE, [*START, added(A, "a"), added(A, "a"), ANSWER], "added-once"),
    "updated after removed": (
        CREATE,
        [*START, ANSWER, {"type": "thread.item.removed", "item_id": "a"}, delta("a"), done(A, "b")],
        "after-removed",
    ),
    "removed, never there": (
        CREATE,
        [*START, ANSWER, {"type": "thread.item.removed", "item_id": "z"}],
        "removed-item-known",
    ),
    "another type when done": (CREATE, [*START, added(W, "a", widget=CARD), ANSWER], "type-stable"),
    "an unknown event": (CREATE, [*START, ANSWER, {"type": "thread.item.improved"}], "event-known"),
    "an unknown update": (CREATE, [*START, added(A, "a"), updated("a", "x.y"), ANSWER], "update-known"),
    "an event without type": (CREATE, [*START, ANSWER, {}], "readable"),
    "an update without id": (CREATE, [*START, ANSWER, {"type": "thread.item.updated", "update": {}}], "readable"),
    "a negative index": (CREATE, [*START, added(A, "a"), delta("a", -1), ANSWER], "index-valid"),
    "an index in words": (CREATE, [*START, added(A, "a"), delta("a", "0"), ANSWER], "index-valid"),
    "a gap of parts": (CREATE, [*START, added(A, "a", content=[]), delta("a", 1), ANSWER], "parts-without-gaps"),
    "a delta after its part": (
        CREATE,
        [*START, added(A, "a"), updated("a", PART + "done", content_index=0), delta("a"), ANSWER],
        "part-after-done",
    ),
    "a part announced twice": (
        CREATE,
        [*START, added(A, "a"), *[updated("a", PART + "added", content_index=0)] * 2, ANSWER],
        "part-once",
    ),
    "annotations with a gap": (
        CREATE,
        [*START, added(A, "a"), updated("a", PART + "annotation_added", content_index=0, annotation_index=1), ANSWER],
        "annotations-without-gaps",
    ),
    "an unknown task": (
        CREATE,
        [*START, added(F, "f"), updated("f", "workflow.task.updated", task_index=0), done(F, "f")],
        "task-known",
    ),
    "a task out of place": (
        CREATE,
        [*START, added(F, "f"), updated("f", "workflow.task.added", task_index=2), done(F, "f")],
        "tasks-without-gaps",
    ),
    "an unknown component": (
        CREATE,
        [*START, added(W, "w", widget=CARD), updated("w", "widget.component.updated", component_id="z"), done(W, "w")],
        "component-known",
    ),
    "a component that a root took away": (
        CREATE,
        [
            *START,
            added(W, "w", widget=CARD),
            updated("w", "widget.root.updated", widget={"type": "Card"}),
            updated("w", "widget.streaming_text.value_delta", component_id="t"),
            done(W, "w"),
        ],
        "component-known",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_is_named(name: str) -> None:
    """Each wrong stream breaks the rule that names it, and no other."""
    request, stream, rule = WRONG[name]
    assert set(rules(stream, request)) == {rule}


def test_every_rule_is_proved() -> None:
    """No rule stands in the table that no test here can break."""
    elsewhere = {"not-cut", "done-once", "added-after-done", "item-known", "update-fits-item", "after-error"}
    elsewhere |= {"update-after-done", "update-after-done-other-items"}
    assert {rule for _, _, rule in WRONG.values()} | elsewhere == set(RULES)


def test_a_breach_says_where_and_what() -> None:
    """A breach carries the event's index, the rule's words, its level, and the id that it is about."""
    (breach,) = judge_stream(events_of([*START, ANSWER, delta("a")]), CREATE)
    assert (breach.rule, breach.index, breach.level) == ("update-after-done", 3, "MUST")
    assert breach.expected == RULES["update-after-done"].says
    assert breach.got == "updated of assistant_message 'a', which is done already"


@pytest.mark.parametrize(
    ("ended", "trouble"), [("cut", "reset"), ("deadline", "not over"), ("closed", "inside an event")]
)
def test_a_cut_stream_is_told(ended: Any, trouble: str) -> None:
    """A stream that broke off, never ended, or ended inside an event breaks `not-cut`, with the reason."""
    (breach,) = judge_stream(events_of([*START, ANSWER]), CREATE, ended=ended, trouble=trouble)
    assert breach.rule == "not-cut"
    assert trouble in breach.got


def test_a_stream_that_we_left_is_not_judged_by_its_end() -> None:
    """An answer cut short by ourselves is no fault of the server's; what came is judged all the same."""
    left = Reply(label="x", request=SAY, events=tuple(events_of([USER, added(A, "a"), delta("b")])), ended="left")
    assert [breach.rule for breach in judge_reply(left)] == ["item-known"]


def test_the_turn_before_is_known() -> None:
    """With what was shown before, an id that is used again and a message that changes late are caught."""
    before = reduce(events_of([*START, ANSWER, done(W, "w", widget=CARD)]))
    assert rules([done("user_message", "u2"), added(A, "a"), ANSWER], SAY, before=before) == ["added-after-done"]
    assert rules([done("user_message", "u2"), ANSWER], SAY, before=before) == ["done-once"]
    assert rules([delta("a")], ACT, before=before) == ["update-after-done"]
    assert rules([updated("w", "widget.root.updated", widget=CARD)], ACT, before=before) == []
    assert rules([updated("z", "widget.root.updated", widget=CARD)], ACT, before=before) == ["item-known"]


@given(
    datas=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from([*known("ThreadStreamEvent"), "x"]) | st.integers(),
                "item": st.none()
                | st.fixed_dictionaries(
                    {},
                    optional={
                        "id": st.sampled_from("ab") | st.integers(),
                        "type": st.sampled_from([A, W, F]) | st.none(),
                        "content": st.none() | st.lists(st.integers()),
                        "workflow": st.integers() | st.just({"tasks": 3}),
                        "widget": st.integers() | st.just(CARD),
                    },
                ),
                "item_id": st.sampled_from("ab") | st.none(),
                "thread": st.integers() | st.just({"id": 3}),
                "update": st.integers()
                | st.fixed_dictionaries(
                    {"type": st.sampled_from(list(FITS))},
                    optional={
                        "content_index": st.integers() | st.text(),
                        "task_index": st.integers() | st.none(),
                        "annotation_index": st.floats(),
                        "component_id": st.sampled_from(["t", "z", 3]),
                        "component": st.integers(),
                        "content": st.integers() | st.just({}),
                        "delta": st.integers() | st.text(),
                    },
                ),
            },
        ),
        max_size=8,
    )
)
def test_nonsense_is_judged_and_shown_without_a_crash(datas: list[Data]) -> None:
    """Whatever JSON comes, the judge and the reducer give an answer."""
    events = events_of(datas)
    judge_stream(events, CREATE, before=reduce(events))


def test_the_tables_are_whole() -> None:
    """Each machine answers every event in every state, and names only rules and states that exist."""
    for table in (LIFE, TURN):
        states, kinds = {state for state, _ in table}, {kind for _, kind in table}
        assert set(table) == {(state, kind) for state in states for kind in kinds}
        assert {after for after, _ in table.values()} <= states
        assert {rule for _, rule in table.values() if rule} <= set(RULES)
    assert set(FITS) == set(known("ThreadItemUpdate"))
