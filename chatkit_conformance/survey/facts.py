"""What a survey has found, each with the place where it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..target.target import Auth

Language = Literal["Python", "Node", ".NET"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One thing that the project's files say. `place` is `file:line`, from the folder that was looked at."""

    value: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How the server is started: the words of the command, in `cwd`, a folder from the one that was looked at."""

    command: tuple[str, ...]
    place: str
    cwd: str = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a request says whose it is.

    Args:
        auth: as a target file has it. cookie, header: where the token stands, "" for `Authorization: Bearer`.
        secret: the environment variable with which tokens are signed, or "".
    """

    auth: Auth
    place: str = ""
    cookie: str = ""
    header: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was found of one server.

    Args:
        start: None where nothing that starts it was found. path: of the ChatKit endpoint.
        base_urls: environment variables that hold the address of its model. fixed_url: an address that none changes.
        settings: other variables without which it does not run. port_fixed: a port that no variable changes.
        health: a path that tells whether it is up. tools: their names, as the model knows them.
    """

    language: Language
    start: Start | None = None
    path: Sighting | None = None
    base_urls: tuple[Sighting, ...] = ()
    fixed_url: Sighting | None = None
    settings: tuple[Sighting, ...] = ()
    port_fixed: Sighting | None = None
    health: Sighting | None = None
    sign_in: SignIn = field(default_factory=lambda: SignIn(auth="none"))
    tools: tuple[Sighting, ...] = ()
