"""ChatKit on the browser's side: api, domain key, credentials, options, script."""

from __future__ import annotations

from pathlib import Path

import pytest

from .trees import one

HEAD = "import { ChatKit, useChatKit } from '@openai/chatkit-react'\n"
PAGE = {"index.html": '<script src="https://cdn.platform.openai.com/deployments/chatkit/chatkit.js" async></script>\n'}
PINNED = '{{"dependencies": {{"@openai/chatkit": "{}"}}}}\n'


def rules(root: Path, options: str, **more: str) -> list[str]:
    """The rules of ChatKit that a component with these options breaks."""
    made = one(root, {"src/C.tsx": f"{HEAD}useChatKit({options})\n", **PAGE, **more})
    return [hit.rule for hit in made.hits if hit.rule.startswith("chatkit.")]


WRONG = {
    "no api": ("{ theme: 'dark' }", "chatkit.api"),
    "no url": ("{ api: { domainKey: import.meta.env.VITE_KEY, fetch: authFetch } }", "chatkit.api"),
    "no domain key": ("{ api: { url: '/chatkit' } }", "chatkit.api"),
    "placeholder": ("{ api: { url: '/chatkit', domainKey: 'domain_pk_localhost_dev' } }", "chatkit.domain-key"),
    "your domain key": ("{ api: { url: '/chatkit', domainKey: 'your-domain-key' } }", "chatkit.domain-key"),
    "no credentials": (
        "{ api: { url: '/chatkit', domainKey: KEY, fetch: (url, init) => fetch(url, init) } }",
        "chatkit.credentials",
    ),
    "another origin": ("{ api: { url: 'https://api.example.com/chatkit', domainKey: KEY } }", "chatkit.credentials"),
    "misspelt option": (
        "{ api: { url: '/chatkit', domainKey: KEY }, composer: { placeHolder: 'x' } }",
        "chatkit.option-unknown",
    ),
    "unknown option": (
        "{ api: { url: '/chatkit', domainKey: KEY }, onClientToolCall: f, sidebar: true }",
        "chatkit.option-unknown",
    ),
    "misspelt limit": (
        "{ api: { url: '/chatkit', domainKey: KEY }, composer: { attachments: { maxFiles: 3 } } }",
        "chatkit.option-unknown",
    ),
    "accepted files as a list": (
        "{ api: { url: '/chatkit', domainKey: KEY }, composer: { attachments: { accept: ['image/*'] } } }",
        "chatkit.option-value",
    ),
    "limit as a text": (
        "{ api: { url: '/chatkit', domainKey: KEY }, composer: { attachments: { maxSize: '10MB' } } }",
        "chatkit.option-value",
    ),
    "one tool that is no list": (
        "{ api: { url: '/chatkit', domainKey: KEY }, composer: { tools: { id: 'a', label: 'A', icon: 'bolt' } } }",
        "chatkit.option-value",
    ),
    "attachments without a way": (
        "{ api: { url: '/chatkit', domainKey: KEY }, composer: { attachments: { enabled: true } } }",
        "chatkit.option-value",
    ),
}

RIGHT = {
    "credentials": (
        "{ api: { url: '/chatkit', domainKey: KEY, fetch: (u, i) => fetch(u, { ...i, credentials: 'include' }) } }"
    ),
    "a function of another file": "{ api: { url: 'https://a.example.com/chatkit', domainKey: KEY, fetch: authFetch } }",
    "header": (
        "{ api: { url, domainKey: KEY, fetch: async (u, i) => "
        "fetch(u, { ...i, headers: { Authorization: `Bearer ${t}` } }) } }"
    ),
    "relative url": "{ api: { url: '/chatkit', domainKey: process.env.NEXT_PUBLIC_DOMAIN_KEY ?? 'local-dev' } }",
    "options of another place": "makeOptions(user)",
    "spread": "{ ...shared, theme: 'dark' }",
    "events": "{ api: { url: '/chatkit', domainKey: KEY }, onThreadChange: f, onError: g, onReady() {} }",
    "limits": (
        "{ api: { url: '/chatkit', domainKey: KEY, uploadStrategy: { type: 'two_phase' } }, composer: { attachments: "
        "{ enabled: true, maxSize: 10 * 1024 * 1024, maxCount: 3, accept: { 'image/*': ['.png'] } } } }"
    ),
    "limits by type, of another place": (
        "{ api: { url: '/chatkit', domainKey: KEY }, composer: { tools, models: MODELS, attachments: "
        "{ enabled: withFiles, maxSize: { 'image/*': 1 }, maxCount: LIMIT } } }"
    ),
    "all of it": (
        "{ api: { url: '/chatkit', domainKey: KEY }, locale: 'de', frameTitle: 'Chat', thread: { autoScroll: true }, "
        "composer: { dictation: { enabled: true } }, commands: { enabled: true } }"
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wired_wrong_is_a_warning(kind: str, tmp_path: Path) -> None:
    """The rule is named, and no other one but where two things are wrong."""
    options, rule = WRONG[kind]
    assert rule in rules(tmp_path, options)


@pytest.mark.parametrize("kind", RIGHT)
def test_what_is_wired_right_is_silent(kind: str, tmp_path: Path) -> None:
    """What works, and what cannot be seen from here, is no hit."""
    assert rules(tmp_path, RIGHT[kind]) == []


def test_options_in_a_constant_are_followed(tmp_path: Path) -> None:
    """`useChatKit(options)` is judged by the constant's object, and so is a fetch that stands above."""
    body = (
        f"{HEAD}const plain = (u, i) => fetch(u, i)\n"
        "const options = { api: { url: '/chatkit', domainKey: KEY, fetch: plain } } as const\nuseChatKit(options)\n"
    )
    made = one(tmp_path, {"src/C.tsx": body, **PAGE})
    assert [(hit.rule, hit.spot.line) for hit in made.hits] == [("chatkit.credentials", 2)]


def test_an_option_is_judged_by_the_version_that_is_installed(tmp_path: Path) -> None:
    """An option from 1.9.0 on is unknown to 1.4.0; a version newer than the table is not judged."""
    options = "{ api: { url: '/chatkit', domainKey: KEY }, commands: { enabled: true } }"
    assert rules(tmp_path, options, **{"package.json": PINNED.format("1.9.0")}) == []
    assert set(rules(tmp_path, options, **{"package.json": PINNED.format("1.4.0")})) == {"chatkit.option-unknown"}
    newer = options.replace("commands", "whatever")
    assert rules(tmp_path, newer, **{"package.json": PINNED.format("2.0.0")}) == []


def test_a_page_without_chatkits_script_is_told(tmp_path: Path) -> None:
    """The React binding loads nothing by itself."""
    options = "{ api: { url: '/chatkit', domainKey: KEY } }"
    made = one(tmp_path, {"src/C.tsx": f"{HEAD}useChatKit({options})\n"})
    assert [hit.rule for hit in made.hits] == ["chatkit.script"]


def test_the_web_component_in_vue_is_judged_too(tmp_path: Path) -> None:
    """`setOptions` of the element, in a component's script, with the line of the file."""
    text = (
        "<template>\n  <openai-chatkit ref='c' />\n</template>\n<script setup>\n"
        "c.value.setOptions({\n  api: { url: '/c' } })\n</script>\n"
    )
    made = one(tmp_path, {"src/C.vue": text, **PAGE})
    assert [(hit.rule, str(hit.spot)) for hit in made.hits] == [("chatkit.api", "src/C.vue:6")]
