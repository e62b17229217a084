"""The SQL files that come with Dateline: views, checks and questions, one relation or query each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class SqlFile:
    """A query from ``warehouse/sql``: its name, its first comment line and its text."""

    name: str
    description: str
    text: str


def sql_files(folder: str) -> list[SqlFile]:
    """The SQL files of ``views``, ``checks`` or ``queries``, by name."""
    found = []
    for entry in sorted(resources.files("warehouse").joinpath("sql", folder).iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".sql"):
            text = entry.read_text(encoding="utf-8")
            description = text.splitlines()[0].removeprefix("--").strip()
            found.append(SqlFile(entry.name.removesuffix(".sql"), description, text))
    return found
