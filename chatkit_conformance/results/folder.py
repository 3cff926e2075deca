"""What a run leaves behind, as files: results.jsonl while it runs, results.json at its end, a file per transcript.

Everything goes through the run's secrets on its way out. Each file is written whole beside its place and then moved
there, so that a cut run leaves no half file.
"""

from __future__ import annotations

import json
from pathlib import Path

from ..target.secret import Secrets
from ..target.split import without_split
from ..transcript import Transcript, pieces
from .junit import junit
from .last_failed import note_failed
from .model import CheckResult, RunResults
from .sarif import sarif
from .writing import writable, write_pieces, write_whole, writing_to

LEFT = (
    "results.json",
    "results.jsonl",
    "target.log",
    "junit.xml",
    "report.html",
    "summary.md",
    "badge.json",
    "results.sarif",
)
"""Files of an earlier run that must not be taken for this one's."""


def transcript_name(exchange: str, dialect: str) -> str:
    """The file name of a transcript."""
    return f"{exchange}--{dialect}.json" if dialect else f"{exchange}.json"


class Folder:
    """The `--out` folder of one run.

    Args:
        path: the folder. clean: whether what an earlier run left in it is removed.
    """

    def __init__(self, path: Path, *, clean: bool = True) -> None:
        self.path = path
        self.secrets = Secrets()
        self._clean = clean
        self._prepared = False

    def prepare(self) -> None:
        """Make the folder. Once. Raises CannotWrite where it cannot be made, or nothing be written there."""
        if self._prepared:
            return
        writable(self.path / "transcripts")
        if self._clean:
            with writing_to(self.path):
                for old in (*self.path.glob("transcripts/*.json"), *(self.path / name for name in LEFT)):
                    old.unlink(missing_ok=True)
        self._prepared = True

    def add_result(self, result: CheckResult) -> None:
        """Append one result to results.jsonl. Raises CannotWrite, as each that writes here."""
        self.prepare()
        line = self.secrets.scrub(json.dumps(result.to_json()))
        path = self.path / "results.jsonl"
        with writing_to(path), path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def add_transcript(self, transcript: Transcript) -> None:
        """Write one transcript."""
        self.prepare()
        name = transcript_name(transcript.exchange, transcript.dialect)
        marked = without_split(transcript, self.secrets)
        write_pieces(self.path / "transcripts" / name, (self.secrets.scrub(piece) for piece in pieces(marked)))

    def add_log(self, text: str) -> None:
        """Write what the started server printed."""
        self.prepare()
        self._write(self.path / "target.log", text)

    def finish(self, run: RunResults) -> Path:
        """Write results.json, results.sarif and junit.xml, and note what failed; returns the path of the first."""
        self.prepare()
        self._write(self.path / "results.json", json.dumps(run.to_json(), indent=1))
        self._write(self.path / "results.sarif", json.dumps(sarif(run), indent=1))
        self._write(self.path / "junit.xml", junit(run))
        note_failed(self.path, run.results)
        return self.path / "results.json"

    def _write(self, path: Path, text: str) -> None:
        write_whole(path, self.secrets.scrub(text))
