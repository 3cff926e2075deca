"""Lies about what a message encloses: files, pictures, quotations, tags, signs in its text."""

from __future__ import annotations

import json
import re
from typing import Any

from chatkit.types import UserMessageTagContent, UserMessageTextContent

from reference_server.app import Web
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.on_sqlite import Sqlite

from .inside import Invoke, Method, around, tool
from .mutant import Event, Upstream

_SPLITS = re.compile("[\x0b\x0c\x1c\x85\u2028\u2029]")
_DROP_FILES = "DELETE FROM attachment_contents"
_DROP_QUOTATIONS = (
    "UPDATE items SET body = json_set(body, '$.quoted_text', NULL) WHERE json_extract(body, '$.quoted_text') NOT NULL"
)


def _message(change: Any) -> Any:
    def wrap(real: Method) -> Method:
        async def instead(self: HistoryConverter, item: Any, is_last_message: bool = True) -> Any:
            return await real(self, change(item, is_last_message), is_last_message)

        return instead

    return around(HistoryConverter, "user_message_to_input", wrap)


def _first_file(item: Any, newest: bool) -> Any:
    return item.model_copy(update={"attachments": item.attachments[:1]})


def _file_or_quotation(item: Any, newest: bool) -> Any:
    return item.model_copy(update={"quoted_text": None}) if item.attachments else item


def _bare_tags(item: Any, newest: bool) -> Any:
    if newest:
        return item
    parts = [
        UserMessageTextContent(text=f"@{part.text}") if isinstance(part, UserMessageTagContent) else part
        for part in item.content
    ]
    return item.model_copy(update={"content": parts})


def _without_markup(item: Any, newest: bool) -> Any:
    parts = [
        part.model_copy(update={"text": re.sub(r"<[^<>]*>", "", part.text)})
        if isinstance(part, UserMessageTextContent)
        else part
        for part in item.content
    ]
    return item.model_copy(update={"content": parts})


def as_jpeg(body: Event) -> Event:
    """Every picture is called a JPEG."""
    changed: Event = json.loads(re.sub(r"data:image/[a-z]+;", "data:image/jpeg;", json.dumps(body)))
    return changed


def in_latin(real: Method) -> Method:
    """A download tells the file's name in a header, which takes Latin letters only."""

    async def instead(self: Any, request: Any) -> Any:
        answer = await real(self, request)
        known = await self.chat.sql.load_attachment(request.path_params["attachment_id"], self._caller(request))
        answer.headers["content-disposition"] += f'; filename="{known.name}"'
        return answer

    return instead


def at_start(statement: str) -> Any:
    """When the server starts, this is done to what an earlier one has kept."""

    def wrap(real: Method) -> Method:
        def instead(self: Any, *args: Any) -> None:
            real(self, *args)
            self._here.exec_driver_sql(statement)

        return instead

    return around(Sqlite, "__init__", wrap)


def mangled(real: Invoke) -> Invoke:
    """The letters in a tool's arguments are taken for Latin-1: only ASCII comes through."""

    async def instead(context: Any, arguments: str) -> Any:
        given = json.loads(arguments or "{}")
        read = {
            name: value.encode(errors="replace").decode("latin-1") if isinstance(value, str) else value
            for name, value in given.items()
        }
        return await real(context, json.dumps(read))

    return instead


def split_lines(chunk: Event, stream: dict[str, Any]) -> Event | None:
    """A chunk whose text holds one of Unicode's other line ends is read as two broken lines, and left out."""
    for choice in chunk.get("choices") or []:
        if _SPLITS.search(str((choice.get("delta") or {}).get("content") or "")):
            return None
    return chunk


def text_beats_call(chunk: Event, stream: dict[str, Any]) -> Event | None:
    """Of a chunk with words and calls the words are taken."""
    for choice in chunk.get("choices") or []:
        delta = choice.get("delta") or {}
        if delta.get("content") and "extra_content" not in delta:
            delta.pop("tool_calls", None)
    return chunk


send_first_file = _message(_first_file)


def _first_line(item: Any, newest: bool) -> Any:
    quoted = item.quoted_text and item.quoted_text.splitlines()[0]
    return item.model_copy(update={"quoted_text": quoted})


def _one_of_a_name(item: Any, newest: bool) -> Any:
    first: dict[str, UserMessageTagContent] = {}
    parts = [
        first.setdefault(part.text, part) if isinstance(part, UserMessageTagContent) else part for part in item.content
    ]
    return item.model_copy(update={"content": parts})


take_namesakes_for_one = _message(_one_of_a_name)
send_first_line = _message(_first_line)
send_file_or_quotation = _message(_file_or_quotation)
tell_bare_tags = _message(_bare_tags)
strip_markup = _message(_without_markup)
call_jpeg = Upstream(request=as_jpeg)
name_in_latin = around(Web, "download", in_latin)
drop_files = at_start(_DROP_FILES)
drop_quotations = at_start(_DROP_QUOTATIONS)
mangle_letters = tool("*", mangled)
split_at_line_ends = Upstream(chunk=split_lines)
take_words_alone = Upstream(chunk=text_beats_call)
