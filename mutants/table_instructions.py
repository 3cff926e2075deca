"""The mutants that send the model its instructions, or what a message carried, in some calls only."""

from __future__ import annotations

from . import instruction_lies as lie
from .mutant import Mutant, Upstream

INSTRUCTED = "instructions in some calls only"
CARRIED = "a picture, file, quotation or tag in its own turn only"


def _mutant(kind: str, name: str, says: str, change: lie.Change, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=Upstream(request=change), named=named)


INSTRUCTIONS = (
    _mutant(
        INSTRUCTED,
        "instructions-first-turn-only",
        "The model is instructed in the first turn only.",
        lie.no_instructions(lie.is_later),
        "gemini.instructions-in-every-request",
    ),
    _mutant(
        INSTRUCTED,
        "instructions-lost-after-tool",
        "The model's instructions are missing after a tool.",
        lie.no_instructions(lie.after_tool),
        "gemini.instructions-in-every-request",
    ),
    _mutant(
        INSTRUCTED,
        "instructions-lost-on-retry",
        "The model's instructions are missing when a message is asked again.",
        lie.no_instructions(lie.on_retry()),
        "gemini.instructions-in-every-request",
    ),
    _mutant(
        INSTRUCTED,
        "instructions-lost-with-picture",
        "The model's instructions are missing where the user sends a picture.",
        lie.no_instructions(lie.with_picture),
        "gemini.instructions-in-every-request",
    ),
    _mutant(
        INSTRUCTED,
        "instructions-twice",
        "The model is instructed two times in every call.",
        lie.with_rows(lie.twice),
        "gemini.instructions-once",
    ),
    _mutant(
        INSTRUCTED,
        "instructions-grow",
        "The model is instructed once more with each turn.",
        lie.with_rows(lie.again_each_turn),
        "gemini.instructions-once",
    ),
    _mutant(
        INSTRUCTED,
        "instructions-shortened-later",
        "The model is sent the first words of its instructions only, once a thread has a past.",
        lie.with_rows(lie.shortened_later),
        "gemini.instructions-in-every-request",
    ),
    _mutant(
        CARRIED,
        "picture-own-turn-only",
        "A picture is forgotten in the next turn.",
        lie.of_earlier(lie.no_picture),
        "gemini.history-files",
    ),
    _mutant(
        CARRIED,
        "file-own-turn-only",
        "A file is forgotten in the next turn.",
        lie.of_earlier(lie.no_file),
        "gemini.history-files",
    ),
    _mutant(
        CARRIED,
        "quotation-own-turn-only",
        "A quotation is forgotten in the next turn.",
        lie.of_earlier(lie.no_quotation),
        "gemini.history-quotations",
    ),
    _mutant(
        CARRIED,
        "tag-own-turn-only",
        "A tag is forgotten in the next turn.",
        lie.of_earlier(lie.no_tag),
        "gemini.history-quotations",
    ),
    _mutant(
        CARRIED,
        "picture-lost-after-tool",
        "A picture is forgotten as soon as a tool was used.",
        lie.of_current(lie.no_picture, lie.after_tool),
        "gemini.history-files",
    ),
    _mutant(
        CARRIED,
        "quotation-lost-after-tool",
        "A quotation is forgotten as soon as a tool was used.",
        lie.of_current(lie.no_quotation, lie.after_tool),
        "gemini.history-quotations",
    ),
    _mutant(
        CARRIED,
        "picture-lost-on-retry",
        "A picture is forgotten when its message is asked again.",
        lie.of_current(lie.no_picture, lie.on_retry()),
        "gemini.history-files",
    ),
    _mutant(
        CARRIED,
        "quotation-lost-on-retry",
        "A quotation is forgotten when its message is asked again.",
        lie.of_current(lie.no_quotation, lie.on_retry()),
        "gemini.history-quotations",
    ),
)
