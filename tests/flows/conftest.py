"""One Prefect for all tests of flows: no other tests start it."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dateline_command import Command, CommandHere
from flows.orchestration import prepare_prefect


def pytest_configure(config: pytest.Config) -> None:
    """Give Prefect settings of the tests' own: not the user's server, profile, database or home folder.

    A hook and not a fixture, as the test modules here import Prefect while they are collected, and that is
    when it reads its settings.
    """
    folder = TemporaryDirectory(prefix="dateline-prefect-")
    config.add_cleanup(folder.cleanup)
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ["PREFECT_HOME"] = folder.name
    # Missing on purpose: without it a user's PREFECT_PROFILES_PATH in `.env` or `prefect.toml` would count.
    os.environ["PREFECT_PROFILES_PATH"] = str(Path(folder.name) / "profiles.toml")
    # The tests write their files just before they run.
    os.environ["DATELINE_SETTLE_SECONDS"] = "0"
    prepare_prefect()


@pytest.fixture(scope="session", autouse=True)  # ruff: ignore[pytest-fixture-autouse] - no flow runs without it
def harness_api_url() -> Generator[str, None, None]:
    """The embedded server, on a new database of its own; the value is the address of its API."""
    from prefect.settings import PREFECT_API_URL  # ruff: ignore[import-outside-top-level] - the hook comes first
    from prefect.testing.utilities import prefect_test_harness  # ruff: ignore[import-outside-top-level]

    with prefect_test_harness(server_startup_timeout=120):
        yield str(PREFECT_API_URL.value())


@pytest.fixture(scope="session")
def dateline() -> Command:
    """The command in a process of its own; all share a home, as making Prefect's database takes longer than a run."""
    return Command(Path(os.environ["PREFECT_HOME"]))


@pytest.fixture
def dateline_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandHere:
    """The command in this process, on the embedded server."""
    return CommandHere(monkeypatch, capsys)
