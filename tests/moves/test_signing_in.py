"""A user who signs in again is the same user with another token, and both tokens stay secret."""

from __future__ import annotations

from chatkit_conformance.moves.signing_in import sign_in_again
from chatkit_conformance.target.credentials import mint, subject_of
from chatkit_conformance.target.target import Target, User

SECRET = "a secret that is long enough for HS256"
A = User(name="a", headers={"authorization": f"Bearer {mint('a', SECRET)}"})


def test_the_same_user_has_another_token() -> None:
    """The new token names the user whom the old one named, and the old one is still known, to be scrubbed."""
    target = Target(url="http://127.0.0.1:1", users={"a": A}, jwt_secret=SECRET)
    first = target.visitor("ann")
    assert first is not None
    visited = {"ann": first}
    sign_in_again(visited, target, "ann")
    assert visited["ann"].sent() != first.sent()
    assert subject_of(visited["ann"].sent()) == subject_of(first.sent()) == "user-ann"
    assert first in visited.values()


def test_fixed_credentials_stay() -> None:
    """A user whom the target file names has the credentials that it gives, and no others."""
    target = Target(url="http://127.0.0.1:1", users={"a": A}, jwt_secret=SECRET)
    visited: dict[str, User] = {}
    sign_in_again(visited, target, "a")
    assert visited == {}
