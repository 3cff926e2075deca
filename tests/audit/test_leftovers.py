"""What is left of the old chat: imports and routes of what is gone, files that nobody imports; versions that clash."""

from __future__ import annotations

from pathlib import Path

from .trees import one, two

OLD = {
    "backend/app/main.py": "from fastapi import FastAPI\nfrom app.ws_manager import manager\napp = FastAPI()\n",
    "backend/app/ws_manager/__init__.py": "",
    "backend/app/ws_manager/manager.py": "from fastapi import WebSocket\nfrom .events import Event\n",
    "backend/app/ws_manager/events.py": "class Event: ...\n",
    "backend/app/notify.py": "from app.ws_manager.manager import broadcast\n",
    "frontend/src/App.tsx": "import { Chat } from './Chat'\nexport const App = () => <Chat />\n",
    "frontend/src/Chat.tsx": "import { useSocket } from '@/hooks/useSocket'\nimport { Bar } from './Bar'\n"
    "export const Chat = () => <Bar on={useSocket()} />\n",
    "frontend/src/Bar.tsx": "export const Bar = () => null\n",
    "frontend/src/hooks/useSocket.ts": "export const useSocket = () => new WebSocket('/ws')\n",
}


def hits(root: Path, after: dict[str, str], before: dict[str, str] = OLD) -> list[tuple[str, str, str]]:
    """Rule, weight and place of each leftover."""
    made = two(root, before, after)
    return [(h.rule, h.weight, str(h.spot)) for h in made.hits if h.rule.startswith("leftover.")]


def test_imports_of_removed_files_are_errors(tmp_path: Path) -> None:
    """Relative, absolute and by alias: each is named with its line, and the exit code is 1."""
    after = {path: text for path, text in OLD.items() if "ws_manager" not in path and "hooks" not in path}
    assert hits(tmp_path, after) == [
        ("leftover.import", "error", "backend/app/main.py:2"),
        ("leftover.import", "error", "backend/app/notify.py:1"),
        ("leftover.import", "error", "frontend/src/Chat.tsx:1"),
    ]
    assert two(tmp_path, OLD, {}).exit_code() == 1


def test_imports_of_moved_files_are_none(tmp_path: Path) -> None:
    """A package that stands elsewhere now, a file of another suffix, a package from outside: each still resolves."""
    after = {
        "backend/app/main.py": "from app.live import manager\nimport ws_manager_client\n",
        "backend/app/live/__init__.py": "",
        "backend/app/live/manager.py": "",
        "frontend/src/App.tsx": "import { Chat } from './Chat'\n"
        "import { Bar } from './Bar.js'\nimport x from 'react'\n",
        "frontend/src/Chat/index.tsx": "export const Chat = () => null\n",
        "frontend/src/Bar.ts": "export const Bar = 1\n",
    }
    assert hits(tmp_path, after) == []


def test_files_of_the_old_chat_that_nobody_imports_are_warnings(tmp_path: Path) -> None:
    """A component that only the old chat drew is left; one that another file imports is not."""
    after = {
        "frontend/src/App.tsx": "export const App = () => null\n",
        "frontend/src/Bar.tsx": OLD["frontend/src/Bar.tsx"],
        "backend/app/main.py": "from app.ws_manager.events import Event\n",
        "backend/app/ws_manager/__init__.py": "",
        "backend/app/ws_manager/events.py": "class Event: ...\n",
    }
    assert hits(tmp_path, after) == [("leftover.file", "warning", "frontend/src/Bar.tsx:1")]


def test_calls_to_routes_that_are_gone_are_warnings(tmp_path: Path) -> None:
    """A route that the server declared before and no more; one that it still has is none, whatever its parameter."""
    server = (
        "from fastapi import APIRouter\nrouter = APIRouter(prefix='/api/chat')\n\n"
        "@router.get('/history/{thread}')\ndef history(thread): ...\n\n@router.get('/stats')\ndef stats(): ...\n"
    )
    page = "fetch(`${BASE}/api/chat/history/${id}`)\nfetch('/api/chat/stats')\nfetch('/api/tasks')\n"
    before = {"app.py": server, "src/a.ts": page}
    after = {"app.py": server.replace("/history/{thread}", "/export/{thread}"), "src/a.ts": page}
    assert hits(tmp_path, after, before) == [("leftover.route", "warning", "src/a.ts:1")]


def test_versions_that_clash_are_a_warning(tmp_path: Path) -> None:
    """Fixed versions that the packages' own metadata excludes; a range that allows a good one is none."""
    clash = one(tmp_path / "a", {"requirements.txt": "openai-agents==0.24.0\nopenai==2.8.0\n"})
    assert [(h.rule, h.spot.line) for h in clash.hits] == [("versions.clash", 2)]
    for text in ("openai-agents==0.24.0\nopenai==3.54.0\n", "openai-agents>=0.20\nopenai>=2\n"):
        assert one(tmp_path / "b", {"requirements.txt": text}).hits == ()
    react = '{{"dependencies": {{"@openai/chatkit-react": "^1.6.1", "react": "{}"}}}}'
    assert [h.rule for h in one(tmp_path / "c", {"package.json": react.format("^17.0.2")}).hits] == ["versions.clash"]
    assert one(tmp_path / "d", {"package.json": react.format("^19.0.0")}).hits == ()
