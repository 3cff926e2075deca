"""In what one of our servers is unlike another. All of it is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What a server does in its own way.

    Args:
        auth: what tells users apart: a token, a key in a header, a cookie, a name and a password, a key in the
            URL, a header that a proxy sets, nothing.
        ids: what ids look like; those of items may be counted in each thread. times: how times are written.
        answer: how an answer comes: in parts and deltas, its first words in `added` or in `content_part.added`, whole,
            or all of it so far in place of what was shown before.
        api: which of Gemini's two APIs is asked: the one for OpenAI's clients, or its own, with Google's client or
            LiteLLM's.
        streams_model: whether the model is asked for a stream.
        history: how the thread is told to the model: as messages, or as a transcript in the instructions.
        instructions: the role that carries the instructions. parts: whether contents are lists of parts.
        tools: which set of tools, see tasks.py, or "". shown: how a tool that runs is shown.
        guard, titles: agents that ask the model beside the conversation: for structured output or in words, and the
            guard also for one word and no other, for JSON by an example, or while the answer is under way already.
        page: most rows of a page. refusal: how what is not there and what is wrong is refused.
        keeps: whether threads outlive the process. slow_s: seconds before any answer begins, as behind a slow proxy.
        slash: whether the path ends with a slash, and others are sent on with 307.
        queue: how many turns at once, 0 for any number; who waits is told by comments and by progress.
        framed: whether a stream says where it ends; else the end of the connection does.
        feedback: whether feedback is taken.
        renews: whether a session gets another value and another name in mid-run.
        prepares: what the model is asked for before it answers: the question in other words, which take its place, or
            a summary of what is long past.
        retells: whether an answer is translated by the model, whole, before any of it is shown.
        one_each: whether a user has one answer at a time, and is asked to come back for another.
    """

    auth: Literal["bearer", "key", "cookie", "basic", "query", "in-front", "none"] = "none"
    ids: Literal["uuid", "counter", "signs", "long", "per-thread"] = "uuid"
    times: Literal["utc", "zone", "seconds"] = "utc"
    answer: Literal["parts", "bare-deltas", "first-words", "words-in-part", "whole", "replaced"] = "parts"
    api: Literal["openai", "native", "litellm"] = "openai"
    streams_model: bool = True
    history: Literal["messages", "transcript"] = "messages"
    instructions: Literal["system", "developer"] = "system"
    parts: bool = False
    tools: str = ""
    shown: Literal["workflow", "progress", "effect", "task", "widget", "words"] = "progress"
    guard: Literal["", "schema", "words", "strict", "example", "beside"] = ""
    titles: Literal["", "schema", "words"] = ""
    page: int = 1000
    refusal: Literal["status", "event", "403", "409", "422", "bare"] = "status"
    keeps: bool = False
    slow_s: float = 0.0
    slash: bool = False
    queue: int = 0
    framed: bool = True
    feedback: bool = True
    renews: bool = False
    prepares: Literal["", "rewrite", "summary"] = ""
    retells: bool = False
    one_each: bool = False
