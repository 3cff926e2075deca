"""Contract tests: what was acknowledged outlives the process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import chatkit_conformance

from . import samples
from .items import items_in
from .ruled import rule
from .scene import Scene
from .writer import Job, acknowledged, job_for, written

KILL_AFTER = (40, 15)
"""Acknowledged writes after which the writing process is killed, once for each number."""

CHILD_DEADLINE_S = 60.0
"""Seconds in which the writing process must have got so far."""


class DurabilityRules:
    """What was acknowledged is there after a restart, and after a kill."""

    @rule("durability.reopen")
    def test_everything_is_there_after_reopening(self, scene: Scene) -> None:
        """What was acknowledged is there after the store was closed and opened again, also after deletions."""
        thread = samples.thread(scene.id("thr"), title="Shopping", metadata={"a": [1]})
        items = samples.one_of_each(thread.id, scene.id)
        file = samples.attachment(scene.id("atc"))

        async def save() -> None:
            alice = await scene.user("alice")
            await alice.save_thread(thread)
            for item in items:
                await alice.add(item)
            await alice.save_thread(samples.thread(scene.id("doomed")))
            await alice.delete_thread(scene.id("doomed"))
            if scene.contract.capabilities.attachments:
                await alice.save_attachment(file)

        async def look() -> None:
            alice = await scene.user("alice")
            found = scene.difference(thread, await alice.load_thread(thread.id))
            scene.require(found is None, f"After reopening, the thread differs. {found}")
            found = scene.difference(items, await items_in(alice, thread.id))
            scene.require(found is None, f"After reopening, the items differ. {found}")
            listed = [entry.id for entry in (await alice.load_threads()).data]
            scene.require(listed == [thread.id], f"After reopening, the threads are {listed}.")
            if scene.contract.capabilities.attachments:
                found = scene.difference(file, await alice.load_attachment(file.id))
                scene.require(found is None, f"After reopening, the attachment differs. {found}")

        scene.run(save())
        scene.reopen()
        scene.run(look())

    @rule("durability.kill")
    def test_acknowledged_writes_survive_a_kill(self, scene: Scene) -> None:
        """After the writing process was killed, every acknowledged write is there and none is half there."""
        for number, enough in enumerate(KILL_AFTER):
            scene.chapter()
            scene.trace.serial = False
            job = job_for(scene, number)
            scene.run(self._make_thread(scene, job))
            scene.close()
            acks = self._run_and_kill(scene, job, enough)
            scene.reopen(job.address)
            scene.run(self._require_whole(scene, job, acks))
        scene.contract.measured("writing processes killed", len(KILL_AFTER), "times")

    async def _make_thread(self, scene: Scene, job: Job) -> None:
        await (await scene.user("alice")).save_thread(samples.thread(job.thread_id))

    def _run_and_kill(self, scene: Scene, job: Job, enough: int) -> list[str]:
        """Start the writer, kill it after so many acknowledged writes, and give all that it acknowledged."""
        roots = [str(Path(chatkit_conformance.__file__).parents[1]), *(path for path in sys.path if path)]
        child = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"import sys; sys.path[:0] = {roots!r}\nfrom {__package__}.writer import main; main()",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        late = threading.Timer(CHILD_DEADLINE_S, child.kill)
        late.start()
        lines: list[str] = []
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            assert child.stderr is not None
            child.stdin.write(json.dumps(job.as_json()) + "\n")
            child.stdin.flush()
            for line in child.stdout:
                lines.append(line.strip())
                if len(lines) >= enough:
                    break
            child.kill()
            lines += [line.strip() for line in child.stdout if line.endswith("\n")]
            said = child.stderr.read()[-1500:]
        finally:
            late.cancel()
            child.kill()
            child.communicate()
        scene.require(
            len(lines) >= enough,
            f"The writing process acknowledged {len(lines)} of {enough} writes; it ended by itself or after "
            f"{CHILD_DEADLINE_S:g} s. It said:\n"
            f"{said}",
        )
        return lines

    async def _require_whole(self, scene: Scene, job: Job, lines: list[str]) -> None:
        alice = await scene.user("alice")
        versions = acknowledged(lines)
        there = {item.id: item for item in await items_in(alice, job.thread_id)}
        lost = [item_id for item_id in versions if item_id not in there]
        scene.require(
            not lost, f"After the kill, {len(lost)} of {len(versions)} acknowledged items are lost: {lost[:5]}."
        )
        for item_id, item in there.items():
            least = versions.get(item_id, 1)
            whole = [scene.difference(written(job, item_id, version), item) for version in range(least, 3)]
            scene.require(
                None in whole,
                f"After the kill, {item_id!r} is nothing that was written (version {least} was acknowledged): "
                f"{whole[0]}",
            )
