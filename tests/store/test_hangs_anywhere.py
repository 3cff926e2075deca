"""Wherever a store hangs, a pytest run of its contract ends: at most five seconds after the deadline, and says why."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.store_full

ROOT = Path(__file__).parents[2]
DEADLINE_S = 1.0
LATE_S = 5.0
"""A run may end so long after its deadline."""

AT_ONCE = 3
"""Processes at once; they wait most of the time."""

BUSY = 3
"""So many times the work of a process whose store ends: a finding is told with its traceback."""

ENDED_S = 120.0
"""After which the processes of this file are killed, whatever they do."""

HEAD = """
import atexit, re, sqlite3, threading, time
from pathlib import Path
from chatkit_conformance.store import StoreContract
from mutants.stores.memory import Caller, MemoryStore


def hangs():
    Path(__file__).with_name("began").write_text(str(time.time()))


class Base(StoreContract):
    deadline_s = {deadline}

    def make_context(self, user):
        return Caller(user_id=user)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """Where a store hangs, and what is said of it.

    Args:
        by_command: `chatkit-conformance store` is what hangs, since pytest's own import of a file is not ours.
    """

    source: str
    said: str
    code: int = 1
    by_command: bool = False


CONTROL = "nowhere"
"""A store that ends: how long a process needs for the rest, on this machine at this time."""

HANGS = {
    CONTROL: Hang(
        source="""
class TestStore(Base):
    def make_store(self):
        hangs()
        return MemoryStore()
""",
        said="1 passed",
        code=0,
    ),
    "__init__": Hang(
        source="""
class Faulty(MemoryStore):
    def __init__(self):
        hangs()
        time.sleep(600)

class TestStore(Base):
    def make_store(self): return Faulty()
""",
        said="Under way: TestStore.make_store.",
    ),
    "make_store": Hang(
        source="""
class TestStore(Base):
    async def make_store(self):
        import asyncio
        hangs()
        await asyncio.Event().wait()
""",
        said="Under way: TestStore.make_store.",
    ),
    "generator": Hang(
        source="""
class TestStore(Base):
    def make_store(self): return MemoryStore()
    def make_context(self, user):
        hangs()
        yield Caller(user_id=user)
        time.sleep(600)
""",
        said="a call blocks instead of awaiting",
    ),
    "close": Hang(
        source="""
class Faulty(MemoryStore):
    def close(self):
        hangs()
        threading.Event().wait()

class TestStore(Base):
    def make_store(self): return Faulty()
""",
        said="Under way: TestStore.close_store.",
    ),
    "C code": Hang(
        source="""
class Faulty(MemoryStore):
    async def load_thread(self, thread_id, context):
        file = Path(__file__).with_name("busy.db")
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        hangs()
        sqlite3.connect(file, timeout=600).execute("CREATE TABLE t (x)")

class TestStore(Base):
    def make_store(self): return Faulty()
""",
        said="in load_thread",
        code=70,
    ),
    "C code that keeps the interpreter": Hang(
        source="""
class Faulty(MemoryStore):
    async def load_thread(self, thread_id, context):
        hangs()
        re.match("(a+)+$", "a" * 60 + "b")

class TestStore(Base):
    def make_store(self): return Faulty()
""",
        said="in load_thread",
    ),
    "__del__": Hang(
        source="""
class Faulty(MemoryStore):
    def __del__(self):
        hangs()
        time.sleep(600)

class TestStore(Base):
    def make_store(self): return Faulty()
""",
        said="its __del__ does not end",
    ),
    "atexit": Hang(
        source="""
class Faulty(MemoryStore):
    def __init__(self):
        super().__init__()
        atexit.register(self.flush)
    def flush(self):
        hangs()
        time.sleep(600)

class TestStore(Base):
    def make_store(self): return Faulty()
""",
        said="The process does not end",
        code=70,
    ),
    "thread": Hang(
        source="""
class Faulty(MemoryStore):
    def __init__(self):
        super().__init__()
        threading.Thread(target=self.flush, name="flusher").start()
    def flush(self):
        threading.main_thread().join()
        hangs()
        threading.Event().wait()

class TestStore(Base):
    def make_store(self): return Faulty()
""",
        said="Threads that are left: flusher",
        code=70,
    ),
    "import": Hang(source="hangs()\ntime.sleep(600)\n", said="Connect when the store is made", code=2, by_command=True),
}
"""Where -> the store, and what is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended: its code, what it said, and seconds after the hang began."""

    code: int
    said: str
    after_s: float


def _ended(where: str, folder: Path) -> Ended:
    hang = HANGS[where]
    file = folder / "test_hanging.py"
    file.write_text(HEAD.format(deadline=DEADLINE_S) + hang.source)
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "an_unknown_thread_is_not_found", str(file)]
    if hang.by_command:
        command = ["-m", "chatkit_conformance", "store", "test_hanging:Faulty", "--deadline", f"{DEADLINE_S}"]
    ran = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=ENDED_S,
    )
    return Ended(code=ran.returncode, said=ran.stdout, after_s=time.time() - float((folder / "began").read_text()))


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """Every store in a pytest of its own, some at once."""
    folders = [tmp_path_factory.mktemp(f"hang{number}") for number in range(len(HANGS))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(HANGS, pool.map(_ended, HANGS, folders), strict=True))


@pytest.mark.parametrize("where", HANGS)
def test_a_hang_ends_in_time_wherever_it_is(ended: dict[str, Ended], where: str) -> None:
    """The process ends within the deadline and five seconds, is red, and says what it waited for."""
    one = ended[where]
    assert HANGS[where].said in one.said
    assert one.code == HANGS[where].code, one.said
    assert one.after_s <= DEADLINE_S + LATE_S + BUSY * ended[CONTROL].after_s, one.said
