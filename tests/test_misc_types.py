"""Groups and events: what a name is by its words, and what is found without a model."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.misc_types import find_events, find_groups, misc_types
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS


def _articles(*bodies: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"article_id": [f"{number}" for number in range(len(bodies))], "body": bodies},
        schema={"article_id": pl.String, "body": pl.String},
    )


@pytest.mark.parametrize(
    ("mention_type", "surfaces"),
    [
        (
            "GROUP",
            ["Azerbaijani", "Catholic", "Republicans", "RUSSIAN", "Greens", "Israeli-Palestinian",
             "sub-Saharan African", "Canarian", "Jehovah’s Witnesses", "Senate Republicans", "Iowa Democrat"],
        ),
        (
            "EVENT",
            ["44-day Patriotic War", "COP29", "Olympic Games", "World Cup", "Hurricane Katrina", "Battle of Hastings",
             "the Second Karabakh War", "2008 Summer Olympics", "19th Asian Games", "Euro 2024", "Super Bowl XLIV",
             "1958 Canadian federal election", "Munich Summit", "War of the Sixth Coalition", "Nauryz Day"],
        ),
        ("OTHER", ["Paris Agreement", "Nobel Prize", "Windows 2000", "Land Act 2012", "Star Wars", "iPhone",
                   "CDMA 2000", "College Republicans"]),
    ],
)  # fmt: skip
def test_types_by_name(mention_type: str, surfaces: list[str]) -> None:
    types = misc_types(pl.Series(surfaces))
    assert dict(zip(surfaces, types, strict=True)) == dict.fromkeys(surfaces, mention_type)


def test_types_keep_order_and_length() -> None:
    assert misc_types(pl.Series(["Thai", "x", "Thai", "Gulf War"])).to_list() == ["GROUP", "OTHER", "GROUP", "EVENT"]
    assert misc_types(pl.Series([], dtype=pl.String)).to_list() == []


@pytest.mark.parametrize(
    ("body", "events"),
    [
        ("After the Second Karabakh War ended", ["Second Karabakh War"]),
        ("the 44-day Patriotic War in 2020", ["44-day Patriotic War"]),
        ("medals at the 2008 Summer Olympics.", ["2008 Summer Olympics"]),
        ("opened the 19th Asian Games in Hangzhou", ["19th Asian Games"]),
        ("won the Battle of Hastings In 1066", ["Battle of Hastings"]),
        ("the NATO Summit, then the G20 summit", ["NATO Summit", "G20 summit"]),
        (
            "the 29th session of the Conference of the Parties (COP29)",
            ["29th session of the Conference of the Parties", "COP29"],
        ),
        ("Following World War II, Europe", ["World War II"]),
        ("before the 2016 presidential election", ["2016 presidential election"]),
        ("Typhoon Haiyan hit; the Hurricane Center warned of war.", ["Typhoon Haiyan"]),
        ("He saw Star Wars at the Summit in a price war.", []),
        ("during the Arab Spring and at Christmas", ["Arab Spring", "Christmas"]),
    ],
)  # fmt: skip
def test_events(body: str, events: list[str]) -> None:
    assert find_events(Batch(_articles(body)))["surface"].to_list() == events


@pytest.mark.parametrize(
    ("body", "groups"),
    [
        ("Azerbaijani Ambassador to China", ["Azerbaijani"]),
        ("American Airlines hired British pilots.", ["British"]),
        ("Christian Bale met a Christian.", ["Christian"]),
        ("the Azerbaijan-China talks of Russian-speaking Kazakhs", ["Russian", "Kazakhs"]),
        ("REPUBLICAN CONGRESS", ["REPUBLICAN"]),
        ("Roman Catholic and Muslim leaders", ["Roman Catholic", "Muslim"]),
        ("germane, polish and turkish delight", []),
    ],
)
def test_groups(body: str, groups: list[str]) -> None:
    assert find_groups(Batch(_articles(body)))["surface"].to_list() == groups


_PIECES = st.sampled_from([
    "Thai", "the Gulf War", "American Airlines", "COP29", "Énergie", "🙂", "World Cup 2022", ".", " ", "\n\n",
    "Hurricane", "Ida", "Second", "Roman", "Catholic", "of", "Battle", "\x01",
])  # fmt: skip


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(_PIECES, max_size=8).map(" ".join), min_size=1, max_size=4))
def test_spans_are_exact_and_do_not_depend_on_the_batch(bodies: list[str]) -> None:
    articles = _articles(*bodies)
    for find in (find_events, find_groups):
        found = find(Batch(articles))
        assert found.schema == MENTION_COLUMNS
        one_by_one = pl.concat([find(Batch(articles[number])) for number in range(len(articles))])
        assert_frame_equal(found, one_by_one)
        for article_id, start, end, surface in found.select("article_id", "start_char", "end_char", "surface").rows():
            assert bodies[int(article_id)][start:end] == surface


def test_lists_are_sorted_sets() -> None:
    for name in ("groups.csv", "more_groups.csv", "group_words.csv"):
        names = [row["name"] for row in read_packaged_csv(name)]
        assert names == sorted(set(names))
