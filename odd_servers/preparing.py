"""What is asked of the model around an answer: the question in other words, the past in fewer, a translation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .model import Model, ModelFailed

JSON = Any
Messages = list[JSON]

KEPT = 8
"""Messages of the past that are told as they were; those before them are told as a summary."""

REWRITE = (
    "Given the chat history and the latest user question, formulate a standalone question which can be understood "
    "without the chat history. Do NOT answer the question, just reformulate it if needed and otherwise return it as "
    "it is."
)
SUMMARY = "Summarise the conversation below in a few sentences, for an assistant that goes on with it."


def _transcript(messages: Messages) -> str:
    return "\n".join(f"{m['role']}: {m['content']}" for m in messages)


async def _rewritten(model: Model, messages: Messages) -> Messages:
    """The newest question as one that stands for itself, which takes its place. As it was, where the model fails."""
    *before, newest = messages
    history = _transcript([m for m in before if m["role"] != "system"])
    asked = f"Chat history:\n{history}\n\nLatest user question: {newest['content']}" if history else newest["content"]
    try:
        question = await model.once(REWRITE, asked)
    except ModelFailed:
        return messages
    return [*before, {**newest, "content": question}]


async def _summarised(model: Model, messages: Messages) -> Messages:
    """What is long past as a summary in the instructions. As it was said, where the model fails."""
    system, *said = messages
    if len(said) <= KEPT + 2:
        return messages
    past, newest = said[:-KEPT], said[-KEPT:]
    while newest[0]["role"] != "user":
        past, newest = [*past, newest[0]], newest[1:]
    try:
        summary = await model.once(SUMMARY, _transcript(past))
    except ModelFailed:
        return messages
    return [{**system, "content": f"{system['content']}\n\nWhat was said before: {summary}"}, *newest]


async def _as_they_are(model: Model, messages: Messages) -> Messages:
    return messages


TRANSLATE = "Translate the text into the customer's language. Return only the translation, without a word of your own."


async def retold(model: Model, text: str) -> str:
    """The answer in the customer's language. Raises ModelFailed."""
    return await model.once(TRANSLATE, f"Text: {text}") if text.strip() else text


WAYS: Mapping[str, Callable[[Model, Messages], Awaitable[Messages]]] = {
    "": _as_they_are,
    "rewrite": _rewritten,
    "summary": _summarised,
}
"""Every way, by its name among the habits."""
