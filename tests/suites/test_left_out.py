"""What is said of an invariant where the conversations that would show it could not be held."""

from __future__ import annotations

from dataclasses import replace

from chatkit_conformance.check import CHECKS
from chatkit_conformance.judging.judge import ABSENT, judge
from chatkit_conformance.moves.notes import LEFT_OUT
from tests.suites.conversations import three_turns
from tests.suites.test_checks import BREAKS

BULK = "tools.bulk-refused-unless-confirmed"
TOOLS = {"tools": True, "tasks": True}
WHY = "the bulk tools change every task of a user, and these users are not ours alone"


def test_bulk_tools_that_may_not_be_called_are_not_judged() -> None:
    """Where users cannot be made, no bulk tool is called: that is no fault of the server's, and no pass."""
    listed = BREAKS[BULK][0]
    plain = {
        label: {key: value for key, value in what.items() if key != "confirm"}
        for label, what in listed.notes["expected"].items()
    }
    unasked = replace(listed, notes={**listed.notes, "expected": plain, LEFT_OUT: {"bulk-tool": WHY}})
    said = judge(CHECKS[BULK], [unasked], TOOLS)
    assert (said.outcome, said.reason) == ("not_judged", WHY)


def test_a_conversation_that_the_server_cannot_have_is_no_reason_of_an_invariant() -> None:
    """The reason comes from the conversations that were held, though more of them may have been left out."""
    absent = replace(three_turns(), untestable="capability 'restart' declared absent", notes={ABSENT: "restart"})
    said = judge(CHECKS[BULK], [absent, absent, three_turns()], TOOLS)
    assert said.outcome == "untestable"
    assert "restart" not in said.reason
