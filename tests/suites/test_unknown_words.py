"""Words of other languages: what a server's tools say and ask in them accuses nobody who was asked wrongly."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chatkit_conformance.check import CHECKS, NotJudged, Untestable
from chatkit_conformance.judging.catalogue import load_suites
from chatkit_conformance.target.task_id import task_id_from
from chatkit_conformance.target.task_reading import entry, is_completed, parsed
from chatkit_conformance.target.tools import Tool, call_of
from chatkit_conformance.transcript import Call, Transcript
from tests.suites.build import Data
from tests.suites.conversations import BULK, bulk_tools, task
from tests.suites.scope import NEW, OTHER, one_task_of_two

EXECUTES = ("tools.bulk-complete-executes", "tools.bulk-delete-executes")


def _unconfirmed(asks: str, said: str) -> Transcript:
    """Bulk tools with this optional argument, which no call fills, that answer so and change nothing."""
    open_ = [task(title) for title in BULK]
    t = bulk_tools(completed=open_, refused_delete=open_, deleted=open_)

    def told(call: Call) -> Call:
        text = json.dumps(call.body).replace('{\\"confirm\\": true}', "{}").replace('{\\"ok\\": 2}', said)
        body = json.loads(text)
        for row in body.get("tools", ()):
            row["function"]["parameters"] = {
                "type": "object",
                "properties": {asks: {"type": "boolean"}} if asks else {},
            }
        return replace(call, body=body)

    return replace(t, calls=tuple(map(told, t.calls)))


@pytest.mark.parametrize("id", EXECUTES)
@pytest.mark.parametrize(
    ("asks", "said", "known"),
    [("zustimmung", "Noch nicht.", False), ("zustimmung", "Done.", True), ("", "Noch nicht.", True)],
)
def test_a_tool_that_may_have_waited_for_a_yes_is_not_accused(id: str, asks: str, said: str, known: bool) -> None:
    """An argument that was left out may be the confirmation: what claims success, or asks nothing, is judged."""
    load_suites()
    t = _unconfirmed(asks, said)
    if known:
        assert list(CHECKS[id].judge(t))
    else:
        with pytest.raises(Untestable, match=r"zustimmung = true under \[tools\.arguments\]"):
            list(CHECKS[id].judge(t))


@pytest.mark.parametrize("name", ["confirm", "bevestigd", "bekraftad", "confirmado", "potwierdz"])
def test_a_yes_is_given_in_other_languages(name: str) -> None:
    """The argument that confirms is found by its name, and is given unless a call is to lack it."""
    tool = Tool(name="x", schema={"type": "object", "properties": {name: {"type": "boolean"}}})
    assert call_of(tool, {})["arguments"] == {name: True}
    assert call_of(tool, {"confirm": False})["arguments"] == {name: False}


@pytest.mark.parametrize(
    ("told", "done"),
    [
        ("uppgift_id;rubrik;klar\n7;Mata katten;ja\n", True),
        ("uppgift_id;rubrik;klar\n7;Mata katten;nej\n", False),
        ('{"titulo": "Regar", "feita": true, "numero": 4}', True),
        ('{"titel": "Vegen", "klaar": "nee"}', False),
    ],
)
def test_done_is_read_in_other_languages(told: str, done: bool) -> None:
    """A column or key that says done, with yes and no, in Swedish, Portuguese and Dutch."""
    rows = parsed(told)
    row = rows[0] if isinstance(rows, list) else rows
    assert is_completed(row) is done


LINE = "Er zijn 3 klussen: klus 7 is “Vegen” (af); klus 12 is “Oliën” (nog niet af); klus 31 is “Zagen” (nog niet af)."


@pytest.mark.parametrize(
    ("title", "id", "piece"),
    [
        ("Vegen", "7", "klus 7 is “Vegen” (af)"),
        ("Oliën", "12", "klus 12 is “Oliën” (nog niet af)"),
        ("Zagen", "31", "klus 31 is “Zagen” (nog niet af)"),
    ],
)
def test_a_list_in_one_line_of_prose_is_read_task_by_task(title: str, id: str, piece: str) -> None:
    """Each clause is one task, with its own number, and changes with no other."""
    assert task_id_from(LINE, title) == id
    assert entry(LINE, title) == piece


def test_a_line_about_one_task_stays_whole() -> None:
    """Clauses that tell several things of one task are all of it, and so is what marks it as done."""
    for line in ("- Vegen; status: open; number 7", "[x] task 7: Vegen; due: soon", "task 7: Vegen; due: soon; open"):
        assert entry(line, "Vegen") == line


def test_the_only_task_of_a_sentence_is_told_as_one_of_several() -> None:
    """Whether others stand beside it changes nothing of a task."""
    assert entry("Er zijn 1 klussen: klus 31 is “Zagen” (nog niet af).", "Zagen") == entry(LINE, "Zagen")


def test_a_number_in_a_sentence_is_read() -> None:
    """The word for a number in front of it tells it from a count."""
    assert task_id_from("Klus nummer 12 staat erop: Oliën.", "Oliën") == "12"


def test_a_task_that_is_completed_twice_stays_so_whatever_the_server_calls_it() -> None:
    """What the first call made true is to be true after the second one."""
    load_suites()
    judged = CHECKS["tools.complete-twice-stays"].judge

    def rows(bought: bool) -> list[Data]:
        return [{"id": "t-1", "title": NEW, "bought": bought}, {"id": "t-2", "title": OTHER, "bought": False}]

    assert not list(judged(one_task_of_two(update=rows(False), complete=rows(True), again=rows(True))))
    assert list(judged(one_task_of_two(update=rows(False), complete=rows(True), again=rows(False))))


UNSAID = [{"id": "t-1", "title": NEW, "toestand": "af"}, {"id": "t-2", "title": OTHER, "toestand": "niet af"}]


@pytest.mark.parametrize("complete", [UNSAID, [task(OTHER)]])
def test_whether_a_task_stays_completed_is_not_asked_of_a_list_that_does_not_tell(complete: list[Data]) -> None:
    """Done in unknown words, or done and hidden: nobody sees it, and nobody is to blame."""
    load_suites()
    judged = CHECKS["tools.complete-twice-stays"].judge
    with pytest.raises(NotJudged):
        list(judged(one_task_of_two(complete=complete, again=complete)))
    still_open = [{**task(NEW), "id": "t-1"}, task(OTHER)]
    with pytest.raises(Untestable) as why:
        list(judged(one_task_of_two(complete=still_open, again=still_open)))
    assert type(why.value) is Untestable
