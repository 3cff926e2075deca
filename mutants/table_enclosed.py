"""The mutants that lose or change what a message or a call carries: files, quotations, tags, letters."""

from __future__ import annotations

from . import enclosed_lies as lie
from .mutant import Mutant

ENCLOSED = (
    Mutant(
        name="only-first-file-sent",
        lie="Of two files with one message the model is sent the first.",
        change=lie.send_first_file,
        named=(
            "gemini.own-file-sent",
            "gemini.every-picture-sent",
        ),
    ),
    Mutant(
        name="pictures-called-jpeg",
        lie="Every picture goes to the model as a JPEG, whatever it is.",
        change=lie.call_jpeg,
        named=("gemini.picture-type-true",),
    ),
    Mutant(
        name="foreign-name-breaks-download",
        lie="A file whose name is not in Latin letters cannot be fetched.",
        change=lie.name_in_latin,
        named=("attachments.preview-shown",),
    ),
    Mutant(
        name="bytes-gone-after-restart",
        lie="After a restart the files are still listed, and their bytes are gone.",
        change=lie.drop_files,
        named=("gemini.history-files",),
    ),
    Mutant(
        name="quotation-lost-beside-file",
        lie="A quotation is forgotten when the message has a file as well.",
        change=lie.send_file_or_quotation,
        named=("gemini.quotation-reaches-model",),
    ),
    Mutant(
        name="quotation-first-line",
        lie="Of a quotation of two paragraphs the model is told the first line.",
        change=lie.send_first_line,
        named=("gemini.quotation-reaches-model",),
    ),
    Mutant(
        name="quotations-gone-after-restart",
        lie="After a restart the messages have lost their quotations.",
        change=lie.drop_quotations,
        named=(
            "persistence.reload-equals-stream",
            "protocol.quoted-text-kept",
        ),
    ),
    Mutant(
        name="namesakes-are-one",
        lie="Of two people of one name that a message names the model is told the first one's data twice.",
        change=lie.take_namesakes_for_one,
        named=("gemini.tag-own-data",),
    ),
    Mutant(
        name="tag-told-once",
        lie="What a tag stands for is told to the model in its own turn, and forgotten in the next.",
        change=lie.tell_bare_tags,
        named=("gemini.history-tag-data",),
    ),
    Mutant(
        name="markup-cut-from-question",
        lie="What stands between angle brackets in a question never reaches the model.",
        change=lie.strip_markup,
        named=("gemini.user-text-unchanged",),
        also=("gemini.history-user-messages",),
    ),
    Mutant(
        name="letters-mangled-in-tools",
        lie="Letters beyond ASCII in a tool's arguments are read as Latin-1.",
        change=lie.mangle_letters,
        named=("tools.create-other-scripts",),
    ),
    Mutant(
        name="line-separator-eats-words",
        lie="A piece of the answer that holds a line separator of Unicode's is lost.",
        change=lie.split_at_line_ends,
        named=("stream.text-other-scripts",),
    ),
    Mutant(
        name="text-beats-call",
        lie="Of a piece of the answer that holds both words and a call the call is lost.",
        change=lie.take_words_alone,
        named=("tools.call-beside-text-runs",),
    ),
)
