"""Hold a ChatKit Store to the Store contract, without a class to write.

  chatkit-conformance store mypackage.stores:MyStore --context '{"user_id": "{user}"}'

STORE is what makes a store when it is called: a class, or a function. The context is a JSON object, which the store may
read by key or by attribute, or `module:function` that makes one of a user's name. The report, JUnit's XML and a test
file to start from are written to --out.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from ..target.config_error import ConfigError
from ..visible import say

THOROUGH = ("examples=1_000", "budget_s=120.0", "deadline_s=600.0")
"""What `--thorough` gives to each generated test."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("store", metavar="MODULE:STORE", help="what makes a store when it is called")
    parser.add_argument(
        "--context", default='{"user_id": "{user}"}', metavar="JSON", help="the context of a user, or MODULE:FUNCTION"
    )
    parser.add_argument("--without", action="append", default=[], metavar="CAPABILITY", help="what it does not claim")
    parser.add_argument("--one-user", action="store_true", help="the store is for one user: --without users")
    parser.add_argument("--strict", action="store_true", help="fail also if a SHOULD does not hold")
    parser.add_argument("--thorough", action="store_true", help="ten times the examples, and the time for them")
    parser.add_argument("--deadline", type=float, metavar="SECONDS", help="after which one test calls the store hung")
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="known failures, as for `run`: ids are rules")
    parser.add_argument("--known", action="append", default=[], metavar="RULE=REASON", help="a known failure")
    parser.add_argument("--out", type=Path, default=Path("chatkit-store-report"), metavar="DIR", help="of the report")


def run(options: argparse.Namespace) -> int:
    """Run the contract; 0 when the store conforms, 1 when it does not."""
    sys.path.insert(0, str(Path.cwd()))
    try:
        from ..store.given import CannotMake, contract_from
        from ..store.store_run import run_contract
    except ModuleNotFoundError as error:
        raise ConfigError(str(error)) from error
    known = _known(options)
    without = [*options.without, *(["users"] if options.one_user else [])]
    attributes = [
        *(THOROUGH if options.thorough else ()),
        *([f"strict={options.strict}"] if options.strict else []),
        *([f"deadline_s={options.deadline}"] if options.deadline else []),
        *([f"known_failures={known!r}"] if known else []),
        *(["one_user=True"] if options.one_user else []),
        f"capabilities=Capabilities({', '.join(f'{name}=False' for name in without)})",
    ]
    try:
        from ..store.capabilities import Capabilities

        Capabilities(**dict.fromkeys(without, False))
        deadline = {"deadline_s": options.deadline} if options.deadline else {}
        contract_from(options.store, options.context, one_user=options.one_user, **deadline)
    except (CannotMake, TypeError) as error:
        raise ConfigError(str(error)) from error
    say(f"Holding {options.store} to the Store contract; the report goes to {options.out}.")
    report = run_contract(options.store, options.context, attributes, options.out, say)
    say(report.verdict)
    say(report.sc_005)
    say(str(options.out / "report.html"))
    held = report.as_known if known else report.conforms
    return 0 if held and not (options.strict and report.of("failed")) else 1


def _known(options: argparse.Namespace) -> dict[str, str]:
    """The known failures: those of the file, then those of the command line. Raises ConfigError for one of no rule."""
    from ..baseline.file import read_baseline
    from ..store.contract import CONTRACT_TESTS
    from ..store.known import FLAKY, rules_named
    from ..store.rules import RULES

    known: dict[str, str] = {}
    for entry in read_baseline(options.baseline) if options.baseline else ():
        named = rules_named(entry.id, CONTRACT_TESTS)
        if not named:
            near = difflib.get_close_matches(entry.id, RULES, n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ConfigError(f"{options.baseline}:{entry.line}: {entry.id!r} is no rule of the Store contract.{hint}")
        if entry.active({}):
            reason = f"{FLAKY} {entry.reason}" if entry.flaky else entry.reason
            known |= dict.fromkeys(named, f"{reason} ({entry.link})" if entry.link else reason)
    return known | dict(entry.partition("=")[::2] for entry in options.known)
