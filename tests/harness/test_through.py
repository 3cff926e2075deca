"""`run --through URL`: a started server behind a proxy, and `diff`, which tells what the proxy does."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.running.process import free_port
from tests.harness.deployed import SECRET, SUITES, deployed
from tests.harness.proxy import Does, Front, front
from tests.slow import but_for

Cli = Callable[..., Any]

PATIENT = (sys.executable, "-m", "tests.doctor.patient")
"""A small server that is right."""

FEW = ("--exchange", "held_answer", "--exchange", "three_turns", "--dialect", "gemini-3")
"""Conversations that show what a proxy does: one of them waits in the middle of an answer."""

NEXT = ("--exchange", "three_turns", "--dialect", "gemini-3")


async def through(cli: Cli, made: Front, *options: str, out: str = "chatkit-report") -> Any:
    """A run behind that proxy."""
    named = ("--through", made.url + made.prefix, "--port", str(made.port), "--out", out)
    return await asyncio.to_thread(cli, "run", *options, *named, "--", *PATIENT, **SUITES)


@asynccontextmanager
async def standing(does: Does = "passes", **more: Any) -> AsyncIterator[Front]:
    """A proxy in front of a port that nothing listens on yet."""
    async with front(Front(port=free_port(), does=does, **more)) as made:
        yield made


DOES: dict[Does, dict[str, str]] = {
    "passes": {},
    "buffers": {"buffers": "all events of"},
    "drops": {"drops": "of its streams, which the server sends as 'no-cache'"},
    "cuts": {"cuts": "streams that the server ends itself break off"},
    "compresses": {"buffers": "all events of", "compresses": "text/event-stream that the server sends as it is"},
}
"""What each proxy does to the answers, and how `diff` tells it."""


@pytest.mark.parametrize("does", but_for(("passes",), DOES))
async def test_diff_tells_what_a_proxy_does(does: Does, cli: Cli) -> None:
    """Of the run without and the run with it: a proxy that passes all on as it is shows no difference."""
    direct = await asyncio.to_thread(cli, "run", *FEW, "--out", "direct", "--", *PATIENT, **SUITES)
    assert direct.out, direct.err
    async with standing(does) as made:
        ran = await through(cli, made, *FEW, out="behind")
    assert made.passed > 10, ran.out + ran.err
    compared = await asyncio.to_thread(cli, "diff", "direct", "behind", "--json")
    rows = json.loads(compared.out)
    hop = {row["kind"]: row["said"] for row in rows if "said" in row and "id" not in row}
    assert hop.keys() == DOES[does].keys(), compared.out
    assert all(said in hop[kind] for kind, said in DOES[does].items()), hop
    # what two runs on a busy machine could time, or could not, is no difference of theirs
    worse = [row["id"] for row in rows if row["kind"] == "newly_failing" and not row["id"].startswith("latency.")]
    assert does != "passes" or worse == []
    assert compared.code == 1 or not hop.keys() & {"buffers", "cuts"}


async def test_a_proxy_may_have_a_path_of_its_own(cli: Cli) -> None:
    """All is asked below the proxy's path; the target's facts name it, and the line to repeat it has both options."""
    async with standing(prefix="/shop") as made:
        url, made.prefix = f"{made.url}/shop/chatkit", "/shop"
        named = ("--through", url, "--port", str(made.port))
        ran = await asyncio.to_thread(cli, "run", *NEXT, *named, "--", *PATIENT, **SUITES)
    assert ran.outcomes()["persistence.third-turn-works"] == "passed", ran.out + ran.err
    assert (ran.results["target"]["through"], ran.results["target"]["url"]) == (url, url)
    assert f"all is asked through {url}" in " ".join(ran.results["warnings"])
    assert f"--through {url} --port {made.port} -- " in str(ran.results["criteria"])


async def test_a_proxy_that_leads_nowhere_is_told(cli: Cli) -> None:
    """It answers 502: nothing arrived at the server, which is named with the port to give."""
    async with standing() as made:
        command = ("--through", made.url, "--", *PATIENT)  # on a port that the proxy does not know
        ran = await asyncio.to_thread(cli, "run", *NEXT, *command, **SUITES)
    assert ran.code == 3
    assert "502" in ran.err
    assert "it reaches no server behind it, and nothing of the run arrived" in ran.err
    assert "--port N" in ran.err


async def test_nothing_at_the_proxys_address_is_told(cli: Cli) -> None:
    """Where nothing listens, the proxy is to be started, and the server is not blamed."""
    url = f"http://127.0.0.1:{free_port()}"
    ran = await asyncio.to_thread(cli, "run", *NEXT, "--through", url, "--", *PATIENT, **SUITES)
    assert ran.code == 3
    assert f"nothing answers at {url}/chatkit" in ran.err
    assert "Start the proxy, or mend --through" in ran.err


@pytest.mark.slow
async def test_dropped_credentials_are_the_proxys(cli: Cli) -> None:
    """The server takes user a and the proxy does not pass on who that is: it is told so, before anything is judged."""
    async with standing(without=frozenset({"authorization"})) as made:
        ran = await through(cli, made, *NEXT)
    assert ran.code == 3
    assert "what is in front of it drops the credentials" in ran.err


@pytest.mark.slow
async def test_a_proxy_to_another_server_is_told(cli: Cli, tmp_path: Path) -> None:
    """The thread that was made through it is not known to the started server: another server would be judged."""
    async with deployed(tmp_path, *PATIENT) as other, standing() as made:
        made.port = int(other.url.rpartition(":")[2].partition("/")[0])
        target = tmp_path / "chatkit-target.toml"
        target.write_text(f'[target]\ncommand = {list(PATIENT)}\nthrough = "{made.url}"\njwt_secret = "{SECRET}"\n')
        ran = await asyncio.to_thread(cli, "run", *NEXT, **SUITES)
    assert ran.code == 3, ran.out + ran.err
    assert "leads to another server: the started one" in ran.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"does": "buffers"},
            r"buffers, and the server behind it does not\. The stream is buffered: .* content-length",
        ),
        ({"without": frozenset({"authorization"})}, "what is in front of it drops the credentials"),
        ({"does": "passes"}, "^Nothing is wrong"),
    ],
    ids=["buffers", "credentials", "passes"],
)
async def test_the_doctor_names_the_proxy(more: dict[str, Any], said: str, cli: Cli) -> None:
    """Its first line says that the fault is in front of the server, and nothing of a proxy that has none."""
    async with standing(**more) as made:
        options = ("--through", made.url, "--port", str(made.port), "--within", "40")
        ran = await asyncio.to_thread(cli, "doctor", *options, "--", *PATIENT)
    assert re.search(said, ran.out.splitlines()[0]), ran.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--through", "https://shop.example.com", "--", "x"), "name it twice: --through"),
        (("--through", "http://127.0.0.1:1", "--url", "http://127.0.0.1:2"), "--through is of a command"),
        (("--through", "shop", "--", "x"), "'shop' is not a valid URL"),
        (("--port", "70000", "--", "x"), "give a port from 1 to 65535"),
    ],
)
def test_wrong_options_are_refused(
    options: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What cannot be meant, or would reach another machine, ends 2 and says what to write."""
    monkeypatch.chdir(tmp_path)
    assert main(["run", *options]) == 2
    assert said in capsys.readouterr().err


async def test_a_taken_port_is_told(cli: Cli) -> None:
    """What listens there already would be judged in the server's place: the run does not begin."""
    async with standing() as made:
        port = made.url.rpartition(":")[2]
        ran = await asyncio.to_thread(cli, "run", *NEXT, "--port", port, "--", *PATIENT, **SUITES)
    assert ran.code == 2
    assert f"port {port}, which the server shall have, is taken" in ran.err
