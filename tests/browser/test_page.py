"""The page of the reference server in a real browser: what a person types, sees, hears and presses."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, expect

from tests.reference_server.conftest import calling

from .conftest import Person, held

pytestmark = pytest.mark.asyncio(loop_scope="session")


def answers(page: Page) -> Locator:
    """The assistant's messages, as they are shown."""
    return page.get_by_role("article", name="Assistant").get_by_role("paragraph")


async def test_it_says_whose_client_it_is(person: Person) -> None:
    """Where OpenAI's script cannot load, ours takes its place at once, and says that it is ours and why."""
    page = await person.opens()
    await expect(page.get_by_text("A small client of this project's own, not OpenAI's ChatKit")).to_be_visible()
    await expect(page.get_by_text("did not load from cdn.platform.openai.com")).to_be_visible()


async def test_an_answer_is_shown_while_it_comes(person: Person) -> None:
    """The first words are there before the last are written, and the message's field is empty again."""
    page = await person.opens()
    await person.says(page, "hello", held("Good ", "morning, 世界 😀.", "test-page-stream"))
    await expect(answers(page)).to_have_text("Good ")
    await expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    person.opened("test-page-stream")
    await expect(answers(page)).to_have_text("Good morning, 世界 😀.")
    await expect(page.get_by_role("status")).to_have_text("The answer is complete.")
    await expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")


async def test_a_tool_is_shown_and_its_card_can_be_pressed(person: Person) -> None:
    """A step stands in the conversation, a card is drawn as a box, and its button completes the task."""
    page = await person.opens()
    created = {"calls": [calling("create_task", title="Buy milk")]}
    await person.says(page, "milk", created, {"calls": [calling("list_tasks")]}, {"text": "There it is."})
    await expect(answers(page)).to_have_text("There it is.")
    tools = page.get_by_role("article", name="Tool")
    await expect(tools.filter(has_text="Buy milk").first).to_be_visible()
    await tools.get_by_role("button", name="Complete").last.click()
    await expect(tools.last.get_by_text("done")).to_be_visible()
    assert person.chat.ask("threads.list").json()["data"]
    await expect(page.get_by_role("alert")).to_be_hidden()


async def test_a_step_is_seen_while_the_tool_runs(person: Person) -> None:
    """The status names what is being done, and the step that is done stays."""
    page = await person.opens()
    call = {"calls": [calling("complete_all_tasks", confirm=True)]}
    await person.says(page, "all", call, held("Al", "l done.", "test-page-step"))
    await expect(page.get_by_role("article", name="Tool")).to_contain_text("Done: ")
    person.opened("test-page-step")
    await expect(answers(page)).to_have_text("All done.")


async def test_a_reload_shows_the_same(person: Person) -> None:
    """After a reload the same thread is open, with the same items in the same order."""
    page = await person.opens()
    call = {"calls": [calling("create_task", title="Call Ann")]}
    await person.says(page, "call", call, {"text": "Noted."})
    await expect(answers(page)).to_have_text("Noted.")
    await expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    before = await page.get_by_role("article").all_inner_texts()
    await page.reload()
    await expect(answers(page)).to_have_text("Noted.")
    assert await page.get_by_role("article").all_inner_texts() == before


@pytest.mark.parametrize("how", ["button", "Escape"])
async def test_stop_keeps_what_was_said(person: Person, how: str) -> None:
    """Stopped by mouse or by key: the model's connection ends, the words stay, here and after a reload."""
    page = await person.opens()
    nonce = await person.says(page, "talk", held("The first words, ", "and never these.", f"test-page-{how}"))
    await expect(answers(page)).to_have_text("The first words, ")
    await (page.get_by_role("button", name="Stop").click() if how == "button" else page.keyboard.press(how))
    await expect(page.get_by_role("status")).to_have_text("Stopped.")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    (call,) = person.chat.calls(nonce)
    assert call["gone_at"] is not None
    await page.reload()
    await expect(answers(page)).to_have_text(re.compile("The first words"))
    await expect(page.get_by_text("and never these.")).to_have_count(0)


async def test_an_error_can_be_tried_again(person: Person) -> None:
    """What the model's failure left is said in an alert, and Try again leaves one answer to one message."""
    page = await person.opens()
    cut = {"kind": "cut", "at": "mid-text", "times": 1}
    await person.says(page, "try", {"text": "Now it works.", "chunk_chars": 4, "fault": cut})
    await page.get_by_role("alert").get_by_role("button", name="Try again").click()
    await expect(answers(page)).to_have_text("Now it works.")
    await expect(page.get_by_role("alert")).to_be_hidden()
    await expect(page.get_by_role("article", name="You")).to_have_count(1)


async def test_an_answer_can_be_asked_for_again(person: Person) -> None:
    """Answer again replaces the last answer, here and in the store."""
    page = await person.opens()
    steps = [{"attempts": [{"text": "First."}, {"text": "Second."}]}]
    await person.says(page, "again", *steps)
    await expect(answers(page)).to_have_text("First.")
    await page.get_by_role("button", name="Answer again").click()
    await expect(answers(page)).to_have_text("Second.")
    await page.reload()
    await expect(answers(page)).to_have_text("Second.")


async def test_threads_are_listed_and_opened(person: Person) -> None:
    """Each thread is in the list under its title, the newest first; pressing one shows it, New chat leaves it."""
    one = person.wrote(None, "about apples", {"text": "Apples."})
    person.wrote(None, "about pears", {"text": "Pears."})
    page = await person.opens()
    listed = page.get_by_role("navigation", name="Chats").get_by_role("listitem")
    await expect(listed).to_contain_text(["about pears", "about apples"])
    await listed.get_by_text("about apples").click()
    await expect(answers(page)).to_have_text("Apples.")
    assert page.url.endswith(f"#{one}")
    await expect(page.get_by_role("button", name=re.compile("about apples"))).to_have_attribute("aria-current", "page")
    await page.get_by_role("button", name="New chat").click()
    await expect(page.get_by_role("article")).to_have_count(0)
    await page.go_back()
    await expect(answers(page)).to_have_text("Apples.")


async def test_a_long_thread_comes_page_by_page(person: Person) -> None:
    """Of more than fifty items the newest are shown, and the earlier ones come in their place."""
    thread = person.wrote(None, "number 0", {"text": "Answer 0."})
    for number in range(1, 28):
        person.wrote(thread, f"number {number}", {"text": f"Answer {number}."})
    page = await person.opens(f"/#{thread}")
    await expect(answers(page)).to_have_count(25)
    await page.get_by_role("button", name="Earlier messages").click()
    await expect(answers(page)).to_have_text([f"Answer {number}." for number in range(28)])
    await expect(page.get_by_role("button", name="Earlier messages")).to_have_count(0)


async def test_what_is_typed_is_shown_as_text(person: Person) -> None:
    """Markup in a message, an answer or a tool's result is shown as it stands, and runs nothing."""
    page = await person.opens()
    hostile = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
    call = {"calls": [calling("create_task", title=hostile)]}
    await person.says(page, hostile, call, {"text": hostile})
    await expect(answers(page)).to_have_text(hostile)
    await page.reload()
    await expect(page.get_by_role("article", name="Tool").first).to_contain_text(hostile)
    assert await page.locator("article img, article script").count() == 0
    assert await page.title() != "run"


async def test_everything_can_be_done_with_keys(person: Person) -> None:
    """Tab reaches list, conversation, field and button in the order of the page; Shift+Enter makes a line."""
    page = await person.opens()
    await person.says(page, "keys", {"text": "Yes."})
    await expect(answers(page)).to_have_text("Yes.")
    field = page.get_by_role("textbox", name="Message")
    await expect(field).to_be_focused()
    await field.press_sequentially("one")
    await page.keyboard.press("Shift+Enter")
    await field.press_sequentially("two")
    await expect(field).to_have_value("one\ntwo")
    await page.reload()
    await expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    await expect(page.locator("#threads button")).to_have_count(1)  # the list comes by a request of its own
    reached = []
    for _ in range(6):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    if reached[2] == "log":  # where it can be scrolled, the browser stops at it, too
        del reached[2]
    assert [reached[0], *reached[2:5]] == ["new", "again", "text", "send"]
    assert reached[1].startswith("keys")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_nothing_keeps_anybody_out(person: Person, scheme: Literal["light", "dark"], width: int) -> None:
    """axe-core finds no fault of contrast, name, role or order, and nothing is wider than the window."""
    page = await person.opens()
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size({"width": width, "height": 844})
    steps = [{"calls": [calling("create_task", title="Buy milk")]}, {"calls": [calling("list_tasks")]}]
    await person.says(page, "look", *steps, {"text": "There it is, " + "a_word_without_an_end" * 8})
    await expect(answers(page)).to_have_count(1)
    await expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    results = await Axe().run(page)
    assert not results.response["violations"], results.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_narrow_window_folds_the_list(person: Person) -> None:
    """At the width of a phone the list of chats is behind a button that says whether it is open."""
    person.wrote(None, "in my pocket", {"text": "Yes."})
    page = await person.opens()
    await page.set_viewport_size({"width": 390, "height": 844})
    row = page.get_by_role("listitem").get_by_role("button")
    await expect(row).to_be_hidden()
    fold = page.get_by_role("button", name="Chats")
    await expect(fold).to_have_attribute("aria-expanded", "false")
    await fold.click()
    await expect(fold).to_have_attribute("aria-expanded", "true")
    await row.click()
    await expect(answers(page)).to_have_text("Yes.")
    await expect(row).to_be_hidden()
