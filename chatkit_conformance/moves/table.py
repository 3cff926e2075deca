"""Every kind of move."""

from __future__ import annotations

from collections.abc import Mapping

from .changing import CHANGING
from .corrected_scene import CORRECTED_SCENE
from .crowd import CROWD
from .faulty import FAULT
from .filtered_scene import FILTERED_SCENE
from .impostors import IMPOSTOR
from .laden_scene import LADEN_SCENE
from .leaving import LEAVING
from .meanwhile_scenes import MEANWHILE_SCENES
from .more_scenes import MORE_SCENES
from .move import MoveKind
from .odd_tasks import ODD_TASKS
from .operators import OPERATORS
from .reading import READING
from .scenes import SCENES
from .shown import SHOWN
from .strangers import STRANGERS
from .talking import TALKING
from .task_scenes import TASK_SCENES
from .team import TEAM
from .tools import TOOLS
from .wording import WORDS
from .wrongly import WRONGLY

_ROWS = (
    *TALKING,
    *TOOLS,
    FAULT,
    *READING,
    *CHANGING,
    CROWD,
    *SHOWN,
    *LEAVING,
    *STRANGERS,
    IMPOSTOR,
    WRONGLY,
    *OPERATORS,
)

KINDS: Mapping[str, MoveKind] = {kind.name: kind for kind in _ROWS}
"""By name, those that are drawn and paired."""

_SCENES = (
    LADEN_SCENE,
    CORRECTED_SCENE,
    FILTERED_SCENE,
    *SCENES,
    *TASK_SCENES,
    *MORE_SCENES,
    *MEANWHILE_SCENES,
    ODD_TASKS,
    *TEAM,
    WORDS,
)

WITH_SCENES: Mapping[str, MoveKind] = {**KINDS, **{kind.name: kind for kind in _SCENES}}
"""Those, and the scenes: a run holds some in conversations of their own, `explore` draws them as any other."""
