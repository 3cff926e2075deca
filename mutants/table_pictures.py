"""The mutants that take one picture for another, or half of one for all of it."""

from __future__ import annotations

from . import picture_lies as lie
from .mutant import Mutant, Patch


def _row(name: str, says: str, change: Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named)


PICTURES = (
    _row(
        "pictures-by-name",
        "A user's pictures of one name have the bytes of the first.",
        lie.keep_by_name,
        "gemini.pictures-not-confused",
    ),
    _row(
        "pictures-by-size",
        "A user's pictures of one type and size have the bytes of the first.",
        lie.keep_by_size,
        "security.threads-isolated",
    ),
    _row(
        "pictures-over-users",
        "Pictures of one name and size have the bytes of the first, whoever sent it.",
        lie.keep_over_users,
        "security.threads-isolated",
    ),
    _row(
        "half-upload-kept",
        "What has come of an upload that breaks off is the file.",
        lie.keep_half,
        "attachments.half-not-told",
    ),
    _row(
        "upload-address-spent",
        "An address for uploads is spent by a line that breaks.",
        lie.spend_addresses,
        "attachments.upload-mended",
    ),
    _row(
        "first-upload-kept",
        "Of two uploads to one address the first is kept, and the second one said to be taken.",
        lie.keep_first_upload,
        "attachments.last-upload-counts",
    ),
)
