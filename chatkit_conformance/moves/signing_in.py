"""Signing in again: a user's requests carry another token from then on, and what is theirs stays theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..target.target import Target, User


def sign_in_again(visited: dict[str, User], target: Target, user: str) -> None:
    """Give a user that nobody named another token. Who has fixed credentials, or none, keeps them.

    Args:
        visited: the users of a conversation that nobody named, by name. The first token is kept there beside the new
            one: what is visited is scrubbed from all that is written.
    """
    known, found = visited.get(user), target.visitor(user, renewed=True)
    if known is not None and found is not None:
        visited.update({user: found, f"{user}, before": known})
