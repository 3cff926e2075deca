"""What is judged: exchanges and checks, declarations only. Importing a file here declares; nothing else happens.

Layout:

    exchanges/   the conversations, one file per subject; an exchange talks and judges nothing
    <area>/      the checks of one area, one file per noun: stream/ids.py, persistence/reload.py, ...
    evidence.py  what a transcript says, read for checks: turns, answers, reloads, rounds of tool calls
    clauses.py   the sources that checks quote

One conversation carries many checks, so exchanges are kept apart from the checks that lean on them. A check names its
exchanges in `on`, finds replies by the labels that the exchange gave them, and expected words in the exchange's notes.
To add a check: pick the area's file for its noun, name an exchange that holds the evidence (or write one), and add a
transcript that it must fail and one that it must pass to CASES in tests/suites.

Rules that keep a judge honest:
- MUST only with a clause in the SDK's types, the user's specification or a standard; what only the Python SDK happens
  to do is at most SHOULD.
- Where the evidence is missing, raise `Untestable` (evidence.py does it); never pass for lack of evidence.
- An exchange goes on as far as the server lets it and returns early where it cannot: the turn that broke is then judged
  as failed, and only what would have come after it is untestable.
"""
