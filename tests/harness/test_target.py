"""The target file: what it takes, and what it says of a mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatkit_conformance.running.settings import target_of
from chatkit_conformance.target.config_error import ConfigError
from chatkit_conformance.target.file import read_target
from chatkit_conformance.target.target import Target, User, endpoint

WHOLE = """
[target]
command = ["node", "server.js", "--port", "{port}"]
health = "/up"
start_deadline_s = 12
jwt_secret = "${THE_SECRET}"
[users.a]
headers = { Authorization = "Bearer {token:a}" }
[users.b]
cookies = { session = "b-session-value" }
[upstream]
mode = "stand-in"
[tools]
create = "add_todo"
[capabilities]
widgets = false
[latency]
first_token_s = 1.5
"""


def written(tmp_path: Path, text: str) -> Path:
    """A target file with that text."""
    path = tmp_path / "chatkit-target.toml"
    path.write_text(text)
    return path


def test_whole_file_is_read(tmp_path: Path) -> None:
    """Every section of a target file reaches the target."""
    target = read_target(written(tmp_path, WHOLE), {"THE_SECRET": "s" * 40})
    assert target.command == ("node", "server.js", "--port", "{port}")
    assert (target.health, target.start_deadline_s, target.jwt_secret) == ("/up", 12.0, "s" * 40)
    assert target.users["b"].sent() == {"Cookie": "session=b-session-value"}
    assert target.capabilities == {"widgets": False}
    assert target.latency == {"first_token_s": 1.5, "tool_visible_s": 0.5, "session_creation_s": 1.0}
    assert target.tools == {"create": "add_todo"}


def test_token_is_minted_for_a_user(tmp_path: Path) -> None:
    """`{token:a}` becomes a token that the secret verifies, whose subject is user a."""
    import jwt

    target = read_target(written(tmp_path, WHOLE), {"THE_SECRET": "s" * 40}).minted()
    token = target.users["a"].sent()["Authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, "s" * 40, algorithms=["HS256"])["sub"] == "user-a"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[target]\nurll = "http://h"\n', ':2: [target] unknown key "urll" (did you mean "url"?); keys: url, '),
        (
            '[targets]\nurl = "http://h"\n',
            ':1: unknown key "targets" (did you mean "target"?); keys: target, users, ',
        ),
        (
            '[target]\nurl = "http://h"\n[tools]\nbulk_delete = "x"\n',
            ':4: [tools] unknown key "bulk_delete" (did you mean "bulk-delete"?)',
        ),
        (
            '[target]\nurl = "http://h"\n[users.a]\nheader = {}\n',
            '[users.a] unknown key "header" (did you mean "headers"?); keys: headers, cookies, query. Write: headers',
        ),
        (
            '[target]\nurl = "http://h"\nstart_deadline_s = "soon"\n',
            ':3: [target] start_deadline_s = "soon" is not a number of seconds above 0. Write: start_deadline_s = 30',
        ),
        ('[target]\nurl = "ftp://h"\n', "'ftp://h' is not a valid URL"),
        ('[target]\nurl = "http://h"\ncommand = "x"\n', "needs one of url and command, and has both"),
        ('[target]\nhealth = "/"\n', "has neither"),
        ('[target]\nurl = "${NOWHERE_SET}"\n', "export NOWHERE_SET="),
        (
            '[target]\nurl = "http://h"\n[upstream]\nmode = "fake"\n',
            ':4: [upstream] mode = "fake" is not known; write one of stand-in, live, none',
        ),
        (
            '[target]\nurl = "http://h"\n[capabilities]\nwidgets = "yes"\n',
            ':4: [capabilities] widgets = "yes" is not true or false. Write: widgets = false',
        ),
        ("[target\n", ":1: not TOML"),
        ('[target]\ncommand = ["node", 3]\n', ":2: [target] command[1] = 3 is not text"),
        ('[target]\ncommand = "node \'x"\n', ":2: [target] command cannot be split into words"),
        (
            '[target]\ncommand = "x"\nauth = "cooky"\n',
            ':3: [target] auth = "cooky" is not known (did you mean "cookie"?)',
        ),
        ('[target]\nurl = "http://h"\npath = "/x"\n', "write it into the url"),
        (
            '[target]\ncommand = "x"\npath = "x"\n',
            ':3: [target] path = "x" is not text of this form. Write: path = "/api',
        ),
        (
            '[target]\ncommand = "x"\n[upstream]\nport = 90000\n',
            ":4: [upstream] port = 90000 is not a whole number from 0 to",
        ),
        (
            '[target]\ncommand = "x"\n[limits]\nmax_body_bytes = true\n',
            ":4: [limits] max_body_bytes = true is not a whole",
        ),
        ("target = 3\n", ':1: target = 3 is not a table. Write: target = { command = "node server.js" }'),
        ('[target]\ncommand = "x"\nhealt = 1\ncwd = 2\n', ':4: [target] cwd = 2 is not text. Write: cwd = "."'),
        (
            '[target]\ncommand = "x"\n[visitors]\nheaders = { X-User = "ann" }\n',
            ':3: [visitors]: no value has {visitor} in it: write headers = { X-User = "{visitor}" }',
        ),
        ('[target]\ncommand = "x"\n[target.env]\nPORT = 80\n', ':4: [target.env] PORT = "..." is not text'),
    ],
)
def test_mistake_is_named_with_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    """A mistake in the file is told with its place, its value and the nearest right thing."""
    with pytest.raises(ConfigError) as failure:
        read_target(written(tmp_path, text), {})
    assert said in str(failure.value)


def test_a_user_whom_nobody_named_is_made_as_the_file_says(tmp_path: Path) -> None:
    """`{visitor}` in a header, a cookie and a parameter becomes the name, and no token is minted."""
    more = """
[visitors]
headers = { X-User = "{visitor}", X-Key = "${THE_SECRET}" }
cookies = { who = "u-{visitor}" }
query = { user = "{visitor}" }
"""
    found = read_target(written(tmp_path, WHOLE + more), {"THE_SECRET": "s" * 40}).minted().visitor("ann")
    assert found is not None
    assert found.name == "ann"
    assert found.headers == {"X-User": "ann", "X-Key": "s" * 40}
    assert (found.cookies, found.query) == ({"who": "u-ann"}, {"user": "ann"})


def test_missing_file_says_what_to_type(tmp_path: Path) -> None:
    """A target file that is not there is named, with the option that names one."""
    with pytest.raises(ConfigError, match=r"nix.toml: No such file.*--target"):
        read_target(tmp_path / "nix.toml")


def test_url_without_path_means_chatkit() -> None:
    """A URL without a path is the server's; with one it is the endpoint itself."""
    assert endpoint("http://127.0.0.1:8000") == "http://127.0.0.1:8000/chatkit"
    assert endpoint("https://h/api/chat?tenant=1") == "https://h/api/chat?tenant=1"
    assert endpoint("https://h?tenant=1") == "https://h/chatkit?tenant=1"


@pytest.mark.parametrize("name", ["token", "access_token", "api-key", "key"])
def test_secret_in_url_is_refused_with_where_to_give_it(tmp_path: Path, name: str) -> None:
    """A parameter that is a secret by its name is refused without its value, on the command line and in a file."""
    url = f"http://h/chat?tenant=1&{name}=abc-123-xyz"
    text = f'[target]\nurl = "{url}"\n'
    reads: tuple[Callable[[], Target], ...] = (
        lambda: target_of(url=url),
        lambda: read_target(written(tmp_path, text), {}),
    )
    for read in reads:
        with pytest.raises(ConfigError, match=rf"the parameter {name} of the URL .*under \[users.a.query\]") as failure:
            read()
        assert "abc-123" not in str(failure.value)


def test_url_alone_has_no_model_to_direct() -> None:
    """A bare URL is judged without the model's side, unless the stand-in's port was fixed."""
    assert target_of(url="http://h").upstream == "none"
    assert target_of(url="http://h", standin_port=9001).upstream == "stand-in"


def test_header_becomes_user_a() -> None:
    """--header gives user a credentials; one without a colon is refused without repeating its value."""
    assert target_of(url="http://h", headers=["X-Key: v: w"]).users["a"].sent() == {"X-Key": "v: w"}
    with pytest.raises(ConfigError, match="no NAME: VALUE"):
        target_of(url="http://h", headers=["nonsense"])


def test_secrets_of_a_target_are_known(tmp_path: Path) -> None:
    """Whatever came from the environment, and every credential of a user, is scrubbed from text."""
    target = read_target(written(tmp_path, WHOLE), {"THE_SECRET": "s" * 40})
    sent = target.minted().users["a"].sent()["Authorization"]
    scrubbed = target.known_secrets().scrub(f"{'s' * 40} {sent} b-session-value innocent")
    assert "s" * 40 not in scrubbed
    assert sent.split(".")[0] not in scrubbed
    assert "b-session-value" not in scrubbed
    assert scrubbed.endswith("innocent")


def test_short_values_are_not_taken_for_secrets() -> None:
    """A header value of few letters does not wreck the text of a report."""
    target = Target(url="http://h", users={"a": User(name="a", headers={"X-User": "alice"})})
    assert target.known_secrets().scrub("alice said hello") == "alice said hello"
