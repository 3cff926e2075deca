"""Every server: its make, its habits, and the target file that its owner would write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .habits import Habits


@dataclass(frozen=True, slots=True, kw_only=True)
class OddServer:
    """One server.

    Args:
        name: what `python -m odd_servers` calls it. says: in what it is odd, one sentence.
        make: on what it is built. habits: see there. target: its target file, beside this file.
        behind_s: by how many seconds a proxy in front of it passes each request on late, 0 where there is none.
        needs: packages that go beside none of ours; it then runs in an environment of its own.
        at_once: how many conversations its owner has held at once, None for as many as a run likes.
    """

    name: str
    says: str
    make: Literal["sockets", "starlette", "threads", "sdk", "agents", "node", "alone"]
    habits: Habits
    target: str
    behind_s: float = 0.0
    needs: tuple[str, ...] = ()
    at_once: int | None = None


def _odd(
    name: str,
    says: str,
    target: str,
    *,
    behind_s: float = 0.0,
    needs: tuple[str, ...] = (),
    at_once: int | None = None,
    **habits: object,
) -> OddServer:
    make, _, _ = name.partition("-")
    return OddServer(
        name=name,
        says=says,
        make=make,  # type: ignore[arg-type]  # the table's own rows
        target=f"{target}.toml",
        habits=Habits(**habits),  # type: ignore[arg-type]  # the same
        behind_s=behind_s,
        needs=needs,
        at_once=at_once,
    )


LITELLM = ("litellm==1.106.12", "mcp==2.3.0", "starlette==1.10.0", "uvicorn==0.54.0", "httpx==0.28.1")
"""LiteLLM on an older openai than ours, and what answers HTTP."""

DJANGO = ("django==5.2.19", "httpx==0.28.1")
"""Django is no dependency of ours."""

SERVERS = (
    _odd("sockets-plain", "No sign-in, no tools, no titles; a capped page.", "bare", page=5),
    _odd(
        "sockets-cookie",
        "A cookie is the only credential; ids count up; first words stand in `added`.",
        "cookie",
        auth="cookie",
        ids="counter",
        answer="first-words",
        tools="snake",
        shown="effect",
    ),
    _odd(
        "sockets-key",
        "A key in a header is the only credential; Python prints its results; no content part is announced.",
        "key",
        auth="key",
        answer="bare-deltas",
        tools="python",
        shown="task",
    ),
    _odd(
        "sockets-whole",
        "Answers come in one piece, of a model that is asked without a stream.",
        "bare",
        answer="whole",
        streams_model=False,
        ids="signs",
    ),
    _odd("sockets-slow", "A second and a half before anything is answered.", "slow", slow_s=1.5),
    _odd(
        "starlette-transcript",
        "The history stands in the instructions, as a transcript.",
        "bearer",
        auth="bearer",
        history="transcript",
        keeps=True,
    ),
    _odd(
        "starlette-guard",
        "A guard asks the model for a verdict in JSON before each turn, and a title for one after it.",
        "bearer-tools",
        auth="bearer",
        guard="schema",
        titles="schema",
        tools="snake",
        shown="workflow",
    ),
    _odd(
        "starlette-guard-words",
        "A guard asks for one word before each turn; a title is asked for in words.",
        "titled",
        auth="bearer",
        guard="words",
        titles="words",
    ),
    _odd(
        "starlette-by-user",
        "Every tool takes the user's id as an argument, which only the instructions tell.",
        "bearer-tools",
        auth="bearer",
        tools="by-user",
        shown="progress",
    ),
    _odd(
        "starlette-native",
        "It asks Gemini by its own API, generateContent, with Google's own client.",
        "bearer-tools",
        auth="bearer",
        api="native",
        tools="snake",
        shown="workflow",
    ),
    _odd(
        "starlette-litellm",
        "It asks Gemini by its own API, with LiteLLM and without a stream.",
        "bearer-tools",
        needs=LITELLM,
        auth="bearer",
        api="litellm",
        answer="whole",
        streams_model=False,
        tools="snake",
        shown="workflow",
    ),
    _odd(
        "sockets-native-whole",
        "It asks Gemini by its own API and without a stream; answers come in one piece.",
        "bare",
        api="native",
        answer="whole",
        streams_model=False,
    ),
    _odd(
        "starlette-airline",
        "Its tools are of another trade: nothing creates or lists tasks.",
        "bearer-tools",
        auth="bearer",
        tools="airline",
        shown="effect",
    ),
    _odd(
        "starlette-camel",
        "Tools in camel case with integer ids; the list gives the oldest twenty, and says how to go on.",
        "bearer-tools",
        auth="bearer",
        tools="camel",
        shown="widget",
    ),
    _odd(
        "starlette-slash",
        "Its path ends with a slash, and others are sent on; a developer's message in parts in place of system.",
        "slash",
        auth="bearer",
        slash=True,
        instructions="developer",
        parts=True,
    ),
    _odd(
        "starlette-event",
        "What is not there is refused with 200 and an error event; times in another zone.",
        "bearer",
        auth="bearer",
        refusal="event",
        keeps=True,
        times="zone",
        answer="words-in-part",
    ),
    _odd(
        "starlette-403",
        "What is not there is forbidden.",
        "bearer",
        auth="bearer",
        keeps=True,
        refusal="403",
        ids="long",
    ),
    _odd(
        "starlette-409",
        "A wrong request is a conflict.",
        "bearer",
        auth="bearer",
        keeps=True,
        refusal="409",
        times="seconds",
    ),
    _odd("starlette-422", "Every refusal is 422.", "front", auth="in-front", refusal="422", page=7),
    _odd(
        "sockets-unframed",
        "A stream ends with its connection; each thread counts its items anew; refusals have no body.",
        "bare",
        framed=False,
        ids="per-thread",
        refusal="bare",
    ),
    _odd(
        "sockets-queue",
        "Four turns at once, and who waits is told so; all of an answer comes again in place of what was shown.",
        "bare",
        queue=4,
        answer="replaced",
    ),
    _odd(
        "sockets-query", "A key in the URL is the only credential.", "query", auth="query", times="zone", tools="camel"
    ),
    _odd(
        "starlette-guard-beside",
        "A guard judges each message while it is answered already, and lets nothing pass that it cannot judge.",
        "bearer-tools",
        auth="bearer",
        guard="beside",
        tools="snake",
    ),
    _odd(
        "starlette-guard-strict",
        "A guard that lets nothing pass but for one word; a title is asked for in JSON.",
        "titled",
        auth="bearer",
        guard="strict",
        titles="schema",
    ),
    _odd(
        "starlette-guard-example",
        "A guard asks for JSON by an example, in one message; feedback is not taken.",
        "bearer",
        auth="bearer",
        guard="example",
        feedback=False,
        keeps=True,
    ),
    _odd(
        "starlette-yaml",
        "A name and a password with each request; tools answer in YAML.",
        "basic",
        auth="basic",
        tools="yaml",
        ids="per-thread",
    ),
    _odd(
        "starlette-prose",
        "Tools answer in numbered German prose, ids behind the titles; the server says in the answer what it runs.",
        "bearer-tools",
        auth="bearer",
        tools="prose",
        shown="words",
    ),
    _odd(
        "starlette-renews",
        "A cookie whose value and name change in mid-run; an old one ends after a while.",
        "cookie",
        auth="cookie",
        renews=True,
        tools="snake",
    ),
    _odd(
        "starlette-proxied",
        "A proxy in front of it: a second and a half late, with chunks and headers of its own.",
        "proxied",
        behind_s=1.5,
        auth="bearer",
        tools="snake",
        keeps=True,
    ),
    _odd(
        "starlette-rewrites",
        "The model is asked for each question in other words, which take its place.",
        "bearer",
        auth="bearer",
        prepares="rewrite",
        keeps=True,
    ),
    _odd(
        "starlette-translates",
        "An answer is translated by the model, whole, before any of it is shown.",
        "bearer",
        auth="bearer",
        retells=True,
        keeps=True,
    ),
    _odd("sockets-summary", "Of a long thread the model is told a summary that it made.", "bare", prepares="summary"),
    _odd(
        "starlette-one-each",
        "A user has one answer at a time, and is asked to come back for another.",
        "bearer",
        at_once=1,
        auth="bearer",
        one_each=True,
        keeps=True,
    ),
    _odd(
        "threads-plain",
        "Python's own http.server: HTTP/1.0, a thread for each request, refusals as pages of HTML.",
        "bare",
        ids="counter",
        times="seconds",
    ),
    _odd(
        "threads-key",
        "Python's own http.server, with a key and tools.",
        "key",
        auth="key",
        tools="snake",
        shown="task",
    ),
    _odd("sdk-plain", "The SDK, with a loop of its own over the model.", "sdk", auth="bearer"),
    _odd(
        "sdk-tools",
        "The SDK, with a table as the list of tasks, and first words in `added`.",
        "sdk",
        auth="bearer",
        tools="table",
        answer="first-words",
    ),
    _odd(
        "agents-airline",
        "The Agents SDK as in OpenAI's customer service demo: five agents that hand over, two guards, a context.",
        "sdk",
        auth="bearer",
    ),
    _odd(
        "alone-desk",
        "aiohttp: a session and a token with it, one tool for all; busy threads refuse, and go on without a browser.",
        "alone-desk",
        auth="cookie",
    ),
    _odd(
        "alone-taches",
        "Flask, in French: whole answers, nested arguments, references in a Markdown table, the model asked again.",
        "alone-taches",
        auth="key",
    ),
    _odd(
        "alone-flujo",
        "Node, in Spanish: Gemini's own API, thoughts, a late title; a second question interrupts the first answer.",
        "alone-flujo",
        auth="bearer",
    ),
    _odd(
        "alone-balcao",
        "Node, in Portuguese: ULIDs, event lines, 40 requests a second with a date to come back, no bulk tools.",
        "alone-balcao",
        auth="cookie",
    ),
    _odd(
        "alone-sportello",
        "Python's own sockets, in Italian: streams in gzip, refusals as streams, what was said as a transcript.",
        "alone-sportello",
        auth="bearer",
        history="transcript",
        keeps=True,
    ),
    _odd(
        "alone-werkplaats",
        "Starlette, in Dutch: tasks told in prose, nothing deleted before a yes; a busy thread refuses.",
        "alone-werkplaats",
        auth="bearer",
    ),
    _odd(
        "alone-forening",
        "Django, in Swedish: rows' numbers as ids, eight a page, tasks as CSV, tokens that are no bearer's.",
        "alone-forening",
        needs=DJANGO,
        auth="key",
        keeps=True,
    ),
    _odd(
        "alone-bestellungen",
        "The SDK without an agents' framework: a router and a critic beside each answer, files, a shop's tools.",
        "alone-bestellungen",
        auth="bearer",
    ),
    _odd("node-plain", "Node, by hand; no sign-in and no tools.", "node", auth="none"),
    _odd("node-cookie", "Node, with a cookie, integer ids and tools.", "node-cookie", auth="cookie", tools="node"),
    _odd("node-key", "Node, with a key, and answers in one piece.", "node-key", auth="key", answer="whole"),
)
"""All, of seven makes."""

BY_NAME = {server.name: server for server in SERVERS}
