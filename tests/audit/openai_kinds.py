"""Small trees that name or lead to what is not Gemini, and ones that only look like it."""

from __future__ import annotations

from collections.abc import Mapping

Files = Mapping[str, str]

GOOD_SERVER = """
from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from openai import AsyncOpenAI

set_tracing_disabled(True)
BASE_URL = "https://generativelanguage.googleapis.com/v1beta/openai/"
client = AsyncOpenAI(api_key="k", base_url=BASE_URL)
agent = Agent(name="a", model=OpenAIChatCompletionsModel(model="gemini-3.8-flash", openai_client=client))

async def answer(text):
    return Runner.run_streamed(agent, text)
"""

FOUND: Mapping[str, tuple[Files, str, str]] = {
    "model in a call": (
        {"a.py": "from agents import Agent\nagent = Agent(name='x', model='gpt-4.1-mini')\n"},
        "openai.model",
        "a.py:2",
    ),
    "model as a default": ({"a.py": "import os\nMODEL = os.environ.get('LLM', 'gpt-4o')\n"}, "openai.model", "a.py:2"),
    "model of another name": (
        {"a.py": "import os\nmodel = os.getenv('MODEL') or 'o4-mini'\n"},
        "openai.model",
        "a.py:2",
    ),
    "model returned": ({"a.py": "def model_name():\n    return 'gpt-5'\n"}, "openai.model", "a.py:2"),
    "model in settings": ({"a.py": "class S:\n    chat_model: str = 'claude-sonnet-4'\n"}, "openai.model", "a.py:2"),
    "model in env": ({".env": "LLM_MODEL=gpt-4o-mini\n"}, "openai.model", ".env:1"),
    "model in compose": (
        {"compose.yaml": "services:\n  a:\n    environment:\n      - MODEL=gpt-4o\n"},
        "openai.model",
        "compose.yaml:4",
    ),
    "model offered by the composer": (
        {
            "src/C.tsx": "import { useChatKit } from '@openai/chatkit-react'\nuseChatKit({ api, composer: {\n"
            "  models: [{ id: 'gpt-4.1', label: 'Best' }] } })\n"
        },
        "openai.model",
        "src/C.tsx:3",
    ),
    "host": (
        {"a.py": "import httpx\nhttpx.post('https://api.openai.com/v1/chat/completions')\n"},
        "openai.host",
        "a.py:2",
    ),
    "host in env": (
        {".env.production": "OPENAI_BASE_URL=https://api.openai.com/v1\n"},
        "openai.host",
        ".env.production:1",
    ),
    "host in typescript": ({"a.ts": "export const base = 'https://api.openai.com/v1'\n"}, "openai.host", "a.ts:1"),
    "azure": (
        {"a.py": "from openai import AsyncAzureOpenAI\nc = AsyncAzureOpenAI(azure_endpoint='x')\n"},
        "openai.client",
        "a.py:2",
    ),
    "client without base url": (
        {"a.py": "from openai import AsyncOpenAI\nc = AsyncOpenAI(api_key='k')\n"},
        "openai.client",
        "a.py:2",
    ),
    "client by module": ({"a.py": "import openai\nc = openai.OpenAI()\n"}, "openai.client", "a.py:2"),
    "client in typescript": (
        {"a.ts": "import OpenAI from 'openai'\nconst c = new OpenAI({ apiKey: 'k' })\n"},
        "openai.client",
        "a.ts:2",
    ),
    "tracing left on": (
        {"a.py": GOOD_SERVER.replace("set_tracing_disabled(True)\n", "")},
        "openai.tracing",
        "a.py:9",
    ),
    "tracing switched on": (
        {"a.py": GOOD_SERVER.replace("set_tracing_disabled(True)", "set_tracing_disabled(False)")},
        "openai.tracing",
        "a.py:10",
    ),
    "responses model": (
        {
            "a.py": "from agents import OpenAIResponsesModel\nm = OpenAIResponsesModel(model='gemini-3.8-flash', openai_client=c)\n"
        },
        "openai.responses-api",
        "a.py:2",
    ),
    "hosted tool": (
        {
            "a.py": "from agents import Agent, WebSearchTool\n"
            "agent = Agent(name='a', model='gemini-3.8-flash', tools=[WebSearchTool()])\n"
        },
        "openai.hosted-tool",
        "a.py:2",
    ),
    "hosted tool by module": (
        {"a.py": "import agents\ntools = [agents.HostedMCPTool(tool_config={'type': 'mcp'})]\n"},
        "openai.hosted-tool",
        "a.py:2",
    ),
    "responses call": (
        {"a.py": "async def f(c):\n    return await c.responses.create(model='gemini-3.8-flash')\n"},
        "openai.responses-api",
        "a.py:2",
    ),
    "default client": (
        {
            "a.py": "from agents import Agent, set_default_openai_client\nset_default_openai_client(client)\n"
            "agent = Agent(name='a', model='gemini-3.8-flash')\n"
        },
        "openai.responses-api",
        "a.py:2",
    ),
    "agent without a model": (
        {"a.py": "from agents import Agent\nagent = Agent(name='a', tools=[])\n"},
        "openai.default-model",
        "a.py:2",
    ),
    "hosted by its secret": (
        {
            "a.tsx": "import { useChatKit } from '@openai/chatkit-react'\n"
            "useChatKit({ api: {\n  async getClientSecret() { return '' } } })\n"
        },
        "openai.hosted-chatkit",
        "a.tsx:3",
    ),
    "hosted by its session": (
        {"a.py": "def f(c):\n    return c.beta.chatkit.sessions.create(user='u')\n"},
        "openai.hosted-chatkit",
        "a.py:2",
    ),
}
"""What it is called -> its files, the rule, and the place."""

GEMINI: Mapping[str, Files] = {
    "a good server": {"a.py": GOOD_SERVER},
    "tracing off by the environment": {
        "a.py": GOOD_SERVER.replace("set_tracing_disabled(True)\n", ""),
        "Dockerfile": "ENV OPENAI_AGENTS_DISABLE_TRACING=1\n",
    },
    "tracing off in code by the environment": {
        "a.py": "import os\nos.environ['OPENAI_AGENTS_DISABLE_TRACING'] = '1'\n"
        + GOOD_SERVER.replace("set_tracing_disabled(True)\n", "")
    },
    "tracing off by run": {
        "a.py": "from agents import RunConfig, Runner\nRunner.run(agent, 'x', run_config=RunConfig(tracing_disabled=True))\n"
    },
    "model by run": {
        "a.py": "from agents import Agent, RunConfig, set_tracing_disabled\nset_tracing_disabled(True)\n"
        "agent = Agent(name='a')\nconfig = RunConfig(model='gemini-3.8-flash')\n"
    },
    "default api": {
        "a.py": "from agents import set_default_openai_api, set_default_openai_client\n"
        "set_default_openai_client(client)\nset_default_openai_api('chat_completions')\n"
    },
    "refused": {
        "a.py": "BLOCKED_MODELS = ('gpt-4o', 'o3')\nBLOCKED_HOSTS = {'api.openai.com'}\n\n"
        "def check(model):\n    if model.startswith('gpt-') or model == 'gpt-4o':\n"
        "        raise ValueError('gpt-4o is not served; see https://platform.openai.com/docs')\n"
    },
    "prices and aliases": {
        "a.py": "PRICES = {'gpt-4o': 2.5}\nMODEL_ALIASES = {'gpt-4o': 'gemini-3.8-flash', 'o3': 'gemini-3.8-flash'}\n"
    },
    "tests": {
        "tests/test_a.py": "def test_it(client):\n    assert client.post('/x', json={'model': 'gpt-4o'}).status_code == 400\n",
        "src/a.test.ts": "const base = 'https://api.openai.com/v1'\n",
    },
    "chatkit's own script": {
        "index.html": '<script src="https://cdn.platform.openai.com/deployments/chatkit/chatkit.js" async></script>\n'
    },
    "base url by the environment": {
        "a.py": "from openai import AsyncOpenAI\nclient = AsyncOpenAI()\n",
        "compose.yaml": "services:\n  a:\n    environment:\n"
        "      OPENAI_BASE_URL: https://generativelanguage.googleapis.com/v1beta/openai/\n",
    },
    "base url by a default of the environment": {
        "a.py": "import os\nfrom openai import AsyncOpenAI\nos.environ.setdefault('OPENAI_BASE_URL', BASE)\nclient = AsyncOpenAI()\n"
    },
    "options spread in": {"a.py": "from openai import AsyncOpenAI\nclient = AsyncOpenAI(**settings.client)\n"},
    "words": {"a.py": "HELP = 'Unlike gpt-4o, this is Gemini.'\nTITLE = 'gpt-4o'\n# model='gpt-4o'\n"},
    "blocked in compose": {"compose.yaml": "services:\n  a:\n    extra_hosts:\n      - 'api.openai.com:127.0.0.1'\n"},
    "a library of that name": {"a.py": "import responses\nresponses.add(responses.GET, 'http://x')\n"},
}
"""What it is called -> its files: nothing in them is not Gemini's."""
