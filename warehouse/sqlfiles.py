"""The SQL files that come with Dateline: checks, marts, macros and questions, one relation or query each.

A file's first line says what its rows are. What else is said about it stands in comments of fixed form:

- ``-- stored per article_id`` (marts): the rows are computed when a release is loaded, and replaced where the article
  or entity that they belong to has changed. Any other mart is a view.
- ``… AS share, -- column: What share means.`` (marts): the comment of a column of the result.
- ``-- example: FROM search('climate summit')`` (macros): how it is called; helpers of others have none.
- ``-- param: from DATE = NULL -- First day.`` (questions): a parameter with its default, which is an SQL expression.
- ``-- returns: name VARCHAR, articles BIGINT`` (questions): the columns of the answer.
- ``-- chart: line x=day y=articles`` (questions): the picture that shows the answer, and which column is what in it;
  see ``CHART_ROLES``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from importlib import resources
from itertools import starmap
from typing import Final

_STORED: Final = re.compile(r"^-- stored per (\w+)$", re.MULTILINE)
_COLUMN: Final = re.compile(r"(\w+),?[ ]+-- column: (.+)$", re.MULTILINE)
_PARAMETER: Final = re.compile(r"^-- param: (\w+) ([A-Z]+(?:\[\])?) = (.+?) -- (.+)$", re.MULTILINE)
_EXAMPLE: Final = re.compile(r"^-- example: (.+)$", re.MULTILINE)
_RETURNS: Final = re.compile(r"^-- returns: (.+)$", re.MULTILINE)
_CHART: Final = re.compile(r"^-- chart: (\w+) (.+)$", re.MULTILINE)
_COMMENT: Final = re.compile(r"--.*$", re.MULTILINE)

#: What the columns of a question are in each kind of chart, those in it that may be left out last. ``y`` of a line may
#: be several columns, by commas.
CHART_ROLES: Final = {
    "line": ("x", "y"),
    "bars": ("label", "value"),
    "network": ("source", "target", "weight", "source_type", "target_type"),
    "map": ("label", "latitude", "longitude", "size"),
}
OPTIONAL_ROLES: Final = frozenset({"source_type", "target_type"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a question: its DuckDB type, the SQL expression of its default, and what it means."""

    name: str
    sql_type: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Chart:
    """How an answer is drawn: a kind of ``CHART_ROLES``, and the columns that have its roles."""

    kind: str
    columns: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class SqlFile:
    """A query from ``warehouse/sql``: its name, its first comment line and its text."""

    name: str
    description: str
    text: str

    @cached_property
    def stored_per(self) -> str | None:
        """The column whose changed values name the rows to replace; None: not stored."""
        found = _STORED.search(self.text)
        return found and found[1]

    @cached_property
    def columns(self) -> dict[str, str]:
        """Comments of the columns, in the order of the result."""
        return dict(_COLUMN.findall(self.text))

    @cached_property
    def example(self) -> str | None:
        """SQL that calls a macro."""
        found = _EXAMPLE.search(self.text)
        return found and found[1]

    @cached_property
    def parameters(self) -> list[Parameter]:
        return list(starmap(Parameter, _PARAMETER.findall(self.text)))

    @cached_property
    def returns(self) -> list[tuple[str, str]]:
        """Name and DuckDB type of each column of the answer."""
        found = _RETURNS.search(self.text)
        pairs = [each.strip().split(" ", 1) for each in found[1].split(",")] if found else []
        return [(name, sql_type) for name, sql_type in pairs]

    @cached_property
    def chart(self) -> Chart | None:
        """The picture that shows the answer; None where a table says it better."""
        found = _CHART.search(self.text)
        if found is None:
            return None
        pairs = (each.split("=", 1) for each in found[2].split())
        return Chart(found[1], {role: tuple(names.split(",")) for role, names in pairs})

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the SQL itself, comments left out."""
        return frozenset(re.findall(r"\w+", _COMMENT.sub("", self.text)))


def sql_files(folder: str) -> list[SqlFile]:
    """The SQL files of ``checks``, ``marts``, ``macros`` or ``queries``, by name."""
    found = []
    for entry in sorted(resources.files("warehouse").joinpath("sql", folder).iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".sql"):
            text = entry.read_text(encoding="utf-8")
            description = text.splitlines()[0].removeprefix("--").strip()
            found.append(SqlFile(entry.name.removesuffix(".sql"), description, text))
    return found


def in_creation_order(files: list[SqlFile]) -> list[SqlFile]:
    """The same files, each behind those whose names occur in it: DuckDB looks names up when it creates a relation."""
    named = {each.name: each for each in files}
    uses = {each.name: sorted((each.words & named.keys()) - {each.name}) for each in files}
    return [named[name] for name in TopologicalSorter(uses).static_order()]
