"""The baseline: known failures of a target, each with its reason. They still run, and go stale loudly."""

from .compare import Baseline
from .entry import Entry
from .file import read_baseline, write_baseline

__all__ = ["Baseline", "Entry", "read_baseline", "write_baseline"]
