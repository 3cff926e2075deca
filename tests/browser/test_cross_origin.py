"""Pages of other origins before the reference server, as a real browser lets them ask: cookies and CORS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.reference_server.conftest import Chat, environment_for, started, token

from .conftest import Person, SameSite, input_of
from .pages import served

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASK = """async ([url, body, headers]) => {
  try {
    const answer = await fetch(url + "/chatkit", {
      method: "POST", credentials: "include", body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
    return [answer.status, answer.headers.get("retry-after"), await answer.text()];
  } catch (error) {
    return [0, null, String(error)];
  }
}"""
LIST = {"type": "threads.list", "params": {}}
FORM = """([url, body]) => {
  const [form, frame, field] = ["form", "iframe", "input"].map((tag) => document.createElement(tag));
  frame.name = "sink";
  Object.assign(form, { method: "post", action: url + "/chatkit", enctype: "text/plain", target: "sink" });
  Object.assign(field, { name: body.slice(0, -1) + ',"x":"', value: '"}' });
  form.append(field);
  document.body.append(frame, form);
  form.submit();
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def elsewhere(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Chat, str, str]]:
    """A server that trusts one other origin of the same site; that origin, and one of another site."""
    folder: Path = tmp_path_factory.mktemp("cross-origin")
    with served() as trusted, served() as other:
        environment = environment_for(folder, upstream, CORS_ORIGINS=trusted, RATE_LIMIT="3")
        with started("reference_server", "--port", "0", environment=environment) as (url, _):
            chat = Chat(url=url, upstream=upstream, folder=folder, user="nobody")
            yield chat, trusted, other.replace("127.0.0.1", "localhost")


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(
    browser: Browser, elsewhere: tuple[Chat, str, str], request: pytest.FixtureRequest
) -> AsyncIterator[Person]:
    """A user who is signed in at that server."""
    context = await browser.new_context()
    found = Person(chat=elsewhere[0].as_user(f"user of {request.node.nodeid}"), context=context)
    await found.sign_in()
    yield found
    await context.close()


async def asked(person: Person, origin: str, body: Any, **headers: str) -> tuple[int, str | None, str]:
    """What a page of this origin gets for a request with credentials; status 0 where the browser keeps it back."""
    page = await person.context.new_page()
    await page.goto(origin)
    status, retry_after, text = await page.evaluate(ASK, [person.chat.url, body, headers])
    return status, retry_after, text


async def test_a_trusted_page_of_the_same_site_is_answered(visitor: Person, elsewhere: tuple[Chat, str, str]) -> None:
    """Preflight, cookie and answer pass, for a stream too."""
    _, trusted, _ = elsewhere
    nonce = visitor.chat.script({"text": "Hello over there."})
    body = {"type": "threads.create", "params": input_of(f"hello (ref {nonce})")}
    status, _, text = await asked(visitor, trusted, body)
    assert status == 200
    assert "Hello over there." in text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"type": "threads.nonsense", "params": {}}, 400),
        ({"type": "threads.get_by_id", "params": {"thread_id": "x"}}, 404),
    ],
    ids=["400", "404"],
)
async def test_a_trusted_page_can_read_why_it_is_refused(
    visitor: Person, elsewhere: tuple[Chat, str, str], body: Any, status: int
) -> None:
    """A refusal carries the CORS headers too, so that a script reads status and words and not a network error."""
    got, _, text = await asked(visitor, elsewhere[1], body)
    assert got == status, text
    assert "error" in text


async def test_a_trusted_page_can_read_when_to_come_back(visitor: Person, elsewhere: tuple[Chat, str, str]) -> None:
    """Too many requests are refused with a Retry-After that the browser shows to the script."""
    rows = [await asked(visitor, elsewhere[1], LIST) for _ in range(4)]
    status, retry_after, _ = rows[-1]
    assert status == 429
    assert retry_after is not None


async def test_a_signed_out_trusted_page_can_read_it(visitor: Person, elsewhere: tuple[Chat, str, str]) -> None:
    """401 reaches the script as 401."""
    await visitor.context.clear_cookies()
    status, _, text = await asked(visitor, elsewhere[1], LIST)
    assert status == 401
    assert "missing_token" in text


async def test_another_site_gets_nothing(visitor: Person, elsewhere: tuple[Chat, str, str]) -> None:
    """A page that the server does not trust is kept from the answer by the browser, with a cookie and with a token."""
    _, _, other = elsewhere
    assert (await asked(visitor, other, LIST))[0] == 0
    assert (await asked(visitor, other, LIST, authorization=f"Bearer {token(visitor.chat.user)}"))[0] == 0


@pytest.mark.parametrize("same_site", ["Strict", "Lax", None])
async def test_a_form_of_another_site_changes_nothing(
    visitor: Person, elsewhere: tuple[Chat, str, str], same_site: SameSite | None
) -> None:
    """A form that posts itself, as forgers make it, creates no thread, whatever the cookie's SameSite is."""
    await visitor.sign_in(same_site=same_site)
    nonce = visitor.chat.script({"text": "Forged."})
    body = f'{{"type":"threads.create","params":{{"input":{{"content":[{{"type":"input_text","text":"{nonce}"}}],'
    body += '"attachments":[],"inference_options":{}}}}'
    page = await visitor.context.new_page()
    for origin in elsewhere[1:]:
        await page.goto(origin)
        async with page.expect_response(f"{visitor.chat.url}/chatkit"):
            await page.evaluate(FORM, [visitor.chat.url, body])
    assert visitor.chat.ask("threads.list").json()["data"] == []
