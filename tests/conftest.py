"""What several tests share: article files, and a small warehouse that is built once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.pipeline import run_directly
from flows.settings import Settings
from samples import BAD, GOOD, write_files


@pytest.hookimpl(optionalhook=True)  # there is no such hook without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a worker a file at a time, and one worker all tests of flows: starting Prefect takes 20 s of work."""
    from xdist.scheduler import LoadFileScheduling  # ruff: ignore[import-outside-top-level]

    class FlowsTogether(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/flows" if nodeid.startswith("tests/flows/") else str(super()._split_scope(nodeid))

    return FlowsTogether(config, log)


def _write_articles(folder: Path) -> Path:
    """The good files, with the same times wherever they are: a warehouse of them knows them at any place."""
    write_files(folder, GOOD)
    for name in GOOD:
        os.utime(folder / name, (1_700_000_000,) * 2)
    return folder


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder of good article files."""
    return _write_articles(tmp_path / "articles")


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Settings]:
    """Makes settings for a data folder of this test, one worker unless said otherwise."""

    def make(name: str = "data", **values: object) -> Settings:
        return Settings.given(
            **({"data": tmp_path / name, "workers": 1, "settle_seconds": 0, "keep_hours": 0} | values)
        )

    return make


@pytest.fixture(scope="session")
def loaded_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder after a first run over the good files. Copy it, do not change it."""
    folder = tmp_path_factory.mktemp("loaded")
    settings = Settings.given(data=folder / "data", workers=1, settle_seconds=0, keep_hours=0)
    run_directly(settings, [_write_articles(folder / "articles")])
    return settings.data


@pytest.fixture
def loaded(articles: Path, settings_for: Callable[..., Settings], loaded_data: Path) -> Settings:
    """Settings whose data folder is that after a first run over ``articles``, as such a run takes a second."""
    settings = settings_for()
    assert articles.parent == settings.data.parent  # places of sources are noted relative to the data folder
    shutil.copytree(loaded_data, settings.data, symlinks=True)
    return settings


@pytest.fixture(scope="session")
def warehouse_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a warehouse with the good and the bad files. Read it, do not change it."""
    folder = tmp_path_factory.mktemp("shared")
    write_files(folder / "articles", GOOD)
    write_files(folder / "articles", BAD)
    run_directly(
        Settings.given(data=folder / "data", workers=1, settle_seconds=0, recogniser="crf,rules"), [folder / "articles"]
    )
    return folder / "data"
