"""Words that are found nowhere else: each text that a move brings in carries one, so that it is known where it shows.

All marks of a turn come from the nonce of its user message, so two turns, two users or two conversations never share
one. Only the nonce itself begins with `zq`: by it the stand-in finds the script, in users' words alone.
"""

from __future__ import annotations

from collections.abc import Sequence

KINDS = {
    "answer": "za",
    "quote": "zu",
    "tag": "zg",
    "file": "zf",
    "task": "zt",
    "title": "zl",
    "fact": "zd",
    "secret": "zs",
}
"""What a mark stands in -> its first two letters."""

QUESTIONS = (
    "Where do ferns grow?",
    "Käse & Brötchen, 買い物, שלום 🧀?",
    "One:\n\n  - two\n    three\n\nand four?",
    'Is "quoted" <b>bold</b> & \\back\\slashed {braced}?',
    "How does `x = 1` differ from ’ and “, $$5 from $name, ${x} or %s, 100% from %(x)d?",
    "    if ferns:\n\twater()  # and then, 👩‍👩‍👧 said:\n" + "They grow in the shade, and drink. " * 45,
)
"""What users say: one is longer than a screen, and begins with blanks. The nonce is put behind it."""

HERE = "(its own mark)"
"""Where a message has its nonce besides: the beginning of a long one is told to the model by who tells a part of it."""

QUOTED = (
    "Ferns prefer half-shade. Plant them where the sun comes in the morning alone, in soil that holds water and lets "
    'it go: leaf mould & sand, say, one to one.\n\n"Little and often" is how they drink; in a dry May every evening, '
    "and in a wet one not at all. Brown tips tell of dry air, yellow fronds of wet feet. Cut the old fronds in March, "
    "before the new ones unroll, and leave them on the bed."
)
"""What users quote: two paragraphs of it."""

ANSWERS = (
    "In the shade, {mark}.",
    "Сыр {mark} — «купить» 치즈 😀, 一行ずつ.",
    "Look:\n\n```py\nif {mark}:\n    grow()\n\n\ndef rest(): ...\n```\n\n- one\n  - two\n",
    '{mark}: data: [DONE] "quoted" <i>italic</i> & \\back\\slashed {{braced}}, &amp; too',
    "\tindented_by = 4  # {mark}, and with a blank behind it ",
)
"""What the model says; {mark} is the turn's own."""


def mark(nonce: str, kind: str, n: int = 0) -> str:
    """The mark of that kind in the turn of this nonce; the nth, where it has several."""
    return f"{KINDS[kind]}{nonce[2:]}{f'v{n}' if n else ''}"


def quotation(seed: str) -> str:
    """What a message quotes, as a user marks it in an answer: some sentences. Its own mark is near the end."""
    return f"{QUOTED} So says {mark(seed, 'quote')}, on page 93."


def turned(texts: Sequence[str], n: int) -> str:
    """One of the texts, each in its turn."""
    return texts[n % len(texts)]
