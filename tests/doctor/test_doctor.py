"""The doctor: what is ill is named in the first line with what to type, and what is well is left alone."""

from __future__ import annotations

import json

import pytest

from tests.slow import but_for

from .rounds import LONGEST_S, WELL, Visit, arguments_of, named_right, visited, visited_to
from .ward import WARD

CHEAP = (
    "no-setting",
    "other-secret",
    "clock",
    "url-without-slash",
    "responses",
    "url-https",
    "key-quoted",
    "proxy-swallows",
    "buffered",
    "stock-parts",
    "no-cors",
    "ipv6-alone",
    "signature-lost",
    "no-price",
)
"""One of each kind: at the start, at the door, at the model, in the stream, in a second turn, in the browser."""

PATIENT = ("--within", "40")
"""For what starts a large server on cores that are busy."""

START_S = 4.0
"""Seconds for the start and the end of the doctor's own program, on cores that are busy."""


QUICK = ("no-setting", "clock", "responses", "buffered", "no-cors", "signature-lost")
"""Those that stand for the others in CI."""


@pytest.mark.parametrize("name", but_for(QUICK, CHEAP))
def test_what_is_ill_is_named_in_the_first_line(name: str) -> None:
    """The root cause and what to type come first; the exit code says that something is wrong."""
    visit = visited_to(WARD[name], *PATIENT)
    assert named_right(WARD[name], visit), visit.out


def test_it_takes_ten_seconds_at_most() -> None:
    """A server that never comes up is told to have done so, and the doctor does not wait for it any longer."""
    command = arguments_of(WARD["never-up"])
    visit = visited(command[command.index("--") :])
    assert named_right(WARD["never-up"], visit), visit.out
    assert visit.seconds < LONGEST_S + START_S


@pytest.mark.parametrize("name", but_for(("patient-well",), ("patient-well", "sdk-plain", "traces", "ipv6", "tools")))
def test_what_is_well_is_left_alone(name: str) -> None:
    """A right server gets no cause, and the line to type next."""
    visit = visited((*PATIENT, *WELL[name]))
    assert visit.code == 0, visit.out
    assert visit.first.startswith("Nothing is wrong")


def test_json_has_the_cause_and_every_exam() -> None:
    """Programs read the same as people do: the cause, and each thing that was looked at."""
    visit = visited((*PATIENT, "--json", *arguments_of(WARD["model-retired"])))
    said = json.loads(visit.out)
    assert (said["well"], said["cause"]["id"]) == (False, "model")
    assert {exam["state"] for exam in said["exams"]} <= {"right", "wrong", "note", "unseen"}
    assert [exam["name"] for exam in said["exams"] if exam["state"] == "wrong"] == ["model"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--within", "0", "--", "true"), "give a number above 0"),
        (("--origin", "app.example.com", "--", "true"), "write it as a browser sends it"),
        ((), "no target"),
    ],
)
def test_wrong_options_are_refused(arguments: tuple[str, ...], said: str) -> None:
    """What cannot be meant ends with 2 and says what to write."""
    visit: Visit = visited(arguments)
    assert visit.code == 2
    assert said in visit.out


def test_the_ward_is_large_enough() -> None:
    """At least twenty ways to be ill, each with a name, a cause and words of its own; at least five that are well."""
    assert len(WARD) >= 20
    assert len({row.words for row in WARD.values()}) == len(WARD)
    assert len(WELL) >= 5
