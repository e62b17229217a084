"""The hand-labelled articles are whole: texts as the pipeline makes them, spans that hold, enough of every type."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.normalise import normalise
from transforms.parse import parse

_GOLD = Path(__file__).parent / "gold" / "mentions.jsonl"
_SEEDS = Path(__file__).parents[1] / "seeds" / "articles"
_TYPES = {
    "PERSON",
    "ORGANISATION",
    "PLACE",
    "GROUP",
    "EVENT",
    "OTHER",
    "DATE",
    "MONEY",
    "PERCENT",
    "QUANTITY",
}

# A surface begins with a letter, a digit, a currency sign or a minus, and ends with a letter, a digit, "%", the full
# stop of an abbreviation ("U.S.") or a bracket ("Janata Dal (United)"); it keeps to one paragraph.
_SURFACE = re.compile(r"\w|[\w€£−].*[\w%.)]")

# Floors: they rise when articles are added, and never fall.
_LEAST_DOCUMENTS = 70
_LEAST_OF_A_TYPE = 40
_LEAST_ROLES = 250


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return _GOLD.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def gold(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_the_texts_are_those_of_the_seeds(gold: list[dict[str, Any]]) -> None:
    paths = [_SEEDS / each["doc"] for each in gold]
    files = pl.DataFrame({
        "source": ["seeds"] * len(paths),
        "path": [path.name for path in paths],
        "content": [path.read_bytes() for path in paths],
    })
    normalised, _ = normalise(parse(files).articles)
    bodies = dict(normalised.articles.select("path", "body").iter_rows())
    assert bodies == {each["doc"]: each["text"] for each in gold}


def test_the_file_is_written_in_one_way_only(lines: list[str], gold: list[dict[str, Any]]) -> None:
    assert lines == [json.dumps(each, ensure_ascii=False) for each in gold]
    names = [each["doc"] for each in gold]
    assert names == sorted(set(names))
    assert {each["corpus"] for each in gold} == {"gold.seeds"}


def test_spans_are_in_order_and_do_not_overlap(gold: list[dict[str, Any]]) -> None:
    wrong = [
        (each["doc"], first, second)
        for each in gold
        for first, second in pairwise([[0, 0, ""], *each["ents"]])
        if not first[1] <= second[0] < second[1] <= len(each["text"])
    ]
    assert wrong == []


def test_spans_are_whole_words_of_one_paragraph_and_of_a_known_type(gold: list[dict[str, Any]]) -> None:
    wrong = []
    for each in gold:
        text = f" {each['text']} "
        for start, end, mention_type in each["ents"]:
            surface = each["text"][start:end]
            # One character further on, because of the space put in front.
            within_a_word = text[start : start + 2].isalnum() or text[end : end + 2].isalnum()
            if not _SURFACE.fullmatch(surface) or within_a_word or mention_type not in _TYPES:
                wrong.append((each["doc"], surface, mention_type))
    assert wrong == []


def test_roles_belong_to_people_and_stand_near_them(gold: list[dict[str, Any]]) -> None:
    wrong = []
    for each in gold:
        people = {(start, end) for start, end, mention_type in each["ents"] if mention_type == "PERSON"}
        named = [(start, end) for start, end, *_ in each.get("roles", [])]
        for start, end, role_start, role_end in each.get("roles", []):
            role = each["text"][role_start:role_end]
            between = each["text"][min(end, role_end) : max(start, role_start)]
            is_apart = role_end <= start or end <= role_start
            is_clean = role != "" and role == role.strip() and "\n" not in role + between
            if (start, end) not in people or not is_apart or not is_clean:
                wrong.append((each["doc"], each["text"][start:end], role))
        if named != sorted(set(named)) or each.get("roles") == []:
            wrong.append((each["doc"], "roles", "not in order, twice, or empty"))
    assert wrong == []


def test_there_is_enough_of_everything(gold: list[dict[str, Any]]) -> None:
    counts = Counter(mention_type for each in gold for _, _, mention_type in each["ents"])
    assert len(gold) >= _LEAST_DOCUMENTS
    assert {mention_type for mention_type, count in counts.items() if count >= _LEAST_OF_A_TYPE} == _TYPES
    assert sum(len(each.get("roles", [])) for each in gold) >= _LEAST_ROLES
