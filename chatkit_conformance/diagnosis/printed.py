"""What a server printed that tells why it does not work: one row of SIGNS for each kind of line.

Rows are tried in their order, each on the lines from the last to the first, for the last that is printed before an end
is the reason of it. What no row knows is told as it stands: the last exception, else the last line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .diagnosis import Diagnosis

LOOKED_AT = 400
"""Lines of the end of a log that are read."""

_INFORMS = re.compile(r"^\s|\b(INFO|DEBUG)\b")
"""A line of a log that only informs, or that belongs to what stands above it."""

SHOWN = 240
"""Characters of a line that are repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One kind of line.

    Args:
        id: of the cause. pattern: what the line is known by; its groups fill `says` and `do` by number.
        says, do: the cause, with {0} for the whole line and {1}, {2} for groups.
        needs: another pattern that some line must have, too. below: the lines above those that have it fill {names}.
    """

    id: str
    pattern: re.Pattern[str]
    says: str
    do: str
    needs: re.Pattern[str] | None = None
    below: re.Pattern[str] | None = None


def _sign(id: str, pattern: str, says: str, do: str, needs: str = "", below: str = "") -> Sign:
    return Sign(
        id=id,
        pattern=re.compile(pattern),
        says=says,
        do=do,
        needs=re.compile(needs) if needs else None,
        below=re.compile(below) if below else None,
    )


_ENV = r"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"

PACKAGES = {
    "chatkit": "openai-chatkit",
    "agents": "openai-agents",
    "google": "google-genai",
    "dotenv": "python-dotenv",
    "jwt": "pyjwt",
    "psycopg2": "psycopg2-binary",
    "multipart": "python-multipart",
}
"""Modules that are installed by another name than their own."""

_DRIVER = _sign(
    "database-driver",
    r"requires an async driver to be used\. The loaded '(\w+)' is not async",
    "The database's driver {1} is not async, and the server's engine is.",
    "Write an asynchronous one into DATABASE_URL: sqlite+aiosqlite://..., postgresql+asyncpg://...",
)

TAKEN = r"(?i)address already in use|EADDRINUSE|only one usage of each socket address"
"""How systems refuse a port that somebody listens on."""

SHADOWED = (
    _sign(
        "module",
        r"No module named '(\w+)\.[\w.]+'; '\w+' is not a package",
        "The server cannot start: a file {1}.py hides the package {1}, or another package of that name does.",
        "Rename the file {1}.py of your own, or install the package that the server was written for.",
    ),
    _sign(
        "module",
        r"cannot import name '(\w+)' from partially initialized module '([\w.]+)'",
        "The server cannot start: {2} is imported again before it is read to its end, so it has no {1} yet.",
        "Import it inside the function that needs it. If a file of yours has the name of a package, rename the file.",
    ),
    _sign(
        "module",
        r"cannot import name '(\w+)' from '(chatkit|agents)' \((?!.*(?:site|dist)-packages)([^)]+)\)",
        "The server cannot start: its own {3} hides the package {2}, from which it wants {1}.",
        "Rename that file or folder of your own.",
    ),
    _sign(
        "python",
        r"cannot import name '(\w+)' from '(typing|enum|asyncio|datetime|itertools|collections|dataclasses)'",
        "The server cannot start: {2} of this Python has no {1}, so it was written for another version of Python.",
        "Start it with the Python that it was written for: its pyproject.toml says which (requires-python).",
    ),
    _sign(
        "python",
        r"No module named '(tomllib|zoneinfo|asyncio\.taskgroups)'|requires a different Python: (.+)",
        "The server cannot start: its Python is too old ({0}).",
        "Start it with the Python that it was written for: its pyproject.toml says which (requires-python).",
    ),
)
"""Modules that are there and are not the right ones; the standard library's, which tell of an old Python."""

COMMANDS = (
    _sign(
        "docker",
        r"(?i)cannot connect to the docker daemon|error during connect:.*docker",
        "The server cannot start: Docker does not run here ({0}).",
        "Start Docker (`docker info` says whether it runs), or run the server without it.",
    ),
    _sign(
        "command",
        r"(?:^|/|\b)(?:ba|da|z|k)?sh: (?:line \d+: |\d+: )?(\S+): [Pp]ermission denied",
        "The server cannot start: {1} may not be run ({0}).",
        "Type: chmod +x {1}",
    ),
    _sign(
        "port-refused",
        r"(?i)\[Errno 13\].*bind on address \('|listen EACCES\b|listen tcp\S* \S+: bind: permission denied",
        "The server cannot start: it may not listen on its port ({0}). Ports below 1024 are the administrator's.",
        "Let it listen on PORT of its environment, or write {{port}} in the command: the run chooses a free one.",
    ),
    _sign(
        "question",
        r"EOFError: EOF when reading a line",
        "The server asks for something at its start, and nobody is there to type the answer.",
        "Give the answer in its command (such as --yes) or in its environment, under [target.env].",
    ),
    _sign(
        "syntax",
        r"(Cannot use import statement outside a module|Unexpected token 'export'|Must use import to load ES Module)",
        "The server cannot start: Node reads an ES module as CommonJS, or the other way round ({1}).",
        'Write "type": "module" in its package.json, or call the file .mjs.',
    ),
    _sign(
        "syntax",
        r"Unknown file extension \"(\.tsx?)\"",
        "The server cannot start: Node does not read {1} files by itself.",
        "Start it with tsx: npx tsx FILE, or build it first.",
    ),
)
"""A command that cannot do what it was typed for."""

STARTS = (
    *SHADOWED,
    *COMMANDS,
    *(
        _sign(
            "module",
            rf"No module named '{module}(?:\.[\w.]+)?'",
            f"The server cannot start: no module {module} in its environment.",
            f"Type: pip install {package} (for the Python that runs it).",
        )
        for module, package in PACKAGES.items()
    ),
    _sign(
        "module",
        r"(?:ModuleNotFoundError: |: )No module named '?([\w.]+)'?",
        "The server cannot start: no module {1} in its environment, from this folder.",
        "Run it with the Python that has {1} installed, or from the folder that contains it.",
    ),
    _sign(
        "module",
        r"(?:Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND\D*) ?'([^']+)'",
        "The server cannot start: Node finds no module {1}.",
        "Type: npm install, and run it from its own folder.",
    ),
    _sign(
        "versions",
        r"ImportError: cannot import name '(\w+)' from 'agents'",
        "The server cannot start: agents has no {1}, so it is another package of that name, or too old a release.",
        "Type: pip uninstall agents; pip install --upgrade openai-agents",
    ),
    _sign(
        "versions",
        r"ImportError: cannot import name '(\w+)' from '([\w.]+)'",
        "The server cannot start: {2} has no {1} in the version that is installed.",
        "Install the version of it that the server was written for.",
    ),
    _sign(
        "port-taken",
        TAKEN,
        "The server cannot start: its port is taken ({0}).",
        "Let it listen on PORT of its environment, or write {{port}} in the command: the run chooses a free one.",
    ),
    _sign(
        "openai-key",
        r"The api_key client option must be set",
        "The server cannot start: its OpenAI client was given no key.",
        'Give it Gemini\'s: api_key=os.environ["GEMINI_API_KEY"], base_url=os.environ["GEMINI_BASE_URL"].',
    ),
    _sign(
        "environment",
        rf"KeyError: '{_ENV}'",
        "The server cannot start: it needs {1} in its environment, which is not set.",
        'Write it in the target file, under [target.env]: {1} = "...".',
    ),
    _sign(
        "environment",
        rf"{_ENV}\b.{{0,60}}\b(?:not set|is required|missing|must be set|undefined|not configured|not found in env)",
        "The server cannot start: it needs {1} in its environment ({0}).",
        'Write it in the target file, under [target.env]: {1} = "...".',
    ),
    _sign(
        "environment",
        rf"(?i:missing|required|set|no|need\w*)\b.{{0,40}}(?i:environment|env|variable|setting)\D{{0,30}}\b{_ENV}\b",
        "The server cannot start: it needs {1} in its environment ({0}).",
        'Write it in the target file, under [target.env]: {1} = "...".',
    ),
    _sign(
        "environment",
        r"validation errors? for (\w*(?:Settings|Config|Env)\w*)",
        "The server cannot start: its settings are not complete ({0}: {names}).",
        "Set them in the target file, under [target.env].",
        needs=r"Field required",
        below=r"^\s+Field required",
    ),
    _sign(
        "command",
        r"can't open file '?([^']+)'?: \[Errno 2\]",
        "The server cannot start: {0}.",
        "Write the command as you type it here, from this folder, or name its folder: cwd under [target].",
    ),
    _sign(
        "command",
        r"Missing script: \"?([\w:.-]+)\"?",
        "The server cannot start: {0}.",
        "Write a script that package.json has (npm run lists them), and name its folder: cwd under [target].",
    ),
    _sign(
        "asgi",
        r"Error loading ASGI app\. (.*)",
        "The server cannot start: {1}",
        "Write MODULE:NAME of the application as it is from this folder, such as main:app, or name its folder: cwd.",
    ),
    _sign(
        "syntax",
        r"((?:Syntax|Indentation)Error: .*)",
        "The server cannot start: its code does not parse ({1}).",
        "Mend that line, or start it with the version of the language that it was written for.",
    ),
)
"""What ends a server before it listens."""

SOCKET = _sign(
    "socket",
    r"(?i)(?:unix socket|listening at: unix:|on unix:)\s*(\S+)",
    "The server listens on the socket {1}, a file, and on no port.",
    "Start it on a port: --port {{port}} in place of --uds or --bind unix:.",
)
"""What a server prints that nobody can reach by a URL."""

DATABASE = (
    _DRIVER,
    _sign(
        "database-tables",
        r"no such table: ([\w.]+)|relation \"([\w.]+)\" does not exist|Table '([\w.]+)' doesn't exist",
        "The database has no tables ({0}).",
        "Create them in DATABASE_URL before the server listens: run its migrations at its start.",
    ),
    _sign(
        "database-locked-out",
        r"password authentication failed.*|Access denied for user.*|database \"[^\"]+\" does not exist",
        "The database refuses the server ({0}).",
        "Mend the user, password and name in its DATABASE_URL.",
    ),
    _sign(
        "database-file",
        r"unable to open database file.*|attempt to write a readonly database.*|database is locked.*|disk I/O error.*",
        "The database's file cannot be used ({0}).",
        "Let the server read DATABASE_URL, which names a file of its own for this run.",
    ),
    _sign(
        "database-away",
        r"(?i)(?:connect\w*|ECONNREFUSED|refused|timed? ?out)\D.*\b(?:5432|5433|3306|27017|6379|1433)\b"
        r"|(?:psycopg|asyncpg|pymysql|aiomysql|pymongo|redis)[\w.]*(?:Error|Exception|ServerSelection)\w*"
        r"|could not connect to server|ServerSelectionTimeoutError|Can't reach database server|Can't connect to MySQL",
        "The database cannot be reached ({0}).",
        "Start it, or let the server read DATABASE_URL, which names an empty SQLite file of this run.",
    ),
    _sign(
        "database-away",
        r"(?:sqlalchemy\.exc|sqlite3)\.(?:Operational|Interface|Database)Error: .*",
        "The database does not work ({0}).",
        "Let the server read DATABASE_URL, which names an empty SQLite file of this run.",
    ),
)
"""What a server prints whose database is not there."""

ANSWERS = (
    _sign(
        "hosted-tools",
        r"Hosted tools are not supported with the ChatCompletions API\. Got tool type: (?:<class ')?([\w.]+)",
        "The agent has a hosted tool, {1}, which is OpenAI's own: Gemini has none, so the Agents SDK ends each turn.",
        "Take it out of Agent(tools=...), or write a function tool that does its work.",
    ),
    _sign(
        "price",
        r"This model isn't mapped yet\. model=([\w./-]+)",
        "LiteLLM's table of prices has no row for {1}, and the server asks what its answers cost: it fails there.",
        "Upgrade litellm, give it a row (litellm.register_model), or let a cost that is not known end no answer.",
    ),
    *DATABASE,
)
"""What a server prints that answers its messages with failures."""

_BASE = 'Take GEMINI_BASE_URL as it is, host, port and all: AsyncOpenAI(base_url=os.environ["GEMINI_BASE_URL"]).'

UNASKED = (
    _sign(
        "key",
        r"[Ii]llegal header value .*\\[nr]",
        "The key that the server wants to send to its model ends with a line feed, which no header may hold: it asks "
        "nobody.",
        'Strip it: api_key=os.environ["GEMINI_API_KEY"].strip(), or write the variable without a line feed.',
    ),
    _sign(
        "base-url",
        r"WRONG_VERSION_NUMBER|wrong version number|packet length too long|RECORD_LAYER_FAILURE",
        "The server asks by https where http:// is spoken: nothing of it arrives at its model ({0}).",
        _BASE,
    ),
    _sign(
        "base-url",
        r"(?i)name or service not known|nodename nor servname|getaddrinfo|ENOTFOUND|name resolution|no address assoc",
        "The server asks a host whose name is not known, and nothing of it arrives at its model ({0}).",
        _BASE,
    ),
    _sign(
        "base-url",
        r"(?i)all connection attempts failed|ECONNREFUSED|connection refused|actively refused",
        "The server is refused the connection, and nothing of it arrives at its model ({0}).",
        _BASE,
    ),
)
"""What a server prints whose messages fail and whose model is asked nothing: in this order, the plainer words first."""


def sign_in(lines: Sequence[str], signs: Sequence[Sign]) -> Diagnosis | None:
    """The cause that the first of these signs finds, or None."""
    read = list(lines)[-LOOKED_AT:]
    for sign in signs:
        for line in reversed(read):
            found = sign.pattern.search(line)
            if found and (sign.needs is None or any(map(sign.needs.search, read))):
                words = (_short(line), *(group or "" for group in found.groups()))
                says = sign.says.format(*words, names=_above(read, sign.below))
                return Diagnosis(id=sign.id, says=says, do=sign.do.format(*words))
    return None


def _above(lines: Sequence[str], pattern: re.Pattern[str] | None) -> str:
    """The lines that stand above those with the pattern, as pydantic names the fields that it does not find."""
    found = [above.strip() for above, line in pairwise(lines) if pattern is not None and pattern.search(line)]
    return ", ".join(dict.fromkeys(found))


def last_words(lines: Sequence[str]) -> str:
    """The last that a server printed but for what only informs: of a traceback its last line; "" where nothing is."""
    read = [line for line in list(lines)[-LOOKED_AT:] if line.strip()]
    return _short(next((line for line in reversed(read) if not _INFORMS.search(line)), read[-1] if read else ""))


def _short(line: str) -> str:
    text = line.strip()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
