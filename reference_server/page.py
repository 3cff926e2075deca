"""The page at `/`: the real ChatKit web component against this server, and plain words where it cannot load."""

from __future__ import annotations

import json

HEADERS = {
    "cache-control": "no-store",
    # The chat's script comes from OpenAI, draws in frames of its own there, and asks this server alone.
    "content-security-policy": (
        "default-src 'self' https://*.openai.com https://*.oaistatic.com https://*.oaiusercontent.com; "
        "script-src 'self' 'unsafe-inline' https://cdn.platform.openai.com; style-src 'self' 'unsafe-inline' https:; "
        "img-src 'self' data: blob: https:; font-src 'self' data: https:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}
"""What a browser is told about the page, as OWASP ASVS 5.0 asks in chapter 3.4."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tasks</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
  body { margin: 0; height: 100vh; display: grid; place-items: center; }
  openai-chatkit { width: min(100%, 48rem); height: 100vh; display: block; }
  #notice { max-width: 36rem; padding: 2rem; line-height: 1.5; }
</style>
</head>
<body>
<p id="notice" role="status">Loading the chat…</p>
<script>
  const notice = document.getElementById("notice");
  const say = (text) => { notice.hidden = false; notice.textContent = text; };
  const unreachable = () => say(
    "The chat cannot be shown: its script, https://cdn.platform.openai.com/deployments/chatkit/chatkit.js, did not " +
    "load. This page needs the internet for it; the server itself runs, and POST /chatkit answers.");
  async function signedIn() {
    const answer = await fetch("/chatkit", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "threads.list", params: { limit: 1 } }),
    });
    return answer.status !== 401;
  }
  async function mount() {
    await customElements.whenDefined("openai-chatkit");
    if (!(await signedIn())) {
      say("You are not signed in. Start the server with --demo-user NAME and open the address that it prints, " +
          "or set the cookie access_token.");
      return;
    }
    const chat = document.createElement("openai-chatkit");
    chat.setOptions({
      api: {
        url: new URL("/chatkit", location.href).href,
        domainKey: DOMAIN_KEY,
        uploadStrategy: { type: "two_phase" },
        fetch: (input, init) => fetch(input, { ...init, credentials: "same-origin" }),
      },
      history: { enabled: true },
      composer: { placeholder: "What is to be done?", attachments: { enabled: true } },
      startScreen: {
        greeting: "What is to be done?",
        prompts: [{ label: "Show my tasks", prompt: "Show my tasks" }],
      },
    });
    notice.hidden = true;
    document.body.append(chat);
  }
</script>
<script src="https://cdn.platform.openai.com/deployments/chatkit/chatkit.js" async onload="mount()"
        onerror="unreachable()"></script>
<noscript>The chat needs JavaScript.</noscript>
</body>
</html>
"""


def page(domain_key: str) -> str:
    """The page's HTML. `domain_key` is what OpenAI's script asks of a page that hosts it."""
    return _PAGE.replace("DOMAIN_KEY", json.dumps(domain_key).replace("<", "\\u003c"))
