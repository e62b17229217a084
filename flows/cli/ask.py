"""The commands that ask: ``query``, ``ask``, ``tables`` and ``status``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter
from cyclopts.validators import Number

from flows.cli.options import (
    DEFAULT_DATA,
    DEFAULT_MEMORY,
    DEFAULT_TIMEOUT,
    OK,
    STOPPED,
    USAGE,
    DataOption,
    FormatOption,
    MemoryOption,
    OutputOption,
    ReleaseOption,
    TimeoutOption,
    fail,
)
from warehouse.folder import NoReleaseError

if TYPE_CHECKING:
    from flows.output import Format
    from warehouse.guard import Limits
    from warehouse.questions import Answer
    from warehouse.sqlfiles import SqlFile

#: Half a century of days. Of an answer with more rows a chart and a page show the first ones, and the page says so.
_DRAWN_ROWS: Final = 20_000


def query(
    sql: str,
    *,
    data: DataOption = DEFAULT_DATA,
    release: ReleaseOption = None,
    form: FormatOption = "table",
    output: OutputOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    memory: MemoryOption = DEFAULT_MEMORY,
) -> int:
    """Run SQL on the current release, read-only. Ends with 7 when the query takes more than it may.

    Parameters
    ----------
    sql
        A query, or - to read it from standard input.
    """
    from flows.output import write_result
    from warehouse.query import query as run_query

    text = sys.stdin.read() if sql == "-" else sql

    def answer() -> None:
        with run_query(text, data, release=release, limits=limits(timeout, memory)) as result:
            write_result(result, form, output)

    return answered(answer)


def ask(  # ruff: ignore[too-many-arguments] - the options of a command are flat
    name: str | None = None,
    /,
    *,
    data: DataOption = DEFAULT_DATA,
    release: ReleaseOption = None,
    form: FormatOption = "table",
    output: OutputOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    memory: MemoryOption = DEFAULT_MEMORY,
    describe: Annotated[bool, Parameter(negative="")] = False,
    chart: Annotated[bool, Parameter(negative="")] = False,
    html: Path | None = None,
    **parameters: list[str],
) -> int:
    """Answer a named question, or list them all. Ends with 7 when the question takes more than it may.

    Parameters
    ----------
    name
        A question's name; without one, the questions are listed.
    describe
        Show the question's parameters and SQL instead of an answer.
    chart
        Draw the answer with characters.
    html
        Write the answer to this file as a page, with a picture where the question has one.
    parameters
        The question's parameters, as --name Baku --from 2024-01-01.
    """
    from flows.output import print_table
    from warehouse.questions import ParameterError, bind, check_chart, describe_parameter, questions
    from warehouse.questions import ask as ask_question

    known = questions()
    if name is None:
        rows = [
            (
                each.name,
                each.description,
                " ".join(f"--{parameter.name.replace('_', '-')}" for parameter in each.parameters),
            )
            for each in known.values()
        ]
        print_table(["name", "question", "parameters"], rows, None)
        print("dateline ask NAME --describe explains the parameters.")
        return OK
    if name not in known:
        return fail(ValueError(f"no question is called {name!r}; there are: {', '.join(known)}"), USAGE)
    question = known[name]
    if describe:
        print(question.description, *map(describe_parameter, question.parameters), "", question.text, sep="\n")
        return OK
    is_drawn = chart or html is not None
    try:
        if chart:
            check_chart(question)
        values = bind(question, {key.replace("-", "_"): texts for key, texts in parameters.items()})
    except ParameterError as error:
        return fail(error, USAGE)

    if is_drawn and (form != "table" or output is not None):
        return fail(ValueError("--chart and --html go without --format and --output"), USAGE)

    def answer() -> None:
        found = ask_question(question, values, data, release, limits(timeout, memory))
        if is_drawn:
            _draw(question, found, html, is_chart=chart)
        else:
            _write(question, found, form, output)

    return answered(answer)


def _parameters(found: Answer) -> str:
    return ", ".join(f"{key} {_shown(value)}" for key, value in found.parameters.items() if value is not None)


def _heading(question: SqlFile, found: Answer) -> str:
    used = _parameters(found)
    return question.description + (f" ({used})" if used else "")


def _write(question: SqlFile, found: Answer, form: Format, output: Path | None) -> None:
    from flows.output import printable, write_result

    with found.result as result:
        if form == "table" and output is None:
            print(printable(_heading(question, found)))
        write_result(result, form, output)


def _draw(question: SqlFile, found: Answer, html: Path | None, *, is_chart: bool) -> None:
    from flows.output import printable
    from flows.pictures.terminal import print_chart

    with found.result as result:
        columns, rows = result.columns, result.fetch(_DRAWN_ROWS)
    if is_chart and question.chart:
        print(printable(_heading(question, found)), end="\n\n")
        print_chart(question.chart, columns, rows)
    if html is not None:
        from flows.pictures.answer import answer_page
        from flows.pictures.page import write_page

        write_page(answer_page(question, _parameters(found), _command(question, found), columns, rows), html)
        print(html)


def _command(question: SqlFile, found: Answer) -> str:
    """The command that asks the same again, whatever the defaults will be then."""
    words = ["dateline", "ask", question.name]
    for name, value in found.parameters.items():
        for each in value if isinstance(value, list) else [value] if value is not None else []:
            words += [f"--{name.replace('_', '-')}", str(each)]
    return shlex.join(words)


def limits(timeout: float, memory: str) -> Limits:
    from warehouse.guard import Limits

    return Limits(timeout or None, memory)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def tables(table: str | None = None, *, data: DataOption = DEFAULT_DATA) -> int:
    """Describe the tables and views of the current release.

    Parameters
    ----------
    table
        A table or view whose columns to describe; without one, all are listed.
    """
    from flows.output import print_table
    from warehouse.dictionary import describe_warehouse

    try:
        relations = {each.name: each for each in describe_warehouse(data)}
    except NoReleaseError as error:
        return fail(error)
    if table is None:
        print_table(
            ["name", "kind", "rows", "what it holds"],
            [(each.name, each.kind, each.row_count, each.grain) for each in relations.values()],
            cell_chars=None,
        )
        print("dateline tables NAME describes the columns.")
        return OK
    if table not in relations:
        return fail(ValueError(f"no table or view is called {table!r}; there are: {', '.join(relations)}"), USAGE)
    chosen = relations[table]
    print(f"{chosen.name}: {chosen.comment}")
    print_table(
        ["column", "type", "null", "meaning"],
        [(each.name, each.sql_type, "yes" if each.is_nullable else "no", each.comment) for each in chosen.columns],
        cell_chars=None,
    )
    return OK


def status(*, data: DataOption = DEFAULT_DATA, runs: Annotated[int, Parameter(validator=Number(gte=1))] = 5) -> int:
    """Show the last runs, the ledger's balance and what is in quarantine.

    Parameters
    ----------
    runs
        How many runs to show.
    """
    from flows.status import print_status

    try:
        print_status(data, runs)
    except NoReleaseError as error:
        return fail(error)
    return OK


def answered(work: Callable[[], None]) -> int:
    """Do work that asks the warehouse, and tell what went wrong; returns the exit code."""
    from warehouse.guard import QueryError, QueryLimitError

    try:
        work()
    except QueryLimitError as error:
        return fail(error, STOPPED)
    except (NoReleaseError, QueryError, OSError) as error:
        return fail(error)
    except ValueError as error:
        return fail(error, USAGE)
    return OK
