"""The commands that ask: ``query``, ``ask``, ``report``, ``tables`` and ``status``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from flows.cli.options import (
    DEFAULT_DATA,
    DEFAULT_MEMORY,
    DEFAULT_REPORT,
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
    from warehouse.questions import Answer
    from warehouse.guard import Limits
    from warehouse.query import Result


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
    """Run SQL on the current release, read-only. Ends with 6 when the query takes more than it may.

    Parameters
    ----------
    sql
        A query, or - to read it from standard input.
    """
    from warehouse.query import query as run_query

    text = sys.stdin.read() if sql == "-" else sql
    return _answer(lambda: run_query(text, data, release=release, limits=_limits(timeout, memory)), form, output)


def ask(
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
    """Answer a named question, or list them all. Ends with 6 when the question takes more than it may.

    Parameters
    ----------
    name
        A question's name; without one, the questions are listed.
    describe
        Show the question's parameters and SQL instead of an answer.
    chart
        Draw the answer with characters instead of a table.
    html
        Write a page with a picture and a table, which opens without a network, to this file.
    parameters
        The question's parameters, as --name Baku --from 2024-01-01.
    """
    from flows.output import print_table, printable
    from warehouse.questions import ParameterError, bind, describe_parameter, questions
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
    if chart and question.chart is None:
        drawn = ", ".join(each.name for each in known.values() if each.chart)
        return fail(ValueError(f"a table says it better than a chart: {name}; charts have: {drawn}"), USAGE)
    try:
        values = bind(question, {key.replace("-", "_"): texts for key, texts in parameters.items()})
    except ParameterError as error:
        return fail(error, USAGE)

    def heading(answered: Answer) -> str:
        used = ", ".join(f"{key} {_shown(value)}" for key, value in answered.parameters.items() if value is not None)
        return question.description + (f" ({used})" if used else "")

    def answer() -> Result:
        answered = ask_question(question, values, data, release, _limits(timeout, memory))
        if form == "table" and output is None and html is None:
            print(printable(heading(answered)))
        if html is not None or chart:
            from flows.pictures.answer import show_answer

            with answered.result as result:
                show_answer(question, heading(answered), result, html, is_chart=chart)
        return answered.result

    return _answer(answer, form, output, is_shown=html is not None or chart)


def report(
    *,
    first: Annotated[date | None, Parameter(name="--from")] = None,
    last: Annotated[date | None, Parameter(name="--to")] = None,
    data: DataOption = DEFAULT_DATA,
    release: ReleaseOption = None,
    output: OutputOption = DEFAULT_REPORT,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    memory: MemoryOption = DEFAULT_MEMORY,
) -> int:
    """Write a page for the morning meeting: what is new, who and where, the sources, the quality of the data.

    Parameters
    ----------
    first
        First day; without it and --to, the last seven days that have articles.
    last
        Last day; without it, that of the last article.
    """
    from flows.pictures.facts import PeriodError
    from flows.pictures.page import write_page
    from flows.pictures.report import make_report
    from warehouse.guard import QueryError, QueryLimitError

    target = output or DEFAULT_REPORT
    try:
        write_page(make_report(data, first, last, release, _limits(timeout, memory)), target)
    except QueryLimitError as error:
        return fail(error, STOPPED)
    except PeriodError as error:
        return fail(error, USAGE)
    except (NoReleaseError, QueryError, OSError) as error:
        return fail(error)
    print(target)
    return OK


def _limits(timeout: float, memory: str) -> Limits:
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


def _answer(
    run: Callable[[], Result],
    form: Literal["table", "csv", "json", "parquet"],
    output: Path | None,
    *,
    is_shown: bool = False,
) -> int:
    from flows.output import write_result
    from warehouse.guard import QueryError, QueryLimitError

    try:
        with run() as result:
            if not is_shown:
                write_result(result, form, output)
    except QueryLimitError as error:
        return fail(error, STOPPED)
    except (NoReleaseError, QueryError, OSError) as error:
        return fail(error)
    except ValueError as error:
        return fail(error, USAGE)
    return OK
