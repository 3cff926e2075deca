"""Judging what was recorded: a stream, a browser's HAR, or the transcripts of a run."""

from .evidence import Linted, lint
from .recording import Recording, read_recording

__all__ = ["Linted", "Recording", "lint", "read_recording"]
