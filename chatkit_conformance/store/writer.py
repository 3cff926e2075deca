"""The process that the durability test kills: it opens the store at an address and writes until it dies.

It prints `id version` for each acknowledged write, after the store acknowledged it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from chatkit.types import UserMessageItem

from . import samples
from .one_call import context_for, settled

if TYPE_CHECKING:
    from .scene import Scene
    from .under_test import StoreUnderTest

TASKS = 6
"""Writers inside the process: a kill should meet several writes under way."""

REPEATED = 300
"""Times that an item's id is written into its text: some five kilobytes, so that a half item shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the writing process is told."""

    file: str
    module: str
    class_name: str
    address: str
    user: str
    thread_id: str
    word: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def job_for(scene: Scene, number: int) -> Job:
    """The job for the scene's store and its user `alice`.

    Raises StoreFinding when the contract class cannot be found again from another process.
    """
    kind = type(scene.contract)
    file = inspect.getsourcefile(kind)
    if file is None or "<locals>" in kind.__qualname__:
        raise scene.fail(
            f"{kind.__qualname__} must stand at the top level of a file, so that another process finds it."
        )
    user = scene.run(scene.user("alice"))
    return Job(
        file=file,
        module=kind.__module__,
        class_name=kind.__qualname__,
        address=scene.contract.address(scene.store),
        user=user.name,
        thread_id=scene.id(f"thr{number}"),
        word=scene.id(f"k{number}"),
    )


def written(job: Job, item_id: str, version: int) -> UserMessageItem:
    """The item as the writing process writes it in its first or second version."""
    seconds = float(item_id.rsplit("-", 1)[1])
    return samples.message(item_id, job.thread_id, seconds, f"{item_id} v{version} " * REPEATED)


def acknowledged(lines: Iterable[str]) -> dict[str, int]:
    """Id -> newest version that the process said was acknowledged."""
    found: dict[str, int] = {}
    for line in lines:
        item_id, version = line.rsplit(" ", 1)
        found[item_id] = max(found.get(item_id, 0), int(version))
    return found


def contract_of(job: Job) -> StoreUnderTest:
    """An instance of the contract class, loaded from its file."""
    spec = importlib.util.spec_from_file_location(job.module, job.file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[job.module] = module
    spec.loader.exec_module(module)
    found: Any = module
    for name in job.class_name.split("."):
        found = getattr(found, name)
    contract: StoreUnderTest = found()
    return contract


async def write_until_killed(job: Job) -> None:
    """Open the store and write; only a kill, or the parent's end, stops it."""
    contract = contract_of(job)
    store = await settled(contract.reopen(job.address))

    async def write(task: int) -> None:
        number = task
        while True:
            item_id = f"{job.word}-{number}"
            async with context_for(contract, job.user) as context:
                await store.add_thread_item(job.thread_id, written(job, item_id, 1), context)
            print(f"{item_id} 1", flush=True)  # noqa: T201  # this is how the parent hears of it
            if number % 3 == 0:
                async with context_for(contract, job.user) as context:
                    await store.save_item(job.thread_id, written(job, item_id, 2), context=context)
                print(f"{item_id} 2", flush=True)  # noqa: T201  # likewise
            number += TASKS
            await asyncio.sleep(0)

    await asyncio.gather(*(write(task) for task in range(TASKS)))


def main() -> None:
    """Read the job from the first line of standard input, and do it."""
    job = Job(**json.loads(sys.stdin.readline()))
    try:
        asyncio.run(write_until_killed(job))
    except BrokenPipeError:
        sys.exit(1)
