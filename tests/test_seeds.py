"""The articles that ship: they load whole, keep to their rules, and give the answers that the README prints."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from readme_examples import answer, examples, load_seeds
from warehouse import open_warehouse


@pytest.fixture(scope="module")
def seeds_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder after `make run`."""
    data = tmp_path_factory.mktemp("seeds") / "data"
    load_seeds(data)
    return data


def _rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_warehouse(data) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def test_there_are_enough_of_the_right_length_and_time(seeds_data: Path) -> None:
    [(count, shortest, longest, first, last, titles)] = _rows(
        seeds_data,
        "SELECT count(*), min(word_count), max(word_count), min(published_on), max(published_on),"
        " count(DISTINCT title) FROM articles",
    )
    assert count == titles >= 60
    assert 120 <= shortest <= longest <= 400
    assert date(2023, 1, 1) <= first <= last <= date(2024, 12, 31)


def test_names_recur_over_the_months(seeds_data: Path) -> None:
    recurring = _rows(
        seeds_data,
        "SELECT name FROM entity_mentions GROUP BY name HAVING count(DISTINCT published_month) >= 4",
    )
    assert {("Xi Jinping",), ("Baku",), ("COP29",), ("NASA",), ("European Central Bank",)} <= set(recurring)


def test_the_names_of_the_first_article_are_found(seeds_data: Path) -> None:
    found = _rows(
        seeds_data,
        "SELECT DISTINCT surface, mention_type FROM mentions JOIN articles USING (article_id) WHERE path LIKE '001%'",
    )
    assert {
        ("Bunyad Huseynov", "PERSON"),
        ("Ilham Aliyev", "PERSON"),
        ("Xi Jinping", "PERSON"),
        ("Sun Zhuangzhi", "PERSON"),
        ("Azerbaijan", "PLACE"),
        ("China", "PLACE"),
        ("Armenia", "PLACE"),
        ("Chinese Academy of Social Sciences", "ORGANISATION"),
        ("IEERCAS", "ORGANISATION"),
        ("COP29", "EVENT"),
        ("Belt and Road Initiative", "OTHER"),
    } <= set(found)


def test_the_readme_has_examples() -> None:
    assert len(examples()) >= 3


@pytest.mark.parametrize(("command", "printed"), examples())
def test_the_answers_in_the_readme_are_those_that_come(command: str, printed: str, seeds_data: Path) -> None:
    assert answer(command, seeds_data) == printed, "run `make readme`"
