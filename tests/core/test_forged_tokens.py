"""A forged token is refused for its signature alone: all else about it is as in a good one."""

from __future__ import annotations

import jwt
import pytest

from chatkit_conformance.target.bad_tokens import bad_headers
from chatkit_conformance.target.credentials import mint

SECRET = "a secret of these tests that is as long as it has to be"


@pytest.mark.parametrize("n", range(8))
def test_a_forged_token_can_be_read_and_not_verified(n: int) -> None:
    """Who does not look at the signature takes it: a server that verifies nothing is not saved by spelling."""
    headers = bad_headers("forged", {"authorization": f"Bearer {mint(f'ann-{n}', SECRET)}"}, user="", secret="")
    assert headers is not None
    token = headers["authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == f"user-ann-{n}"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, SECRET, algorithms=["HS256"])
