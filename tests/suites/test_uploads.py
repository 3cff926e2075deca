"""Files whose bytes never came: nothing is said of what the model knows of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatkit_conformance.check import CHECKS, Untestable
from chatkit_conformance.judging.catalogue import load_suites
from suites.invariants.uploads import uploads
from tests.suites.breaks_files import files

load_suites()


def test_a_file_that_was_never_uploaded_has_no_words() -> None:
    """Its registration is not taken for its bytes, and no check asks the model for them."""
    whole = files()
    unsent = replace(whole, replies=tuple(r for r in whole.replies if r.label != "one-upload"))
    assert uploads(whole)["one"].words
    assert not uploads(unsent)["one"].taken
    assert not uploads(unsent)["one"].words
    with pytest.raises(Untestable):
        list(CHECKS["attachments.reaches-model"].judge(unsent))
