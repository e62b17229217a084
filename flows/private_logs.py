"""Private logs: while a source is fetched, no library's log record holds a secret of its location."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Generator
from typing import Any

from flows.locations import Expanded


def _scrubbed(record: logging.LogRecord, expanded: Expanded) -> logging.LogRecord:
    try:
        text = record.getMessage()
    except Exception:  # ruff: ignore[blind-except] - logging itself tells of a message that cannot be formatted
        return record
    clean = expanded.scrub(text)
    if clean != text:
        record.msg, record.args = clean, ()
    if record.exc_info and record.exc_info[1] is not None:
        # Formatters take this text rather than the exception, which may quote a URL.
        record.exc_text = expanded.scrub("".join(traceback.format_exception(*record.exc_info)).rstrip())
        record.exc_info = None
    return record


@contextlib.contextmanager
def private_logs(expanded: Expanded) -> Generator[None]:
    """Scrub every log record that is made in this process while the block runs, in whatever thread.

    Libraries log the URLs that they open: fsspec does, for one, on the level DEBUG.
    """
    former = logging.getLogRecordFactory()

    def make(*arguments: Any, **options: Any) -> logging.LogRecord:
        return _scrubbed(former(*arguments, **options), expanded)

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        logging.setLogRecordFactory(former)
