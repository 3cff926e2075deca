"""The scene of a message that was refused and is sent once more, corrected: with the picture that it carried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..wrong_requests.by_hand import message
from ..wrong_requests.sample import Ids
from .files import register
from .marks import mark
from .move import MoveKind
from .picture import picture
from .reading import WITH
from .scripted_turn import plainly

if TYPE_CHECKING:
    from .act import Act

NO_MODEL = "nowhere-{1}"
"""A model that there is not."""


async def _send_corrected(act: Act) -> None:
    """A picture is sent to a thread that there is not, and with a model that there is not; then as it should be."""
    talk, user = act.talk, act.person.user
    content = picture(mark(talk.new_nonce(), "file"))
    id = await register(talk, "image.png", content, "image/png", label=act.label("file"), user=user)
    talk.require(id, "the server did not register the picture")
    act.person.files.append(id)
    carrying: dict[str, Any] = {**message("What is this?"), "attachments": [id]}
    asked = {
        "threads.add_user_message": {"thread_id": Ids().thread_id, "input": carrying},
        "threads.create": {"input": {**carrying, "inference_options": {"model": NO_MODEL}}},
    }
    refused = False
    for type, params in asked.items():
        made = await talk.ask(type, params, label=act.label(type.partition(".")[2]), user=user, wrong=True)
        if made.accepted and made.thread_id:  # it takes any model, or the usual one in its place
            await talk.ask("threads.delete", {"thread_id": made.thread_id}, label=act.label("spent"), user=user)
            talk.require(False, "the server takes a message with a model that there is not")
        refused = refused or made.refused
    talk.require(refused, "no wrong message was refused")
    await act.turn(act.thread, plainly(act.n), files=[id], suffix="corrected")


CORRECTED_SCENE = MoveKind(
    name="send-corrected",
    does="user {user} sends a picture in thread {thread} once a message with it was refused",
    play=_send_corrected,
    args=WITH,
    needs=("attachments",),
    wants=("thread",),
    makes=("turn",),
)
"""The kind."""
