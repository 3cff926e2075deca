"""Locust's entry: classes of users, the shape, and what happens when a worker starts and stops.

Locust loads this file by its path and gives it a top-level name; everything else of this room is imported as
`chatkit_conformance.load`. The plan comes in a file named by the environment, or from the master on another machine.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from chatkit_conformance.load_analysis.people import weights_of
from chatkit_conformance.load_analysis.place import PACKAGE, as_package
from chatkit_conformance.load_analysis.plan import ENVIRONMENT, read_plan

as_package()
_users = importlib.import_module(f"{PACKAGE}.users")
_worker = importlib.import_module(f"{PACKAGE}.worker")
_shape = importlib.import_module(f"{PACKAGE}.shape")

_file = os.environ.get(ENVIRONMENT)
PLAN = read_plan(Path(_file).read_text(encoding="utf-8")) if _file else None
_worker.listen(PLAN)

if PLAN is None or PLAN.loop == "closed":
    globals().update(_users.people(dict(PLAN.people) if PLAN else weights_of("")))
if PLAN is None or PLAN.loop == "open":
    Dispatcher = _users.Dispatcher
if PLAN is not None:
    Shape = _shape.shape(PLAN)
