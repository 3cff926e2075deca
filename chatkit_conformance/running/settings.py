"""What one judging session is to do, from the command line's options or from pytest's."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..baseline import Baseline, read_baseline
from ..check import Check
from ..direction import RealModel
from ..exchange import Exchange
from ..judging.catalogue import exchanges, exchanges_fitting
from ..target.config_error import ConfigError
from ..target.own_machine import strange_host
from ..target.sendable import unsendable
from ..target.target import UNDIRECTED, Target, User, endpoint
from ..target.through import refuse_strange_front, with_front
from .asking import BUDGET, PER_MINUTE, Asking, affordable

if TYPE_CHECKING:
    import pytest

    from ..results.model import CriterionResult
    from .rounds import Rounds


PORT = 9001
"""A port that is named where somebody has to choose one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one judging session is to do.

    Args:
        target: the server. out: where the report goes. only: ids of the checks to judge, empty for all.
        first: ids of those that are held and judged before the others.
        baseline: failures that are known. strict: whether a warned check counts as a finding, too.
        dialect: see `plan_for`. deadline_s: seconds for the whole run, None: see `RunPlan`. seed: makes the nonces.
        patience: what all other deadlines are multiplied with. side_by_side: conversations at once, None: as the server
            takes.
        thorough: whether exchanges are held, too, that take minutes. exchange: only exchanges whose name fits one of
            these globs. instead: exchanges that are held in place of the suites'.
        budget: requests to the model at most, where it plays no script. per_minute: messages a minute that ask it.
        keep: whether threads that such a run made are left there. host: the host of its URL, named once more.
        real: makes the real model, which the server's requests are passed on to where its upstream is live.
        audited: what an audit of the server's source says of success criteria.
        as_of: the day for retirements of models; no verdict hangs on it.
        rounds: where it is held as one of several sessions, one after the other; None: it is the only one.
    """

    target: Target
    out: Path = Path("chatkit-report")
    only: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    baseline: Baseline = field(default_factory=Baseline)
    strict: bool = False
    dialect: str = ""
    deadline_s: float | None = None
    patience: float = 1.0
    side_by_side: int | None = None
    audited: tuple[CriterionResult, ...] = ()
    as_of: date = field(default_factory=lambda: datetime.now(UTC).date())
    seed: int = field(default_factory=lambda: random.randrange(1 << 32))
    thorough: bool = False
    exchange: tuple[str, ...] = ()
    instead: tuple[Exchange, ...] = ()
    budget: int = BUDGET
    per_minute: float = PER_MINUTE
    keep: bool = False
    host: str = ""
    real: Callable[[], RealModel] | None = field(default=None, repr=False)
    rounds: Rounds | None = field(default=None, repr=False)

    @property
    def narrowed(self) -> bool:
        """Whether only some of the exchanges are held that a run holds."""
        return bool(self.exchange or self.instead)

    @property
    def asks_in_words(self) -> bool:
        """Whether the server's model plays no script, and is asked in words."""
        return self.target.upstream == "none" or (self.target.upstream == "live" and self.real is not None)

    def refuse_strangers(self) -> None:
        """Raise ConfigError where the run would ask on another machine that was not named twice."""
        target = self.target
        refuse_strange_front(target, self.host)
        if target.url and self.asks_in_words and (host := strange_host(target.url, [self.host])):
            raise ConfigError(
                f"{host} is not this machine, and this run asks its model, which costs somebody money. If it is "
                f"yours, name it twice: --url {target.url} --host {host} (pytest: --chatkit-host {host})"
            )

    def refuse_unseen_model(self) -> None:
        """Raise ConfigError where a server that runs already is to ask the real model through us, at no known port."""
        target = self.target
        if self.real is not None and target.upstream == "live" and target.url and not target.standin_port:
            raise ConfigError(
                "the server's requests to Gemini have to come through this run, and it was not said at which port. "
                f"Start the server with GEMINI_BASE_URL=http://127.0.0.1:{PORT}/v1beta/openai/, and give "
                f"--url {target.url} --standin-port {PORT}; in a target file, port = {PORT} under [upstream]."
            )

    def asking(self, wanted: Iterable[Check]) -> Asking | None:
        """What the run asks of a model that plays no script, for these checks; None where it plays one."""
        if not self.asks_in_words:
            return None
        planned, left_out = affordable(
            self.exchanges(),
            wanted,
            lacking=(*UNDIRECTED[self.target.upstream], *self.target.lacking),
            most=self.budget,
            two_users="b" in self.target.users or bool(self.target.command and self.target.auth == "bearer"),
            started=bool(self.target.command),
        )
        return Asking(most=self.budget, planned=planned, per_minute=self.per_minute, keep=self.keep, left_out=left_out)

    def exchanges(self) -> dict[str, Exchange]:
        """Every exchange that may be held. Raises LookupError where a glob fits none."""
        known = {e.name: e for e in self.instead} or exchanges(thorough=self.thorough)
        names = exchanges_fitting(self.exchange, known) if self.exchange else set(known)
        return {name: exchange for name, exchange in known.items() if name in names}


def settings_of(config: pytest.Config) -> Settings:
    """The settings that pytest's own options ask for.

    Raises:
        ConfigError: the target file or an option is wrong.
    """
    options = config.option
    target = target_of(
        file=options.chatkit_target,
        url=options.chatkit_url,
        command=_app(options),
        headers=options.chatkit_header,
        standin_port=options.chatkit_standin_port,
    )
    return Settings(
        target=target,
        out=Path(options.chatkit_out),
        baseline=baseline_of(options.chatkit_baseline),
        strict=options.chatkit_strict,
        deadline_s=options.chatkit_deadline,
        patience=options.chatkit_patience,
        side_by_side=options.chatkit_side_by_side,
        host=options.chatkit_host,
        budget=options.chatkit_budget,
    )


def _app(options: Any) -> tuple[str, ...]:
    if not options.chatkit_app:
        return ()
    from .asgi import command

    return command(options.chatkit_app, options.chatkit_path)


def baseline_of(file: str | Path | None) -> Baseline:
    """The baseline of this file, or an empty one. Raises ConfigError where it is malformed."""
    if not file:
        return Baseline()
    from ..results.versions import versions

    return Baseline(entries=read_baseline(Path(file)), source=str(file), versions=versions())


def target_of(
    *,
    file: str | None = None,
    url: str | None = None,
    command: Sequence[str] = (),
    path: str = "",
    headers: Sequence[str] = (),
    headers_b: Sequence[str] = (),
    standin_port: int | None = None,
    through: str = "",
    port: int | None = None,
    environ: Mapping[str, str] | None = None,
) -> Target:
    """The target that these options name together.

    A file gives what the others do not; a URL or a command takes the place of the file's own. A bare URL whose
    server was not pointed at a stand-in has a model that cannot be directed. The path is that of a started command.

    Raises:
        ConfigError: neither is given, or one is wrong.
    """
    target = _read(Path(file), environ, named=bool(url or command)) if file else Target()
    if url and command:
        raise ConfigError("--url and -- COMMAND both name a target; give one of them.")
    if url:
        target = replace(target, url=endpoint(url), command=())
        if not file and not standin_port:
            target = replace(target, upstream="none")
        target = replace(target, through="", port=0)
    elif command:
        target = replace(target, url="", command=tuple(command))
    if not target.url and not target.command:
        raise ConfigError(
            "no target: give --url http://HOST:PORT/PATH, --target chatkit-target.toml, or -- COMMAND that starts it. "
            "To have it found in this folder's files, type: chatkit-conformance init"
        )
    if path and (not path.startswith("/") or not target.command):
        raise ConfigError(f"--path {path}: it is a started command's, such as /api/chat; a URL has its own.")
    if path:
        target = replace(target, path=path)
    target = with_front(target, through, port)
    if standin_port:
        target = replace(target, standin_port=standin_port, upstream="stand-in")
    around = os.environ if environ is None else environ
    known = {name: around.get(variable, "") for name, variable in HEADER.items()} if target.url else {}
    users = {
        name: _user(name, given or filter(None, (known.get(name),)))
        for name, given in (("a", headers), ("b", headers_b))
    }
    return replace(target, users={**target.users, **{name: user for name, user in users.items() if user}})


HEADER = {"a": "CHATKIT_HEADER", "b": "CHATKIT_HEADER_B"}
"""Environment variables that hold a user's header, so that no credential stands on a command line."""


def _read(file: Path, environ: Mapping[str, str] | None, *, named: bool) -> Target:
    from ..target.file import read_target

    return read_target(file, environ, named=named)


def _user(name: str, headers: Iterable[str]) -> User | None:
    """The user whom these lines `NAME: VALUE` sign in, or None without any."""
    sent: dict[str, str] = {}
    option = "--header" if name == "a" else f"--header-{name}"
    for header in headers:
        key, colon, value = header.partition(":")
        if not colon or not key.strip():
            raise ConfigError(f"{option} was given no NAME: VALUE; write {option} 'Authorization: Bearer ...'.")
        sent[key.strip()] = value.strip()
    if why := unsendable(sent):
        raise ConfigError(f"{option}: {why}; write {option} 'Authorization: Bearer ...'.")
    return User(name=name, headers=sent) if sent else None
