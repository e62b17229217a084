"""The command line. A command imports what it needs: ``dateline query`` must not wait for Prefect."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Final

from cyclopts import App, CycloptsError

from flows.cli import ask, export, history, load, look, report
from flows.cli.options import INTERRUPTED, OK, USAGE

app: Final = App(name="dateline", help="From article files to SQL.", version_flags=["--version"])
for command in (
    load.run,
    load.serve,
    load.reprocess,
    load.rebuild,
    look.inspect,
    look.quarantine,
    ask.query,
    ask.ask,
    report.report,
    ask.tables,
    ask.status,
    export.export,
    history.releases,
    history.diff,
    history.rollback,
    history.path,
    history.audit,
):
    app.command(command)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    command: Callable[..., int | None] = app
    try:
        code = command(result_action="return_value", exit_on_error=False) or OK
        sys.stdout.flush()
    except CycloptsError:
        code = USAGE  # and Cyclopts has said what is wrong
    except BrokenPipeError:
        # The reader has seen enough (`dateline query … | head`); nothing is left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = OK
    except KeyboardInterrupt:
        print("dateline: interrupted; the warehouse is as it was", file=sys.stderr)
        code = INTERRUPTED
    sys.exit(code)
