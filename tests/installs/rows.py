"""Beside what the wheel is installed: the oldest and the newest of each package that users bring along."""

from __future__ import annotations

from dataclasses import dataclass

NEWEST = ("openai-chatkit==1.6.5", "openai-agents==0.24.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One environment.

    Args:
        name: what it is for. extras: of the wheel. beside: requirements that are installed with it.
        python: its version. lowest: whether each of the wheel's own requirements is the oldest that it admits.
    """

    name: str
    extras: str = ""
    beside: tuple[str, ...] = ()
    python: str = "3.11"
    lowest: bool = False

    @property
    def has_sdk(self) -> bool:
        """Whether the SDK and hypothesis are there, so that a Store can be tested."""
        return "store" in self.extras


ROWS = (
    Row(name="judge alone, newest"),
    Row(name="judge alone, oldest", lowest=True),
    Row(name="judge alone, with the extra native", extras="native"),
    Row(name="openai-chatkit 1.1, oldest of all", extras="store", beside=("openai-chatkit==1.1.0",), lowest=True),
    Row(
        name="openai-chatkit 1.4, openai 2, pytest 8.3, pytest-asyncio 0.x",
        extras="store",
        beside=("openai-chatkit==1.4.0", "openai>=2,<3", "pytest==8.3.*", "pytest-asyncio<1"),
    ),
    Row(name="openai-chatkit 1.5", extras="store", beside=("openai-chatkit==1.5.3",)),
    Row(name="openai-chatkit 1.6, newest of all", extras="store", beside=(*NEWEST, "pytest-asyncio")),
    Row(name="the reference server, newest", extras="reference"),
    Row(name="Python 3.12", extras="store", beside=NEWEST, python="3.12"),
    Row(name="Python 3.13", extras="store", beside=NEWEST, python="3.13"),
    Row(name="Python 3.14", extras="store", beside=NEWEST, python="3.14"),
)
