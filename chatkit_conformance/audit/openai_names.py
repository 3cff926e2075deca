"""What OpenAI, and every other model than Gemini's, goes by."""

from __future__ import annotations

import re

MODEL = re.compile(
    r"^(openai/|azure/|models/)?(gpt-\d|gpt-(oss|image|realtime|audio)|chatgpt-|o[134](-(mini|pro|preview|deep-research))?(-\d|$)|"
    r"text-embedding-(3|ada)|text-davinci|davinci-|whisper-1|tts-1|dall-e-|omni-moderation|codex-|computer-use-preview)",
)
OTHER_MODEL = re.compile(
    r"^([\w-]+/)?(claude-|mistral-|mixtral-|llama-?\d|deepseek-|qwen\d?-|grok-|command-r)", re.IGNORECASE
)
GEMINI = re.compile(r"^(models/|google/|gemini/|vertex_ai/)?(gemini-[a-z0-9][\w.-]*)$")
OWNER = re.compile(r"model", re.IGNORECASE)
"""A text given to something that is called so is a model's name."""

EMBEDDING = re.compile(r"embed|whisper|transcri|speech|tts|image", re.IGNORECASE)

HOST = re.compile(
    r"^https?://(api|eu\.api|us\.api)\.openai\.com\b|^https?://[\w.-]+\.openai\.azure\.com\b", re.IGNORECASE
)
BARE_HOST = re.compile(r"^(api|eu\.api|us\.api)\.openai\.com(:\d+)?$", re.IGNORECASE)
REFUSED_IN = re.compile(r"block|deny|forbid|refus|disallow|extra_hosts|no_proxy|ban|reject", re.IGNORECASE)
"""Names of lists of what is kept away."""

GEMINI_HOST = "generativelanguage.googleapis.com"
BASE_URL = re.compile(r"base_?url|endpoint|api_?base", re.IGNORECASE)

CLIENTS = frozenset({"OpenAI", "AsyncOpenAI"})
AZURE = frozenset({"AzureOpenAI", "AsyncAzureOpenAI"})
RESPONSES_MODEL = frozenset({"OpenAIResponsesModel", "OpenAIResponsesWSModel"})
HOSTED_TOOLS = frozenset(
    {
        "ApplyPatchTool",
        "CodeInterpreterTool",
        "ComputerTool",
        "FileSearchTool",
        "HostedMCPTool",
        "ImageGenerationTool",
        "LocalShellTool",
        "ShellTool",
        "WebSearchTool",
    }
)
"""Tools of the Agents SDK that the Responses API alone can be given."""

RESPONSES_CALLS = re.compile(
    r"(^|\.)responses\.(create|stream|parse|retrieve|with_streaming_response|with_raw_response)\b"
)
SESSIONS = re.compile(r"(^|\.)chatkit\.sessions\.(create|cancel)$")
SESSION_PATH = re.compile(r"/v1/chatkit/sessions\b")
RUNS = frozenset({"run", "run_sync", "run_streamed"})

TRACING_OFF = frozenset({"set_tracing_disabled"})
TRACING_ELSEWHERE = frozenset({"set_trace_processors", "set_trace_provider"})
TRACING_ENV = "OPENAI_AGENTS_DISABLE_TRACING"
TRACING_PACKAGE = "agents"
ON = frozenset({"1", "true", "yes", "on", "t", "y"})
