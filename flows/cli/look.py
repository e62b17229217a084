"""The commands that look at what is read and what is not: ``inspect`` and ``quarantine``."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from flows.cli.options import (
    DEFAULT_DATA,
    FAILED,
    OK,
    USAGE,
    DataOption,
    FormatOption,
    OutputOption,
    SourcesOption,
    fail,
)

if TYPE_CHECKING:
    from flows.inspection import Inspection

_SHOWN_UNUSED: Final = 20

_REFUSED: Final = """
SELECT r.source, r.path, nullif(r.record_no, -1) AS record_no, r.stage, r.rule, r.reason, r.excerpt
FROM rejects AS r
WHERE (? IS NULL OR r.source = ?)
  AND (? IS NULL OR regexp_full_match(r.path, ?))
  AND (? OR NOT EXISTS (
      SELECT 1 FROM articles AS a
      WHERE a.source = r.source AND a.path = r.path AND a.record_no = r.record_no
  ))
ORDER BY r.source, r.path, r.record_no, r.rule
"""


def inspect(
    *files: Path,
    data: DataOption = DEFAULT_DATA,
    sources: SourcesOption = None,
    source: str | None = None,
    records: Annotated[int, Parameter(validator=Number(gte=1))] = 1_000,
    form: Annotated[Literal["table", "csv", "json"], Parameter(name=["--format", "-f"])] = "table",
) -> int:
    """Show what would be read of files, without loading anything: format, encoding, fields, articles, problems.

    Ends with 0 when every file gives articles and nothing else, 1 when there is a problem, 2 when a path is wrong.

    Parameters
    ----------
    files
        Files to look at, packed ones too.
    source
        Read them as files of this source of the list; otherwise as the source that they lie in, if any.
    records
        How many records of a file to read.
    form
        How to print what was found.
    """
    from pydantic import ValidationError

    from flows.gather import find_list, source_at
    from flows.inspection import inspect_file
    from flows.locations import shown_path
    from flows.settings import Settings
    from flows.sources import SourceError
    from transforms.parse.reading import Options

    if not files:
        return fail(ValueError("name the files to inspect"), USAGE)
    try:
        settings = Settings.given(data=data, sources=sources)
        listed = find_list(settings)
        chosen = listed.chosen((source,))[source].options if listed and source is not None else None
    except (SourceError, ValidationError) as error:
        return fail(error, USAGE)
    if source is not None and chosen is None:
        return fail(ValueError("--source needs a source list: write sources.toml, or name it with --sources"), USAGE)
    for path in files:
        if not path.is_file():
            return fail(ValueError(f"{shown_path(path)}{_what_it_is(path)}"), USAGE)
    results = []
    code = OK
    for path in files:
        own = source_at(settings, listed, path)
        options = chosen or (own.options if own else Options())
        try:
            name = str(path.resolve().relative_to(own.root.resolve())) if own else None
            results.append(inspect_file(path, options, records, name))
        except OSError as error:
            code = fail(error)
            continue
        if form == "table":
            _print_inspection(results[-1], own.name if own and chosen is None else source)
        if not results[-1].is_sound:
            code = FAILED
    _write_inspections(results, form)
    return code


def _what_it_is(path: Path) -> str:
    """What a path is that is no file, as the end of a message."""
    if path.is_dir():
        return " is a folder: name files in it"
    return " is a device or a pipe: name files" if path.exists() else ": no such file"


def _print_inspection(result: Inspection, source: str | None) -> None:
    from flows.output import printable

    def say(name: str, text: str) -> None:
        print(f"  {name:<9} {printable(text)}")

    print(printable(str(result.path)))
    if source:
        say("source", source)
    say("format", f"{result.format or 'unknown'}, {result.size_bytes:,} bytes")
    if result.encoding:
        say("encoding", result.encoding)
    if result.fields:
        say("fields", ", ".join(f"{column} from {name}" for column, name in result.fields.items()))
    if result.unused:
        more = f", … and {len(result.unused) - _SHOWN_UNUSED:,} more" if len(result.unused) > _SHOWN_UNUSED else ""
        say("not used", ", ".join(result.unused[:_SHOWN_UNUSED]) + more)
    stopped = "" if result.is_whole else " in the records that were read; --records reads further"
    say("articles", f"{result.article_count:,}{stopped}")
    for each in result.samples:
        say("", " | ".join([str(each.published or "no date"), each.title or "no title", each.start]))
    kinds = f", of which {result.remark_count:,} on articles that are read" if result.remark_count else ""
    say("problems", f"{result.problem_count:,}{kinds}")
    for problem in result.problems:
        where = "" if problem.record_no < 0 else f"record {problem.record_no:,}: "
        say("", f"{where}{problem.reason} ({problem.rule})")
    if result.problem_count > len(result.problems):
        say("", f"… and {result.problem_count - len(result.problems):,} more")


def _write_inspections(results: list[Inspection], form: Literal["table", "csv", "json"]) -> None:
    from flows.inspection import as_record
    from flows.output import printable

    records = [as_record(result) for result in results]
    if form == "json":
        print(json.dumps(records, ensure_ascii=sys.stdout.isatty(), indent=1))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        names = ("path", "size_bytes", "format", "encoding", "fields", "article_count", "problem_count", "is_whole")
        writer.writerow(names)
        for record in records:
            cells: list[Any] = [
                json.dumps(record[name], ensure_ascii=False) if name == "fields" else record[name] for name in names
            ]
            writer.writerow([printable(cell) if isinstance(cell, str) else cell for cell in cells])


def quarantine(
    *,
    source: str | None = None,
    path: str | None = None,
    remarks: Annotated[bool, Parameter(negative="")] = False,
    retry: Annotated[bool, Parameter(negative="")] = False,
    data: DataOption = DEFAULT_DATA,
    form: FormatOption = "table",
    output: OutputOption = None,
) -> int:
    """List the files and records that were refused, and why, as of the current release.

    Parameters
    ----------
    source
        Only of this source.
    path
        Only of files with such a path within their source: a pattern with * and ?.
    remarks
        Also list remarks on articles that were kept.
    retry
        Process the files again that are listed, instead of listing them.
    """
    if retry:
        from flows.cli.load import run_flow

        return run_flow({"reprocess": {"source": source, "path": path, "refused": True}}, data)
    from flows.compare import path_pattern
    from flows.output import write_result
    from warehouse.folder import NoReleaseError
    from warehouse.guard import QueryError
    from warehouse.query import query

    pattern = path_pattern(path) if path else None
    try:
        with query(_REFUSED, data, [source, source, pattern, pattern, remarks]) as result:
            write_result(result, form, output)
    except (NoReleaseError, QueryError, OSError) as error:
        return fail(error)
    except ValueError as error:
        return fail(error, USAGE)
    return OK
