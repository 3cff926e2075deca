"""The servers that share no code with the others, or with each other."""

from __future__ import annotations

from .odd_server import odd

DJANGO = ("django==5.2.19", "httpx==0.28.1")
"""Django is no dependency of ours."""

ALONE = (
    odd(
        "alone-desk",
        "aiohttp: a session and a token with it, one tool for all; busy threads refuse, and go on without a browser.",
        "alone-desk",
        auth="cookie",
    ),
    odd(
        "alone-taches",
        "Flask, in French: whole answers, nested arguments, references in a Markdown table, the model asked again.",
        "alone-taches",
        auth="key",
    ),
    odd(
        "alone-flujo",
        "Node, in Spanish: Gemini's own API, thoughts, a late title; a second question interrupts the first answer.",
        "alone-flujo",
        auth="bearer",
    ),
    odd(
        "alone-balcao",
        "Node, in Portuguese: ULIDs, event lines, 40 requests a second with a date to come back, no bulk tools.",
        "alone-balcao",
        auth="cookie",
    ),
    odd(
        "alone-sportello",
        "Python's own sockets, in Italian: streams in gzip, refusals as streams, what was said as a transcript.",
        "alone-sportello",
        auth="bearer",
        history="transcript",
        keeps=True,
    ),
    odd(
        "alone-werkplaats",
        "Starlette, in Dutch: tasks told in prose, nothing deleted before a yes; a busy thread refuses.",
        "alone-werkplaats",
        auth="bearer",
    ),
    odd(
        "alone-forening",
        "Django, in Swedish: rows' numbers as ids, eight a page, tasks as CSV, tokens that are no bearer's.",
        "alone-forening",
        needs=DJANGO,
        auth="key",
        keeps=True,
    ),
    odd(
        "alone-bestellungen",
        "The SDK without an agents' framework: a router and a critic beside each answer, files, a shop's tools.",
        "alone-bestellungen",
        auth="bearer",
    ),
    odd(
        "alone-tanke",
        "Bare asyncio, in Swedish: thinks aloud first, widgets for results, two credentials, a file a thread.",
        "alone-tanke",
        auth="bearer",
        keeps=True,
    ),
)
"""All of them; each is a program in the folder of that name."""
