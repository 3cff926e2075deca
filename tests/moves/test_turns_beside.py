"""What is expected of a thread in which two turns went on at once."""

from __future__ import annotations

from chatkit_conformance.moves.state import ExpectedTurn, Thread


def test_an_answer_beside_a_turn_that_is_asked_again_need_not_be_there() -> None:
    """It may stand behind the message that is asked again; an answer that was there before must stay."""
    early, one, other = (ExpectedTurn(nonce=nonce) for nonce in ("early", "one", "other"))
    thread = Thread(id="t1")
    for turn in (early, one, other):
        thread.turns.append(turn)
        thread.begin(turn)
        if turn is early:
            thread.under_way.remove("early")
    assert (one.beside, other.beside, early.beside) == (["other"], ["one"], [])
    assert thread.ask_again(2) is other
    assert [turn.sure for turn in thread.turns] == [True, False, True]
