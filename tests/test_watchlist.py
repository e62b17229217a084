"""The watch-list: what is a name, which one counts, and what is said of a list that cannot be used."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.watchlist import WATCHED_COLUMNS, Watchlist, WatchlistError, read_aliases

_SEEDS = Path(__file__).parents[1] / "seeds"


def _watchlist(*names: str) -> Watchlist:
    return Watchlist(pl.DataFrame({"entity": names, "mention_type": "OTHER", "alias": names}))


def _articles(*bodies: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"article_id": [f"{number}" for number in range(len(bodies))], "body": bodies},
        schema={"article_id": pl.String, "body": pl.String},
    )


def _found(body: str, *names: str) -> list[str]:
    return _watchlist(*names).find(Batch(_articles(body)))["surface"].to_list()


@pytest.mark.parametrize(
    ("body", "names", "found"),
    [
        ("Baku's port, the Baku-Tbilisi line and “Baku”.", ["Baku"], ["Baku", "Baku", "Baku"]),
        ("Bakuriani and PreBaku", ["Baku"], []),
        ("The red cross and the RED CROSS met the Red Cross.", ["Red Cross"], ["RED CROSS", "Red Cross"]),
        ("Opec, OPEC and opec.", ["opec"], ["Opec", "OPEC", "opec"]),
        ("Who leads the WHO?", ["WHO"], ["WHO"]),
        ("The Bank of Japan and the Bank", ["Bank", "Bank of Japan"], ["Bank of Japan", "Bank"]),
        ("United Arab Emirates", ["United Arab", "Arab Emirates"], ["Arab Emirates"]),
        ("Chris O’Neill met Pat O'Neill.", ["O'Neill"], ["O’Neill", "O'Neill"]),
        ("ÇEŞME, Çeşme and çeşme", ["çeşme"], ["ÇEŞME", "Çeşme", "çeşme"]),
        ("Buy $TSLA, not TSLA.", ["$TSLA"], ["$TSLA"]),
        ("E.U. and U.S. rules", ["U.S."], ["U.S."]),
        ("Москва и МОСКВА", ["Москва"], ["Москва", "МОСКВА"]),
        ("🙂 Baku", ["Baku"], ["Baku"]),
        ("Baku", ["Baku"], ["Baku"]),
        ("X-ray of Xi", ["Xi"], ["Xi"]),
    ],
)
def test_names(body: str, names: list[str], found: list[str]) -> None:
    assert _found(body, *names) == found


def test_rows() -> None:
    aliases = read_aliases(pl.DataFrame({"entity": ["Chad"], "type": ["PLACE"], "aliases": ["Tchad|Republic of Chad"]}))
    expected = pl.DataFrame(
        {
            "article_id": ["0", "1"],
            "start_char": [1, 3],
            "end_char": [17, 8],
            "surface": ["Republic of Chad", "Tchad"],
            "mention_type": "PLACE",
            "score": 1.0,
            "entity": "Chad",
        },
        schema=WATCHED_COLUMNS,
    )
    assert_frame_equal(Watchlist(aliases).find(Batch(_articles("«Republic of Chad»", "🙂é Tchad"))), expected)


def test_nothing_to_do() -> None:
    assert _watchlist("Baku").find(Batch(_articles())).schema == WATCHED_COLUMNS
    assert (
        Watchlist(read_aliases(pl.DataFrame({"entity": [], "type": [], "aliases": []})))
        .find(Batch(_articles("a")))
        .is_empty()
    )


_ALPHABET = st.text(alphabet="aAbBéÉ ’.“-\n\x01\x02🙂", max_size=12)


def _is_word(character: str) -> bool:
    return character.isalnum()


def _expected(body: str, names: list[str]) -> list[tuple[int, int]]:
    """The rules, taken literally."""
    places = set()
    for name in names:
        forms = {name.replace("’", "'"), name.upper().replace("’", "'")}
        for start in range(len(body)):
            end = start + len(name)
            written = body[start:end].replace("’", "'")
            same = written.lower() in {form.lower() for form in forms} if name == name.lower() else written in forms
            opens = start == 0 or not (_is_word(body[start - 1]) and _is_word(body[start]))
            closes = end >= len(body) or not (_is_word(body[end - 1]) and _is_word(body[end]))
            if same and opens and closes and end <= len(body):
                places.add((start, end))
    kept: list[tuple[int, int]] = []
    for start, end in sorted(places, key=lambda place: (place[0] - place[1], place[0])):
        if all(end <= other_start or other_end <= start for other_start, other_end in kept):
            kept.append((start, end))
    return sorted(kept)


@settings(deadline=None)
@given(st.lists(_ALPHABET, max_size=4), st.lists(_ALPHABET.map(lambda name: " ".join(name.split())), max_size=5))
def test_the_rules_hold_for_any_text_and_any_names(bodies: list[str], names: list[str]) -> None:
    names = [name for name in names if any(map(_is_word, name))]
    found = _watchlist(*names).find(Batch(_articles(*bodies)))
    for number, body in enumerate(bodies):
        spans = found.filter(pl.col("article_id") == f"{number}")
        assert spans.select("start_char", "end_char").rows() == _expected(body, names)
        assert [body[start:end] for start, end in spans.select("start_char", "end_char").rows()] == spans[
            "surface"
        ].to_list()


def test_faults_are_named_by_line() -> None:
    rows = pl.DataFrame({
        "entity": ["Baku", "", "IMF", "Mercury", "Mercury"],
        "type": ["TOWN", "PLACE", "ORGANISATION", "OTHER", "PERSON"],
        "aliases": ["", None, "I|!!", "", ""],
    })
    with pytest.raises(WatchlistError) as caught:
        read_aliases(rows)
    lines = str(caught.value).splitlines()[1:]
    assert [line.split(":")[0] for line in lines] == ["line 2", "line 3", "line 4", "line 4", "line 6"]
    assert "'TOWN'" in lines[0]
    assert "'I'" in lines[2]
    assert "line 5" in lines[4]


def test_missing_columns_are_named() -> None:
    with pytest.raises(WatchlistError, match="has no type, aliases, only entity"):
        read_aliases(pl.DataFrame({"entity": ["Baku"]}))


def test_the_watchlist_of_the_seeds_finds_every_entity() -> None:
    with (_SEEDS / "watchlist.csv").open(encoding="utf-8", newline="") as lines:
        rows = pl.DataFrame(list(csv.DictReader(lines)))
    bodies = [path.read_text(encoding="utf-8") for path in sorted((_SEEDS / "articles").glob("*.txt"))]
    found = Watchlist(read_aliases(rows)).find(Batch(_articles(*bodies)))
    assert set(found["entity"]) == set(rows["entity"])
