"""The README says what is so: the dictionary, the commands, the files and settings that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows import cli
from flows.cli import options
from flows.settings import Settings
from transforms.contracts import TABLES
from transforms.parse import FORMATS
from warehouse.dictionary import with_dictionary

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_the_data_dictionary_is_that_of_the_contracts() -> None:
    assert with_dictionary(README) == README, "run `make readme`"
    for table in TABLES.values():
        assert f"### `{table.name}`" in README


def test_every_command_that_it_names_exists() -> None:
    named = set(re.findall(r"dateline ([a-z]+)", README))
    commands = {name for name in cli.app if not name.startswith("-")}
    assert {"run", "query", "ask", "tables", "status", "serve"} <= commands
    assert {name for name in named if name not in {"turns", "work"}} <= commands


def test_every_make_target_that_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README)) - {"the"} <= targets


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"`DATELINE_([A-Z_]+)`", README))
    assert documented == {name.upper() for name in Settings.model_fields}


def test_exit_codes_are_those_of_the_command_line() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d) \|", README, re.MULTILINE)}
    told = {options.OK, options.FAILED, options.USAGE, options.REFUSED, options.LOCKED, options.HELD_BACK}
    assert codes == {*told, options.TROUBLE, options.STOPPED}


def test_every_format_has_a_row() -> None:
    table = README.partition("\n## Formats\n")[2].partition("\n- ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(each.name for each in FORMATS)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_file_that_it_links_to_exists(link: str) -> None:
    assert (PROJECT / link).exists()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:flows|transforms|warehouse)/[\w/.]+)`", README))))
def test_every_place_that_it_names_exists(path: str) -> None:
    assert (PROJECT / path.rstrip("/")).exists()
