"""The public servers of the table: what is installed by name, and the few lines of ours that start it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WEB = ("fastapi", "uvicorn")
"""What the few lines answer HTTP with; any release does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One row.

    Args:
        package: the package that the row is about, as its index calls it. release: a version, "" for the newest.
        variant: what tells it from another row of the same package. says: what stands there, in a few words.
        with_: what is installed beside it. language: it decides who installs.
        examples: the folder in `examples/` with our lines. target: its target file.
        python: the version of Python that it needs, "" for ours.
        early: whether releases before a final one count.
    """

    package: str
    examples: str
    says: str
    release: str = ""
    with_: tuple[str, ...] = ()
    target: str = "chatkit-target.toml"
    variant: str = ""
    language: Literal["Python", "JavaScript"] = "Python"
    python: str = ""
    early: bool = False

    @property
    def name(self) -> str:
        """What the row is called."""
        return f"{self.package} {self.release}".strip() + (f", {self.variant}" if self.variant else "")

    @property
    def requirements(self) -> tuple[str, ...]:
        """What is installed, by name."""
        return (f"{self.package}=={self.release}" if self.release else self.package, *self.with_)


STOCK = "the SDK's own server, converter and stream on Gemini, as its guide puts them together, with seven tools"

SERVERS = (
    Server(package="openai-chatkit", release="1.6.5", examples="naive", says=STOCK, with_=WEB),
    Server(package="openai-chatkit", release="1.5.3", examples="naive", says=STOCK, with_=WEB),
    Server(package="openai-chatkit", release="1.4.0", examples="naive", says=STOCK, with_=WEB),
    Server(
        package="adk-chatkit",
        examples="servers/adk",
        says="an agent of Google's ADK, no tools; its sessions are the threads",
        with_=WEB,
    ),
    Server(
        package="agent-framework-chatkit",
        examples="servers/agent_framework",
        says="an agent of Microsoft's Agent Framework, no tools, in the store of the naive example",
        with_=("agent-framework-openai", *WEB),
        early=True,
    ),
    Server(
        package="ds-agentic-flow",
        examples="servers/agentic_flow",
        says="its flow of one agent, no tools, in the store of the naive example",
        python="3.12",
        with_=(*WEB, "openai<2.34"),  # it pins the Agents SDK to 0.14, which later releases of openai fail
    ),
    Server(
        package="chatkit-node-backend-sdk",
        examples="servers/node",
        says="its server and stream on OpenAI's Agents SDK for Node, no tools, a store of two maps",
        language="JavaScript",
    ),
    Server(
        package="chatkit-node-backend-sdk",
        variant="on the Responses API",
        examples="servers/node",
        target="responses-target.toml",
        says="the same, its model asked as OpenAI's own are and Gemini is not",
        language="JavaScript",
    ),
)
