"""Hold a ChatKit Store to the Store contract, without a class to write.

  chatkit-conformance store mypackage.stores:MyStore --context '{"user_id": "{user}"}'

STORE is what makes a store when it is called: a class, or a function. The context is a JSON object, which the store may
read by key or by attribute, or `module:function` that makes one of a user's name. The report, JUnit's XML and a test
file to start from are written to --out.
"""

from __future__ import annotations

import argparse
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
    without = [*options.without, *(["users"] if options.one_user else [])]
    attributes = [
        *(THOROUGH if options.thorough else ()),
        *([f"strict={options.strict}"] if options.strict else []),
        *([f"deadline_s={options.deadline}"] if options.deadline else []),
        *([f"known_failures={dict(entry.partition('=')[::2] for entry in options.known)!r}"] if options.known else []),
        *(["one_user=True"] if options.one_user else []),
        f"capabilities=Capabilities({', '.join(f'{name}=False' for name in without)})",
    ]
    try:
        from ..store.capabilities import Capabilities

        Capabilities(**dict.fromkeys(without, False))
        contract_from(options.store, options.context, one_user=options.one_user)
    except (CannotMake, TypeError) as error:
        raise ConfigError(str(error)) from error
    say(f"Holding {options.store} to the Store contract; the report goes to {options.out}.")
    report = run_contract(options.store, options.context, attributes, options.out, say)
    say(report.verdict)
    say(str(options.out / "report.html"))
    return 0 if report.conforms and not (options.strict and report.of("failed")) else 1
