"""The data dictionary: from the contracts for the documentation, from a warehouse for its reader."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from warehouse.query import open_warehouse
from warehouse.quoting import quote_identifier


@dataclass(frozen=True, slots=True)
class Join:
    """A join from many rows to one: ``many`` has ``columns`` that name a row of ``one``, by these or its own names.

    ``is_total``: every row of ``many`` has its row of ``one``.
    """

    one: str
    many: str
    columns: tuple[str, ...]
    one_columns: tuple[str, ...]
    is_total: bool = True


#: Joins beside those to one column that the contracts' references tell.
_OTHER_JOINS: Final = (
    Join("mentions", "mention_values", ("article_id", "mention_no"), ("article_id", "mention_no")),
    Join("articles", "versions", ("article_id",), ("article_id",), is_total=False),
    Join("files", "articles", ("source", "path"), ("source", "path")),
    Join("files", "rejects", ("source", "path"), ("source", "path")),
    Join("runs", "files", ("last_run_id",), ("run_id",), is_total=False),
)


def joins() -> list[Join]:
    """Which tables join on what, those of the contracts' references first."""
    from transforms.contracts import TABLES  # ruff: ignore[import-outside-top-level]

    found = []
    for table in TABLES.values():
        for column, target in table.references.items():
            one, one_column = target.split(".")
            is_total = not table.schema.columns()[column].nullable
            found.append(Join(one, table.name, (column,), (one_column,), is_total))
    return [*found, *_OTHER_JOINS]


def _join_lines() -> list[str]:
    """The joins as a Mermaid diagram, which is legible as text as well."""
    lines = ["### Joins", "", "```mermaid", "erDiagram"]
    for join in joins():
        pairs = [
            many if many == one else f"{many} = {one}" for many, one in zip(join.columns, join.one_columns, strict=True)
        ]
        lines.append(f'    {join.one} {"||" if join.is_total else "|o"}--o{{ {join.many} : "{", ".join(pairs)}"')
    return [*lines, "```", ""]


@dataclass(frozen=True, slots=True)
class Column:
    """A column as DuckDB knows it."""

    name: str
    sql_type: str
    is_nullable: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of the warehouse. ``row_count`` is None for a view."""

    name: str
    kind: str
    comment: str
    row_count: int | None
    columns: list[Column]

    @property
    def grain(self) -> str:
        """The first sentence of the comment."""
        return self.comment.split(". ")[0].removesuffix(".")


#: Between these lines of the README stands the generated dictionary.
BEGIN_MARK: Final = "<!-- data dictionary: written by `make readme`, from the contracts -->"
END_MARK: Final = "<!-- end of the data dictionary -->"

_RELATIONS: Final = """
SELECT table_name AS name, 'table' AS kind, comment, table_oid AS oid FROM duckdb_tables() WHERE NOT internal
UNION ALL
SELECT view_name, 'view', comment, view_oid FROM duckdb_views() WHERE NOT internal
ORDER BY kind, oid
"""
_COLUMNS: Final = """
SELECT table_name, column_name, data_type, is_nullable, coalesce(comment, '')
FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index
"""


def describe_warehouse(data: str | os.PathLike[str] | None = None) -> list[Relation]:
    """Every table and view of the current release, as its own comments describe it.

    Raises ``NoReleaseError`` before the first run.
    """
    with open_warehouse(data) as connection:
        columns: dict[str, list[Column]] = {}
        for table, *rest in connection.execute(_COLUMNS).fetchall():
            columns.setdefault(table, []).append(Column(*rest))
        relations = []
        for name, kind, comment, _ in connection.execute(_RELATIONS).fetchall():
            counts = connection.execute(f"SELECT count(*) FROM {quote_identifier(name)}") if kind == "table" else None
            row_count = counts.fetchall()[0][0] if counts else None
            relations.append(Relation(name, kind, comment or "", row_count, columns[name]))
    return relations


def markdown_dictionary() -> str:
    """The data dictionary of the contracts, the marts, macros and questions, as Markdown."""
    from transforms.contracts import TABLES  # ruff: ignore[import-outside-top-level] - polars, for the documentation alone
    from warehouse.ddl import sql_types  # ruff: ignore[import-outside-top-level]
    from warehouse.search_index import tables as index_tables  # ruff: ignore[import-outside-top-level]
    from warehouse.sqlfiles import sql_files  # ruff: ignore[import-outside-top-level]

    lines = _join_lines()
    for table in TABLES.values():
        keys = table.schema.primary_key()
        lines += [
            f"### `{table.name}`",
            "",
            table.description,
            "",
            "| column | type | null | meaning |",
            "| --- | --- | --- | --- |",
        ]
        types = sql_types(table)
        for name, column in table.schema.columns().items():
            notes = (column.description or "").replace("|", "\\|")
            if name in table.references:
                notes += f" → `{table.references[name]}`"
            shown = f"**`{name}`**" if name in keys else f"`{name}`"
            lines.append(f"| {shown} | {types[name]} | {'yes' if column.nullable else 'no'} | {notes} |")
        lines.append("")
    lines += ["### Marts", "", "| mart | kind | what it holds |", "| --- | --- | --- |"]
    marts = [*sql_files("marts"), *index_tables()]
    for mart in sorted(marts, key=lambda each: each.name):
        kind = "view" if mart.stored_per is None else "table"
        lines.append(f"| `{mart.name}` | {kind} | {mart.description} |")
    lines += ["", "### Macros", "", "| call | what it gives |", "| --- | --- |"]
    lines += [f"| `{each.example}` | {each.description} |" for each in sql_files("macros") if each.example]
    lines += ["", "### Questions", "", "| question | what it asks | parameters |", "| --- | --- | --- |"]
    for question in sql_files("queries"):
        names = " ".join(f"`{each.name}`" for each in question.parameters)
        lines.append(f"| `{question.name}` | {question.description} | {names} |")
    return "\n".join(lines) + "\n"


def with_dictionary(readme: str) -> str:
    """The README's text with the dictionary between its marks brought up to date."""
    before, _, rest = readme.partition(BEGIN_MARK)
    _, _, after = rest.partition(END_MARK)
    return f"{before}{BEGIN_MARK}\n\n{markdown_dictionary()}\n{END_MARK}{after}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_dictionary(path.read_text(encoding="utf-8")), encoding="utf-8")
