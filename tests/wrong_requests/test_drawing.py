"""Wrong requests: drawn from the schema, the same with each seed, every field in every way, shrunk to one change."""

from __future__ import annotations

import gzip
import json

import pytest

from chatkit_conformance.wire.schema import problems_of_request
from chatkit_conformance.wrong_requests.drawing import cells, corpus, drawn
from chatkit_conformance.wrong_requests.kinds import FIELD_GROUPS, VALUES, WHOLE
from chatkit_conformance.wrong_requests.sample import Ids, places, request_types, sample
from chatkit_conformance.wrong_requests.wrong_request import Flaw, Prepared, WrongRequest

NOWHERE = Ids()


def prepared(type: str, *changes: Flaw, full: bool = True) -> Prepared:
    """The bytes of a request with these changes."""
    return WrongRequest(type=type, full=full, flaws=changes).prepared(NOWHERE)


def changed(type: str, group: str, kind: str, *place: str | int) -> bytes:
    """The body of a request with one field spoilt."""
    return prepared(type, Flaw(group=group, kind=kind, place=place)).body


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("type", request_types())
def test_what_is_spoilt_was_right_before(type: str, full: bool) -> None:
    """Each of the sixteen samples is a request that the schema allows, with all its fields and with the least."""
    assert problems_of_request(sample(type, full=full, ids=NOWHERE)) == []


def test_there_are_sixteen_types() -> None:
    """The sixteen request types of the wire, and no other."""
    assert len(request_types()) == 16


def test_every_field_meets_every_group() -> None:
    """The first requests of a thorough run spoil each field of each request in each group, and each whole request."""
    met = {
        (request.type, flaw.place, flaw.group) for request in list(drawn(seed=0, number=2000)) for flaw in request.flaws
    }
    assert set(cells()) <= met
    fields = [(type, place) for type in request_types() for place in places(sample(type, full=True, ids=NOWHERE))]
    assert len(set(cells())) == len(fields) * len(FIELD_GROUPS) + 16 * len(WHOLE)


def test_a_seed_draws_the_same_requests_and_another_seed_others() -> None:
    """What was found once is found again; the corpus comes first with every seed."""
    one, again, other = (list(drawn(seed=seed, number=300)) for seed in (7, 7, 8))
    assert one == again != other
    assert one[: len(corpus())] == other[: len(corpus())] == list(corpus())
    assert len(one) == 300


def test_every_request_is_changed() -> None:
    """What a change spoils is there to be spoilt; only a value of another kind may be the one that was there."""
    for request in drawn(seed=3, number=2000):
        right = json.dumps(sample(request.type, full=request.full, ids=NOWHERE), separators=(",", ":")).encode()
        made = request.prepared(NOWHERE)
        other = {flaw.group for flaw in request.flaws} != {"another kind"}
        assert made.body != right or made.headers or made.pieces or not other, request


@pytest.mark.parametrize("kind", VALUES["no JSON"])
def test_what_is_no_json_reaches_the_wire_as_it_stands(kind: str) -> None:
    """NaN, bare words and numbers beyond all stand in the body without quotes."""
    body = changed("threads.list", "no JSON", kind, "params", "limit")
    assert f'"limit":{VALUES["no JSON"][kind]}'.encode() in body
    assert b"@@" not in body


def test_fields_go_missing_come_twice_and_beside_strangers() -> None:
    """A field is left out, written twice with another value first, or has strange neighbours."""
    assert b"limit" not in changed("threads.list", "missing", "", "params", "limit")
    assert b'"limit":null' in changed("threads.list", "there twice", "", "params", "limit")
    assert changed("threads.list", "there twice", "", "params", "limit").count(b'"limit":') == 2
    assert b'"__proto__"' in changed("threads.list", "beside fields that nobody knows", "", "params", "limit")
    assert changed("items.feedback", "there twice", "", "params", "item_ids", 0).count(b"item_nowhere") == 2


def test_a_whole_request_is_packed_cut_spelled_and_sent_otherwise() -> None:
    """Encodings, compressions, media types and pieces are those of the table."""
    packed = prepared("threads.list", Flaw(group="packed", kind="gzip"))
    assert packed.headers == {"content-encoding": "gzip"}
    assert json.loads(gzip.decompress(packed.body))["type"] == "threads.list"
    spelled = prepared("threads.list", Flaw(group="in another encoding", kind="UTF-16 with its mark"))
    assert json.loads(spelled.body.decode("utf-16"))["type"] == "threads.list"
    assert prepared("threads.list", Flaw(group="in pieces", kind="seven pieces, the length unsaid")).pieces == 7
    assert prepared("threads.list", Flaw(group="cut or more than one", kind="empty")).body == b""
    typed = prepared("threads.list", Flaw(group="as another type", kind="text/plain"))
    assert typed.headers == {"content-type": "text/plain"}


def test_each_kind_can_be_sent() -> None:
    """Every row of both tables makes bytes of at most a megabyte."""
    for group, kinds in VALUES.items():
        for kind in kinds:
            assert len(changed("threads.update", group, kind, "params", "title")) < 1_000_000
    for group, ways in WHOLE.items():
        for kind in ways:
            assert len(prepared("threads.create", Flaw(group=group, kind=kind)).body) < 1_000_000


def test_several_changes_shrink_to_each_alone() -> None:
    """A request with three changes has three smaller ones, and one with a single change has none."""
    changes = tuple(Flaw(group="missing", place=("params", name)) for name in ("limit", "order", "after"))
    whole = WrongRequest(type="threads.list", flaws=changes)
    assert [one.flaws for one in whole.smaller()] == [(flaw,) for flaw in changes]
    assert whole.smaller()[0].smaller() == ()
    assert (
        whole.words == "threads.list with `params.limit` missing and `params.order` missing and `params.after` missing"
    )


def test_the_corpus_is_of_single_changes_and_survives_being_written() -> None:
    """What once broke a server is one change each, and its JSON reads back the same."""
    assert all(len(request.flaws) == 1 for request in corpus())
    assert len(set(corpus())) == len(corpus())
    assert [WrongRequest.from_json(request.to_json()) for request in corpus()] == list(corpus())


def test_a_corpus_of_unknown_kinds_is_refused() -> None:
    """A row that no table has is an error, not silence."""
    row = {"type": "threads.list", "full": True, "own": False}
    for flaw in (
        {"group": "nonsense", "kind": "", "place": ["params"]},
        {"group": "packed", "kind": "x", "place": []},
    ):
        with pytest.raises(KeyError):
            WrongRequest.from_json({**row, "flaws": [flaw]})


def test_a_request_about_a_thread_that_is_there_names_it() -> None:
    """The ids of a thread that the server has are used only where the request is about it."""
    own = Ids(thread_id="thr_1", item_id="msg_1")
    about = WrongRequest(type="items.feedback", own=True)
    assert json.loads(about.prepared(own).body)["params"]["item_ids"] == ["msg_1"]
    assert b"thr_1" not in WrongRequest(type="items.feedback").prepared(own).body
