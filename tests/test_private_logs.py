"""Log records that are made while a source is fetched hold none of its secrets."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from flows.locations import expand
from flows.private_logs import private_logs


def test_messages_arguments_and_exceptions_are_scrubbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FEED_KEY", "hunter2-key")
    caplog.set_level(logging.DEBUG)
    log = logging.getLogger("some.library")
    factory = logging.getLogRecordFactory()
    with private_logs(expand("https://host/feed?key=${FEED_KEY}", tmp_path)):
        log.debug("GET %s", "https://host/feed?key=hunter2-key")
        log.debug("nothing to hide, %d", 5)
        try:
            raise ValueError("https://me:hunter2-key@host/ said no")  # ruff: ignore[raise-within-try]
        except ValueError:
            log.exception("with hunter2-key")
    assert logging.getLogRecordFactory() is factory
    assert "hunter2" not in caplog.text
    assert [record.getMessage() for record in caplog.records] == [
        "GET https://host/feed",
        "nothing to hide, 5",
        "with ***",
    ]
    assert "ValueError: https://host/ said no" in caplog.text
