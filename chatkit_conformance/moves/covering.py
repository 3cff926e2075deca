"""Conversations that together cover what can happen, in as few moves as a greedy choice finds.

Both are the same for the same seed:

    pairs    every ordered pair of kinds of move, one right after the other; the faults in them are of those below
    faults   every fault of the model at each of its moments, the places in turn; or the full product of the three
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .faults import FAULTS
from .faulty import FAULT, cell_of, of_cell
from .impostors import IMPOSTOR
from .leaving import MANY
from .model_fault import ModelFault
from .move import Move, MoveKind
from .places import PLACES, Cell, can_be, cells
from .planning import foresee, impossible
from .state import State
from .table import KINDS
from .talking import GROWN
from .task_calls import BULK, NOT_THEIRS
from .tools import THEIRS
from .wrongly import WRONGLY

PEOPLE = 2
"""Users of a generated conversation."""

LENGTH = 28
"""Moves of a conversation of pairs: short enough to read, long enough that beginning anew costs little."""

CELLS = 12
"""Faults of one conversation."""

HEAVY = ("endless-text", "huge-chunk", "gzip-bomb")
"""Faults that may cost a server seconds of its processor, and all that it answers meanwhile: held alone, and thoroughly
only. Their bytes go into the thread's history, so each has a thread of its own."""

SOUND_BEFORE = ("later-turn",)
"""Places before which a good turn comes. A retry is of what failed as well as of what did not."""

QUICK: Mapping[tuple[str, str], tuple[object, ...]] = {
    ("leave", "times"): (1,),
    ("read", "by"): (None, 7, 3),
    ("fault", "fault"): tuple(f.name for f in FAULTS.values() if not f.keys.get("max_s") and f.name not in HEAVY),
}
"""Values that arguments have in conversations of pairs, where not all: those that take no time of their own."""

BESIDE = ("grow", "crowd")
"""Kinds that have a conversation of their own: they take as long as all others together."""

WRITTEN = (IMPOSTOR.name, WRONGLY.name)
"""Kinds that exchanges of their own hold in every run, value by value."""

CANDIDATES = 12
"""Moves that are drawn for a place, of which the one is taken whose values were used least."""

WHERE = ("user", "thread")
"""Arguments that say who acts and where: not what is done."""

Pair = tuple[str, str]
Used = Counter[tuple[str, str, str]]
"""How often each value of each argument was used, by kind, name and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A conversation that can be held: its moves, and what it is for, in words."""

    moves: tuple[Move, ...]
    story: str


def paired_kinds(kinds: Mapping[str, MoveKind] = KINDS) -> tuple[str, ...]:
    """The kinds of which every ordered pair is covered: those that touch nobody but the conversation's users."""
    return tuple(name for name, kind in kinds.items() if not kind.alone and name not in (*BESIDE, *WRITTEN))


def pairs_of(moves: Iterable[Move]) -> Iterator[Pair]:
    """The ordered pairs of kinds in a conversation."""
    yield from pairwise(move.kind for move in moves)


def pair_plans(
    seed: int, kinds: Mapping[str, MoveKind] = KINDS, cells: Iterable[Cell] = (), *, length: int = LENGTH
) -> list[Plan]:
    """Conversations that cover every ordered pair of kinds.

    A pair that nothing can bring about, such as a reading right after a delete of the only thread, is brought about by
    a bridge: moves in between that make what the second one wants, and then the first one again.

    Args:
        cells: what the faults in them are, as long as there are any; see `cells_in`.
        length: moves of a conversation at most.
    """
    draw = random.Random(f"pairs {seed}")
    names = paired_kinds(kinds)
    waiting = {(a, b) for a in names for b in names}
    faults = [cell for cell in cells if cell.fault in QUICK["fault", "fault"]]
    used: Used = Counter()
    plans: list[Plan] = []
    while waiting:
        walk = _Walk(draw, kinds, faults, used)
        walk.go(waiting, length)
        if not walk.gain:
            raise RuntimeError(f"no conversation brings about {sorted(waiting)[:5]}: their kinds exclude each other")
        moves = tuple(walk.moves[: walk.gain])
        plans.append(Plan(moves=moves, story=f"{len(moves)} moves: {', '.join(move.kind for move in moves)}."))
    return plans


class _Walk:
    """One conversation while it is chosen, move by move."""

    def __init__(self, draw: random.Random, kinds: Mapping[str, MoveKind], faults: list[Cell], used: Used) -> None:
        self.moves: list[Move] = []
        self.gain = 0
        """Moves up to the last one that brought about a pair that was waiting."""
        self._draw = draw
        self._kinds = kinds
        self._faults = faults
        self._used = used
        self._state = State.of([str(n) for n in range(PEOPLE)])
        for user in (0, 0, 1):
            self._add(Move(kind="begin", args={"user": user}))

    def go(self, waiting: set[Pair], length: int) -> None:
        """Add moves while they bring about pairs that are waiting, and take these out."""
        waiting -= set(pairs_of(self.moves))
        while len(self.moves) < length:
            last = self.moves[-1].kind
            wanted = sorted(b for a, b in waiting if a == last)
            move = self._first_possible(wanted, waiting) or self._bridge(waiting)
            if move is None:
                return
            self._add(move)
            if (last, move.kind) in waiting:
                waiting.discard((last, move.kind))
                self.gain = len(self.moves)
                self._used.update(values_in(move))
                if (cell := cell_of(move)) in self._faults:
                    self._faults.remove(cell)

    def _first_possible(self, wanted: Sequence[str], waiting: set[Pair]) -> Move | None:
        """A move of a wanted kind: of those that are possible, one from which much is left to do."""
        left = Counter(a for a, _ in waiting)
        for kind in sorted(wanted, key=lambda k: (-left[k], self._draw.random())):
            if (move := self._drawn(kind)) is not None:
                return move
        return None

    def _drawn(self, kind: str) -> Move | None:
        """A move of that kind that is possible; of faults, one that waits, if there is one."""
        waiting = [of_cell(cell) for cell in self._faults] if kind == FAULT.name else []
        possible = (move for move in waiting if not impossible(self._state, self._kinds[kind], move))
        found = (drawn(self._draw, self._state, self._kinds[kind], QUICK) for _ in range(CANDIDATES))
        return next(possible, None) or rarest(found, self._used)

    def _bridge(self, waiting: set[Pair]) -> Move | None:
        """A move after which a waiting pair can be brought about."""
        begins = sorted({a for a, _ in waiting})
        possible = [m for a in begins if (m := self._drawn(a)) is not None]
        if possible:
            return self._draw.choice(possible)
        return drawn(self._draw, self._state, self._kinds["begin"])  # what the rest lacks is a thread

    def _add(self, move: Move) -> None:
        foresee(self._state, self._kinds[move.kind], move)
        self.moves.append(move)


def values_in(move: Move) -> list[tuple[str, str, str]]:
    """The values of a move's arguments, by kind and name, but for who acts and where."""
    return [(move.kind, name, repr(value)) for name, value in move.args.items() if name not in WHERE]


def rarest(moves: Iterable[Move | None], used: Used) -> Move | None:
    """Of some moves, the one whose arguments have the values that were used least; the first of several."""
    return min(
        (move for move in moves if move is not None),
        key=lambda move: sum(used[value] for value in values_in(move)),
        default=None,
    )


def drawn(
    draw: random.Random,
    state: State,
    kind: MoveKind,
    only: Mapping[tuple[str, str], tuple[object, ...]] | None = None,
    *,
    tries: int = 40,
) -> Move | None:
    """A move of this kind that is possible in a state, its arguments drawn; None where `tries` draws find none.

    Args:
        only: by kind and argument, the values to draw from in place of all.
    """
    for _ in range(tries):
        args = {
            name: draw.choice(_present(name, (only or {}).get((kind.name, name), values), state))
            for name, values in kind.args.items()
        }
        move = Move(kind=kind.name, args=args)
        if not impossible(state, kind, move):
            return move
    return None


def _present(name: str, values: tuple[object, ...], state: State) -> Sequence[object]:
    """The values that can be meant in this state: users and threads that are there, first ones more often."""
    if name == "user":
        return [v for v in values if isinstance(v, int) and v < len(state.people)]
    if name == "thread":
        most = max(len(person.threads) for person in state.people)
        return [v for v in values if isinstance(v, int) and v < most] or [0]
    return values


def fault_cells(faults: Iterable[ModelFault] = FAULTS.values(), *, shift: int = 0) -> list[Cell]:
    """Each fault at each of its moments, the places in turn; of answers of a wrong shape, each shape at one moment.

    The shapes are one fault in two dozen spellings, so the moments are dealt out among them.

    Args:
        shift: how many places further each fault happens.
    """
    found: list[Cell] = []
    names = list(PLACES)
    for at, fault in enumerate((fault for fault in faults if fault.name not in HEAVY), start=shift):
        moments = fault.moments if fault.kind != "malformed" else (fault.moments[at % len(fault.moments)],)
        for n, moment in enumerate(moments):
            turned = [PLACES[names[(at + n + k) % len(names)]] for k in range(len(names))]
            place = next(place for place in turned if place.name != "title" and can_be(fault, moment, place))
            found.append(Cell(fault=fault.name, moment=moment, place=place.name))
    return found + [Cell(fault=fault, moment=moment, place="title") for fault, moment in TITLE_FAULTS]


TITLE_FAULTS = (
    ("500", "before-headers"),
    ("cut", "mid-text"),
    ("empty", "before-first-token"),
    ("400-key", "before-headers"),
)
"""Faults of a request for a title, where there is one: a server that forgives one of a kind forgives the others."""


def cells_in(plans: Iterable[Plan]) -> set[Cell]:
    """The faults that some conversations hold."""
    return {cell for plan in plans for move in plan.moves if (cell := cell_of(move)) is not None}


def remaining_cells() -> list[Cell]:
    """The rest of the full product: every fault at every moment in every place, but for the heavy ones."""
    held = set(fault_cells())
    return [cell for cell in cells() if cell not in held and cell.fault not in HEAVY]


def heavy_plans() -> list[Plan]:
    """The heavy faults, each at each of its moments, at the begin of a thread; a conversation for each fault."""
    by_fault = {
        fault: [Cell(fault=fault, moment=moment, place="first-turn") for moment in FAULTS[fault].moments]
        for fault in HEAVY
    }
    return [_broken(cells) for cells in by_fault.values()]


def long_plans() -> list[Plan]:
    """A thread that has grown beyond every window and page, and one that was left in mid-answer again and again."""
    grown = (
        Move(kind="begin"),
        Move(kind="grow", args={"items": GROWN}),
        Move(kind="use-tool", args={"role": "read"}),
        Move(kind="say"),
        Move(kind="read", args={"by": 7}),
        Move(kind="read", args={"by": 7, "order": "desc"}),
        Move(kind="read", args={"by": 0}),
    )
    crowd = (Move(kind="begin"), Move(kind="crowd"), Move(kind="crowd"), Move(kind="read"))
    left = (Move(kind="begin"), Move(kind="leave", args={"times": MANY}), Move(kind="say"), Move(kind="read"))
    return [
        Plan(moves=grown, story=f"A thread of {GROWN} items, a tool, one more message, all pages both ways."),
        Plan(moves=crowd, story="A thread in which tabs write, rename and read at once, two times."),
        Plan(moves=left, story=f"A thread that is left in mid-answer {MANY} times, then one more message."),
    ]


def task_plans() -> list[Plan]:
    """What a user's tasks go through, with completed, open and another user's ones beside the one that changes.

    The pairs hold each tool, too, but rarely where there is more than the one task that it is called for.
    """
    first, then = ("complete", "update", "complete", "create", "delete", "read"), ("create", "read")
    mine = [
        Move(kind="use-tool", args={"role": "create"}),
        Move(kind="several-tools"),
        *(Move(kind="use-tool", args={"role": role}) for role in first),
        Move(kind="create-again"),
        Move(kind="odd-task", args={"how": "left without a tag"}),
        *(
            Move(kind="odd-task", args={"how": how})
            for how in ("made with a fraction", "made with names", "made, deleted and made anew")
        ),
        Move(kind="use-tool", args={"user": 1, "role": "create", "title": THEIRS}),
        *(Move(kind="use-tool", args={"role": role}) for role in then),
        Move(kind="odd-task", args={"how": "completed, then given another title"}),
        Move(kind="use-tool", args={"role": "create"}),
        *(Move(kind="misuse-tool", args={"how": how}) for how in NOT_THEIRS),
    ]
    bulk = [
        Move(kind="bulk-tool", args={"role": role, "confirm": confirm})
        for role in BULK
        for confirm in (False, "false", None, 0)
    ]
    theirs = [Move(kind="begin", args={"user": 1}), Move(kind="use-tool", args={"user": 1, "role": "create"})]
    reads = [Move(kind="use-tool", args={"user": user, "role": "read"}) for user in (0, 1)]
    press, button = Move(kind="stranger", args={"what": "press"}), Move(kind="answer-shown")
    all_done = Move(kind="bulk-tool", args={"role": "bulk-complete", "confirm": True})
    # What anybody has confirmed, nobody else has; and what was made in a thread outlives it.
    again = Move(kind="bulk-tool", args={"user": 1, "role": BULK[0], "confirm": False})
    apart = (Move(kind="begin"), Move(kind="delete"), Move(kind="use-tool", args={"thread": 1, "role": "read"}))
    once_more = (Move(kind="use-tool", args={"role": "create"}), all_done)  # what it shows now is shown apart
    each = (Move(kind="begin"), *theirs, *mine, *bulk, press, reads[0], button, *reads)
    moves = (*each, all_done, again, *once_more, *apart)
    return [Plan(moves=moves, story="Tasks of two users: each tool, calls of unknown tasks, bulk tools without a yes.")]


def restart_plan(seed: int, kinds: Mapping[str, MoveKind] = KINDS) -> Plan:
    """Every kind of move, a restart, every kind, a kill in mid-turn, and every kind again."""
    draw = random.Random(f"restart {seed}")
    state = State.of([str(n) for n in range(PEOPLE)])
    moves: list[Move] = []

    def add(move: Move | None) -> None:
        if move is not None:
            foresee(state, kinds[move.kind], move)
            moves.append(move)

    for end in ("begin", "restart", "kill-at", "restart"):
        add(drawn(draw, state, kinds[end]))
        for user in (0, 1):
            add(Move(kind="begin", args={"user": user}))
        for name in paired_kinds(kinds):
            add(drawn(draw, state, kinds[name], QUICK))
    return Plan(
        moves=tuple(moves), story="Every kind of move before and after a restart, a kill in mid-turn, and a kill."
    )


def fault_plans(cells: Iterable[Cell], *, size: int = CELLS) -> list[Plan]:
    """Conversations that hold these cells, `size` in each, the slow ones dealt out evenly."""
    waiting = sorted(cells, key=lambda cell: (-_lasts_s(cell), list(PLACES).index(cell.place)))
    number = -(-len(waiting) // size)
    return [_broken(waiting[n::number]) for n in range(number)]


def _lasts_s(cell: Cell) -> float:
    """Seconds that the fault alone takes, as its row says."""
    keys = FAULTS[cell.fault].keys
    return float(keys.get("max_s", 0.0)) + float(keys.get("retry_after_s", 0.0)) + (FAULTS[cell.fault].passing is True)


def _broken(cells: Sequence[Cell]) -> Plan:
    """A conversation in which these faults happen, with what each place wants before it, and a good turn after it."""
    moves: list[Move] = [Move(kind="begin"), Move(kind="rename"), Move(kind="use-tool", args={"role": "create"})]
    for cell in sorted(cells, key=lambda cell: list(PLACES).index(cell.place)):
        if cell.place in SOUND_BEFORE:
            moves.append(Move(kind="say"))
        moves.append(of_cell(cell))
    moves += [Move(kind="say"), Move(kind="use-tool", args={"role": "read"}), Move(kind="read")]
    story = ", ".join(f"{cell.fault} {cell.moment}" for cell in cells)
    return Plan(moves=tuple(moves), story=f"The model fails {len(cells)} times: {story}.")
