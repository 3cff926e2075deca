"""report.html: one file, well formed, that says what the run came to."""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chatkit_conformance.report import write_report
from chatkit_conformance.transcript import Sent

from .conversations import START, plain_turn
from .reading import Page
from .runs import Json, failing_results, finding, lay, passing_results, result, run_json

LOADS = {
    ("img", "src"),
    ("script", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("use", "href"),
    ("image", "href"),
    ("form", "action"),
}


@pytest.fixture(params=["passing", "failing"])
def folder(request: pytest.FixtureRequest) -> Path:
    """Each of the two runs."""
    made: Path = request.getfixturevalue(request.param)
    return made


def test_page_is_well_formed_and_its_ids_are_unique(folder: Path) -> None:
    """Every tag closes in order, and no id is given twice."""
    page = Page(write_report(folder))
    assert page.problems == []
    assert sorted(page.ids) == sorted(set(page.ids))


def test_page_loads_nothing(folder: Path) -> None:
    """No element fetches anything, no style imports or links anything, and the policy forbids what else might."""
    page = Page(write_report(folder))
    assert [(tag, name) for tag, attrs in page.tags for name in attrs if (tag, name) in LOADS] == []
    assert "@import" not in page.html
    assert not re.search(r"url\(", page.html)
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_every_link_leads_somewhere_on_the_page(folder: Path) -> None:
    """Each link is a fragment, and the page has an element of that id."""
    page = Page(write_report(folder))
    targets = {attrs["href"] for tag, attrs in page.tags if tag == "a"}
    assert {target for target in targets if not target.startswith("#") or target[1:] not in page.ids} == set()


def test_every_check_has_its_anchor_and_its_cell(folder: Path) -> None:
    """A check can be linked to by its id, whatever became of it, and has a cell that says so without colour."""
    page = Page(write_report(folder))
    rows = passing_results() if folder.name == "passing" else failing_results()
    assert {f"check-{row['id']}" for row in rows} <= set(page.ids)
    labels = [attrs.get("title", "") for tag, attrs in page.tags if tag == "a" and "cell" in attrs.get("class", "")]
    assert sorted(label.split(",")[0] for label in labels) == sorted(row["id"] for row in rows)


def test_a_finding_shows_all_that_it_has(failing: Path) -> None:
    """Requirement, clause, expected, got, the marked event, cause, fix and a line to run again are on the page."""
    page = Page(write_report(failing))
    for words in (
        "the answer is done, or an error says why not",
        "the stream broke off after event 2",
        "openai-chatkit 1.6.5, chatkit/types.py",
        "which the converter refuses",
        "Convert stored answers to plain assistant messages",
        "chatkit-conformance run --select stream.grammar -- python -m reference_server",
        "UserError: Unknown content",
        "▶ 2",
    ):
        assert words in page.text, words


def test_findings_of_one_cause_stand_together(failing: Path) -> None:
    """Two checks with one cause are one group, and thirty findings alike are shown once with the places of the rest."""
    page = Page(write_report(failing))
    assert page.text.count("2 checks, ") == 3
    assert page.text.count("2 checks could not be tested, for a similar reason") == 1
    assert page.text.count("an id that no other item of the thread has") == 2
    assert "34 findings" in page.text


def test_what_the_model_refused_in_many_replies_stands_first(tmp_path: Path) -> None:
    """Where three checks failed in replies whose request the model refused, the refusal is above them all, in words."""
    turn = plain_turn()
    body = '[{"error": {"code": 400, "message": "Multiple authentication credentials received.", "status": "X"}}]'
    refused = replace(turn.calls[0], status=400, sent=(Sent(at=START + 0.02, data=body),))
    rows = [result(f"stream.{n}", "failed", findings=[finding("an answer", f"none, {n}")]) for n in ("a", "b", "c")]
    page = Page(write_report(lay(tmp_path, run_json(rows), [replace(turn, calls=(refused,))])))
    assert "In the replies of 3 of these checks the model rejected" in page.text
    assert page.text.index("Multiple authentication credentials received.") < page.text.index("an answer")


def test_the_example_turns_are_those_that_were_measured(tmp_path: Path) -> None:
    """The turn that is drawn is one in which the first token was measured, where there is one."""
    turns = [plain_turn(exchange=name) for name in ("a_turn", "measured_turn", "z_turn")]
    measured = result("latency.first-token", criteria=["SC-001"], figure=0.2, judged=[["measured_turn", "gemini-3"]])
    page = Page(write_report(lay(tmp_path, run_json([measured]), turns)))
    assert "A plain turn measured_turn, turn-1" in page.text


def test_the_verdict_is_the_first_heading(folder: Path) -> None:
    """The headline says in words whether the server works with ChatKit's client."""
    page = Page(write_report(folder))
    wanted = {"passing": "Works with ChatKit’s client, strictly", "failing": "Does not work with ChatKit’s client"}
    assert f'<h1 id="verdict">{wanted[folder.name]}</h1>' in page.html


def test_criteria_show_figure_and_target(failing: Path) -> None:
    """Each of the nine has an anchor, and what was not measured here says so."""
    page = Page(write_report(failing))
    assert [id for id in page.ids if id.startswith("SC-")] == [f"SC-00{n}" for n in range(1, 10)]
    assert "3.42 s target within 2 s" in page.text
    assert page.text.count("not measured here") == 2


def test_the_page_reads_without_scripts(failing: Path) -> None:
    """Without scripts the controls that need them stay hidden; what was expected, got and is to do is not packed."""
    path = write_report(failing)
    page = Page(path)
    controls = [attrs for _, attrs in page.tags if attrs.get("class") in ("copy", "filter")]
    assert controls
    assert all("hidden" in attrs for attrs in controls)
    unpacked = path.read_text(encoding="utf-8")
    for words in ("the stream broke off after event 2", "Convert stored answers to plain assistant messages"):
        assert words in unpacked


def test_the_causes_stand_above_all_else_and_are_few(tmp_path: Path) -> None:
    """At most seven causes are named first: a MUST before a SHOULD, and of two the one that explains more."""
    rows = [
        result(f"stream.check-{n}", "failed" if n else "warned", cause=f"cause {n}", fix=f"fix {n}") for n in range(12)
    ]
    rows += [result(f"tools.shadow-{n}", "failed", cause=f"other {n}", root="stream.check-5") for n in range(3)]
    page = Page(write_report(lay(tmp_path, run_json(rows), [plain_turn()])))
    first = page.html[page.html.index('id="first"') : page.html.index('<dl class="facts">')]
    named = re.findall(r"<code>([^<]+)</code>", first)
    assert len(named) == 7
    assert named[0] == "stream.check-5"
    assert "explains 3 more findings" in first
    assert not [id for id in named if id.startswith("tools.") or id == "stream.check-0"]


def test_what_the_client_needs_is_named_before_what_strangers_can_do(tmp_path: Path) -> None:
    """A demo without a sign-in is told first that its second turn dies, however much the sign-in explains."""
    rows = [
        result("security.no-token-refused", "failed"),
        *(result(f"security.token-{n}", "failed", root="security.no-token-refused") for n in range(9)),
        result("persistence.second-turn-works", "failed"),
    ]
    page = Page(write_report(lay(tmp_path, run_json(rows), [plain_turn()])))
    first = page.html[page.html.index('id="first"') : page.html.index('<dl class="facts">')]
    assert re.findall(r"<code>([^<]+)</code>", first) == ["persistence.second-turn-works", "security.no-token-refused"]


HOSTILE = (
    '</script></style><img src=x onerror=alert(1)><a href="javascript:alert(2)">\'"{{7*7}}{%raw%}\u202e\x00\ud800]]>-->'
)


def hostile(value: object) -> object:
    """The value with every text in it made hostile, but for what names things."""
    keep = {"schema", "outcome", "verdict", "level", "started", "exchange", "dialect", "reply", "unit"}
    if isinstance(value, dict):
        return {k: v if k in keep else hostile(v) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(v) for v in value]
    return value + HOSTILE if isinstance(value, str) else value


def test_hostile_text_is_shown_and_never_taken_for_markup(tmp_path: Path) -> None:
    """Text of the server in every field, names of events and of tools included, adds no element and no attribute."""
    turn = plain_turn().to_json()
    turn["replies"] = hostile(turn["replies"])
    turn["calls"] = hostile(turn["calls"])
    rows = [
        result("stream.grammar", "failed", findings=[finding("a", "b", event=n, call=0) for n in range(3)]),
        result("stream.other"),
    ]
    made = hostile(run_json(rows))
    assert isinstance(made, dict)
    made["results"][0]["exchange"] = "one_turn"
    folder = lay(tmp_path / "run", made)
    turn["replies"][0].update(label="turn-1", ended="closed", headers={"content-type": "text/event-stream"})
    (folder / "transcripts" / f"x{HOSTILE[:3]}.json".replace("/", "_")).write_text(json.dumps(turn))
    page = Page(write_report(folder))
    assert page.problems == []
    assert not [tag for tag, _ in page.tags if tag in ("img", "iframe", "object")]
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    assert [attrs["href"] for tag, attrs in page.tags if tag == "a" and not attrs["href"].startswith("#")] == []
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "49" not in re.findall(r"'\"(\d+)", page.text)
    assert "⟨U+202E⟩" in page.text
    assert "\u202e" not in page.html
    assert [tag for tag, _ in page.tags].count("script") == 2  # what is packed, and ours


def test_a_run_with_thousands_of_findings_stays_small(tmp_path: Path) -> None:
    """A page stays under 3 MB, and is made within seconds, however much there was to find."""
    words = "x" * 1200
    found = [
        finding(f"kind {'a' * (n % 40)} {words}", f"{words} {n}", exchange=f"e{n % 60}", event=n % 15)
        for n in range(60)
    ]
    rows = [
        result(
            f"stream.check-{chr(97 + n % 26)}{chr(97 + n // 26)}", "failed", findings=found, cause=f"cause {n} {words}"
        )
        for n in range(120)
    ]
    turns = [plain_turn(answer_id=words, exchange=f"e{n}") for n in range(60)]
    folder = lay(tmp_path / "run", run_json(rows), turns)
    begun = time.process_time()
    path = write_report(folder)
    assert path.stat().st_size < 3_000_000
    assert (folder / "summary.md").stat().st_size < 100_000
    assert time.process_time() - begun < 20
    assert Page(path).problems == []


def test_the_line_to_try_by_hand_is_quoted_for_a_shell(tmp_path: Path) -> None:
    """An address that a server printed cannot smuggle a command into the line that a person copies."""
    run = run_json([], complete=False)
    run["target"]["url"] = "http://127.0.0.1:1/$(reboot);x"
    page = Page(write_report(lay(tmp_path, run)))
    copied = [html.unescape(line) for line in re.findall(r'<div class="run"><code>(.*?)</code>', page.html)]
    assert copied[0].endswith(" 'http://127.0.0.1:1/$(reboot);x'")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"complete": False, "stopped": "No answer from http://127.0.0.1:1/chatkit: connection refused."},
            ["Nothing was judged", "connection refused"],
        ),
        ({"complete": True}, ["Nothing was judged", "says nothing about the server"]),
        (
            {"complete": False, "criteria": [], "versions": {}, "target": None, "seconds": None, "started": None},
            ["Nothing was judged"],
        ),
    ],
)
def test_a_run_that_judged_nothing_says_so_in_plain_words(tmp_path: Path, more: Json, words: list[str]) -> None:
    """Without checks the page claims nothing, gives the reason it has, and says what to try."""
    page = Page(write_report(lay(tmp_path / "run", run_json([], **more))))
    assert page.problems == []
    assert [word for word in words if word not in page.text] == []
    assert "Works with" not in page.text


def test_a_run_that_was_cut_short_has_no_good_verdict(tmp_path: Path) -> None:
    """All that was judged passed, but not all was judged: the headline says cut short."""
    folder = lay(tmp_path / "run", run_json(passing_results(), complete=False, stopped="Interrupted after 12 checks."))
    page = Page(write_report(folder))
    assert '<h1 id="verdict">Cut short: no verdict</h1>' in page.html
    assert "Interrupted after 12 checks." in page.text


def test_a_missing_or_broken_transcript_is_named(failing: Path) -> None:
    """A transcript that cannot be read costs its excerpts, not the report, and the page names it."""
    (failing / "transcripts" / "three_turns--gemini-3.json").write_text("{")
    page = Page(write_report(failing))
    assert "three_turns--gemini-3.json could not be read" in page.text
    assert "the stream broke off after event 2" in page.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file"),
        ("{", "not JSON"),
        ('{"schema": 7, "results": []}', "schema 7"),
        ("[]", "no results of a run"),
        ('{"schema": 1, "results": [{"id": "a.b", "outcome": "lost"}]}', "results.0.outcome is 'lost'"),
    ],
)
def test_a_wrong_folder_is_refused_with_what_was_found(tmp_path: Path, text: str | None, words: str) -> None:
    """Where there is no results.json of this schema, the error names the file and what is wrong with it."""
    if text is not None:
        (tmp_path / "results.json").write_text(text)
    with pytest.raises(ValueError, match=re.escape(words)):
        write_report(tmp_path)


def test_pictures_are_valid_svg_with_a_name(folder: Path) -> None:
    """Each timeline parses as XML, is named and described, and draws two lanes."""
    pictures = Page(write_report(folder)).pictures
    assert len(pictures) >= 2
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        assert root.attrib["role"] == "img"
        assert [child.tag for child in root][:2] == ["title", "desc"]
        assert {"Browser", "Server", "Model"} <= {text.text for text in root.iter("text")}
