"""Sessions, tabs and sign-ins of the reference server's page, as a real browser keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.reference_server.conftest import Chat, environment_for, started

from .conftest import Person, held
from .test_page import answers

pytestmark = pytest.mark.asyncio(loop_scope="session")
SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js"
COMPONENT = """customElements.define("openai-chatkit", class extends HTMLElement {
  setOptions(options) { this.textContent = `theirs: ${options.api.url} ${options.api.domainKey}`; }
});"""


async def test_a_second_tab_follows_the_first(person: Person) -> None:
    """What is said in one tab is in the other without a reload: thread, list and answer."""
    first = await person.opens()
    await person.says(first, "one", {"text": "One."})
    await expect(answers(first)).to_have_text("One.")
    second = await person.opens("/" + first.url.partition("/#")[2].join(["#", ""]))
    await expect(answers(second)).to_have_text("One.")
    await person.says(first, "two", {"text": "Two."})
    await expect(answers(first)).to_have_text(["One.", "Two."])
    await expect(answers(second)).to_have_text(["One.", "Two."])


async def test_two_tabs_that_write_at_once_end_with_the_same(person: Person) -> None:
    """Both messages are answered, and in the end both tabs show both, in the order of the store."""
    thread = person.wrote(None, "start", {"text": "Started."})
    first, second = await person.opens(f"/#{thread}"), await person.opens(f"/#{thread}")
    await person.says(first, "left", held("Left", " done.", "test-two-tabs"))
    await expect(answers(first).last).to_have_text("Left")
    await person.says(second, "right", {"text": "Right done."})
    person.opened("test-two-tabs")
    stored = ["Started.", "Left done.", "Right done."]
    await expect(answers(first)).to_have_text(stored)
    await expect(answers(second)).to_have_text(stored)


async def test_a_session_that_ends_keeps_what_was_typed(person: Person) -> None:
    """With an expired cookie the message is refused in words, stays in its field, and goes once signed in again."""
    page = await person.opens()
    await person.sign_in(lifetime_s=-60)
    await person.says(page, "still here", {"text": "Welcome back."})
    await expect(page.get_by_role("alert")).to_contain_text("your session has ended")
    field = page.get_by_role("textbox", name="Message")
    assert (await field.input_value()).startswith("still here")
    await person.sign_in()
    await page.get_by_role("button", name="Try again").click()
    await expect(answers(page)).to_have_text("Welcome back.")
    await expect(field).to_have_value("")
    await expect(page.get_by_role("article", name="You")).to_have_count(1)


async def test_a_page_that_opens_signed_out_says_so(person: Person) -> None:
    """Without a cookie the page says what to do, and shows the chats once that is done."""
    person.wrote(None, "mine", {"text": "Yours."})
    await person.context.clear_cookies()
    page = await person.opens()
    await expect(page.get_by_role("alert")).to_contain_text("You are not signed in")
    await person.sign_in()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("listitem")).to_contain_text(["mine"])


async def test_a_lost_server_is_said(person: Person) -> None:
    """A request that reaches nobody is told in words, with a way to try it again."""
    page = await person.opens()
    await person.context.set_offline(True)
    await person.says(page, "anybody", {"text": "Here."})
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    await person.context.set_offline(False)
    await page.get_by_role("button", name="Try again").click()
    await expect(answers(page)).to_have_text("Here.")


async def test_the_demo_sign_in_leaves_a_cookie_that_no_script_reads(
    browser: Browser, upstream: str, tmp_path: Path
) -> None:
    """The address that --demo-user prints signs a browser in, and its cookie is hidden from the page."""
    environment = environment_for(tmp_path, upstream)
    with started("reference_server", "--port", "0", "--demo-user", "ann", environment=environment) as (url, process):
        assert process.stdout is not None
        address = process.stdout.readline().split()[0]
        context = await browser.new_context()
        person = Person(chat=Chat(url=url, upstream=upstream, folder=tmp_path, user="ann"), context=context)
        page = await context.new_page()
        await page.goto(address)
        await expect(page).to_have_url(f"{url}/")
        await person.says(page, "hello", {"text": "Hello, Ann."})
        await expect(answers(page)).to_have_text("Hello, Ann.")
        assert await page.evaluate("document.cookie") == ""
        (cookie,) = await context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        await context.close()


async def test_openais_component_is_taken_where_it_loads(person: Person) -> None:
    """A script from OpenAI's address is admitted by the policy and given our endpoint; our client stays away."""
    await person.context.route(SCRIPT, lambda route: route.fulfill(body=COMPONENT, content_type="text/javascript"))
    page = await person.context.new_page()
    await page.goto(person.chat.url)
    await expect(page.get_by_text(f"theirs: {person.chat.url}/chatkit domain_pk_localhost_dev")).to_be_visible()
    await expect(page.get_by_role("textbox")).to_have_count(0)


async def test_the_address_can_ask_for_our_client(person: Person) -> None:
    """`/?client=own` does not even ask for OpenAI's script."""
    asked: list[str] = []
    person.context.on("request", lambda request: asked.append(request.url))
    await person.opens("/?client=own")
    assert not [url for url in asked if not url.startswith(person.chat.url)]


async def test_the_policy_lets_no_other_script_run(person: Person) -> None:
    """A script that somebody got into the page, inline or from elsewhere, is blocked by the policy."""
    page = await person.opens()
    blocked = await page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "document.title = 'run'";
          document.head.append(script);
        })"""
    )
    assert blocked == "script-src-elem"
    assert await page.title() != "run"
