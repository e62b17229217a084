"""The command that tells of a period: ``report``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from flows.cli.ask import answered, limits
from flows.cli.options import (
    DEFAULT_DATA,
    DEFAULT_MEMORY,
    DEFAULT_TIMEOUT,
    DataOption,
    MemoryOption,
    ReleaseOption,
    TimeoutOption,
)

DEFAULT_REPORT: Final = Path("report.html")


def report(
    *,
    first: Annotated[date | None, Parameter(name="--from")] = None,
    last: Annotated[date | None, Parameter(name="--to")] = None,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = DEFAULT_REPORT,
    data: DataOption = DEFAULT_DATA,
    release: ReleaseOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    memory: MemoryOption = DEFAULT_MEMORY,
) -> int:
    """Write one page on a period: who and what is in the news more than usual, when, where and by whom.

    Without --from and --to, the period is the last seven days that have articles. Ends with 7 when it takes more than
    it may.

    Parameters
    ----------
    first
        First day; without it, the week up to the last day.
    last
        Last day; without it, that of the last article.
    output
        The file to write: a page that opens in any browser, without a network.
    """

    def write() -> None:
        from flows.output import printable
        from flows.pictures.page import write_page
        from flows.report.facts import read_facts
        from flows.report.headline import headline
        from flows.report.report import report_page, title

        facts = read_facts(data, first, last, release, limits(timeout, memory))
        write_page(report_page(facts), output)
        chosen = ", the last seven days that have articles" if facts.period and facts.period.is_latest else ""
        print(f"{output}: {title(facts)}{chosen}")
        print(printable(headline(facts)[0]))

    return answered(write)
