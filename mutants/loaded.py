"""Imported in the process that programs are forked from: what a server and a stand-in load, before they are asked."""

from __future__ import annotations

import gc
import importlib

from reference_server.gemini_compat.tracing import silence_tracing

NAMES = (
    "chatkit_conformance.http.client",
    "gemini_standin.app",
    "gemini_standin.server",
    "reference_server.app",
    "reference_server.workers",
    # What the SDKs, uvicorn and SQLAlchemy import only when they are used first.
    "anyio.streams.tls",
    "anyio._backends._asyncio",
    "fastapi.telemetry._runtime",
    "h11",
    "httpcore2",
    "openai.resources.chat",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "uvicorn.lifespan.off",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "mutants.catalogue",
    "mutants.bench",
)
"""By name: each is imported to be a program, not to be called from here."""

for _name in NAMES:
    importlib.import_module(_name)

# Making the exporter that it then throws away is half of a server's start: it reads every root certificate.
silence_tracing()
# What is there stays: a program that is forked need not look through half a million objects of ours.
gc.collect()
gc.freeze()
