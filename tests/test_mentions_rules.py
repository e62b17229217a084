"""The rule recogniser: what it finds, and the invariants of every recogniser."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.contracts import MENTION_TYPES
from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions import RECOGNISERS, recogniser
from transforms.enrich.mentions.lexicon import Cue
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS, Recogniser
from transforms.enrich.mentions.rules import RuleRecogniser

# Names that stand next to titles and to each other, as in news of diplomacy.
SEMINAR = (
    "Scholars in Beijing talked about Azerbaijan at the Institute of East European, Russian and Central Asian "
    "Studies (IEERCAS), a part of the Chinese Academy of Social Sciences.\n\n"
    "Guests came early. Speaking of Azerbaijan-China ties, "
    "Azerbaijani Ambassador to China Bunyad Huseynov recalled the meetings of President "
    "Ilham Aliyev with President Xi Jinping.\n\n"
    "Huseynov mentioned the 44-day Patriotic War of 2020, the Belt and Road Initiative and what happened "
    "in September 2023. Director of the IEERCAS Sun Zhuangzhi spoke of COP29. Afterwards he named Armenia and the "
    '"Year of Solidarity for the Green World".'
)


def _recognise(*bodies: str) -> pl.DataFrame:
    articles = pl.DataFrame({"article_id": [str(number) for number in range(len(bodies))], "body": list(bodies)})
    return recogniser("rules").recognise(articles.cast(pl.String))


def _found(body: str) -> list[tuple[str, str]]:
    return _recognise(body).select("surface", "mention_type").rows()


def test_names_beside_titles_and_beside_each_other() -> None:
    assert _found(SEMINAR) == [
        ("Beijing", "PLACE"),
        ("Azerbaijan", "PLACE"),
        ("Institute of East European, Russian and Central Asian Studies", "ORGANISATION"),
        ("IEERCAS", "ORGANISATION"),
        ("Chinese Academy of Social Sciences", "ORGANISATION"),
        ("Azerbaijan", "PLACE"),
        ("China", "PLACE"),
        ("Azerbaijani", "GROUP"),
        ("China", "PLACE"),
        ("Bunyad Huseynov", "PERSON"),
        ("Ilham Aliyev", "PERSON"),
        ("Xi Jinping", "PERSON"),
        ("Huseynov", "PERSON"),
        ("44-day Patriotic War", "EVENT"),
        ("Belt and Road Initiative", "OTHER"),
        ("IEERCAS", "ORGANISATION"),
        ("Sun Zhuangzhi", "PERSON"),
        ("COP29", "EVENT"),
        ("Armenia", "PLACE"),
        ("Year of Solidarity for the Green World", "OTHER"),
    ]


@pytest.mark.parametrize(
    ("body", "mentions"),
    [
        ("", []),
        ("nothing of note happened today.", []),
        ("Highlighting progress, officials left early. During lunch they spoke.", []),
        ("SENATE PASSES BILL TO HELP FARMERS AND RANCHERS", []),
        ("BAGDAD - Talks went on.", [("BAGDAD", "PLACE")]),
        ("BEIJING, Jan 11 — Trade grew.", [("BEIJING", "PLACE")]),
        ("He joined the Securities and Exchange Commission.", [("Securities and Exchange Commission", "ORGANISATION")]),
        ("Talks with French and German officials.", [("French", "GROUP"), ("German", "GROUP")]),
        ("We met Ursula von der Leyen there.", [("Ursula von der Leyen", "PERSON")]),
        ("He spoke to Nouri al-Maliki by phone.", [("Nouri al-Maliki", "PERSON")]),
        ("They greeted Ban Ki-moon there.", [("Ban Ki-moon", "PERSON")]),
        ("U.S. Secretary of State Antony Blinken left.", [("U.S.", "PLACE"), ("Antony Blinken", "PERSON")]),
        ("Chinese Foreign Minister Wang Yi left.", [("Chinese", "GROUP"), ("Wang Yi", "PERSON")]),
        ("Officials in the US and at the WHO asked us who knew.", [("US", "PLACE"), ("WHO", "ORGANISATION")]),
        ("She lives in Evansville, IN with Bob.", [("Evansville", "PLACE"), ("IN", "PLACE"), ("Bob", "PERSON")]),
        ("He works for Acme Widgets Inc. in Ohio.", [("Acme Widgets Inc.", "ORGANISATION"), ("Ohio", "PLACE")]),
    ],
)
def test_names(body: str, mentions: list[tuple[str, str]]) -> None:
    assert _found(body) == mentions


@pytest.mark.parametrize(
    "value",
    [
        "11 January 2024", "Tuesday, 11 January 2024", "Jan. 11", "March 2020", "5th of May", "$1.5 billion", "£3bn",
        "US$100 million", "HK$ 20", "EUR 300", "15 cents", "5 million USD", "12 per cent", "40 kilometres",
    ],
)  # fmt: skip
def test_values_are_no_names(value: str) -> None:
    assert _found(f"it was settled at {value} and then shelved.") == []


def test_a_surname_is_typed_by_its_own_article_only() -> None:
    mentions = _recognise("Then Zarkolo spoke in haste.", "We saw Maria Zarkolo. Then Zarkolo spoke in haste.")
    scores = mentions.filter(surface="Zarkolo").select("article_id", "score").rows()
    assert scores[0][1] < scores[1][1]


_NAMES = [
    "Ilham Aliyev",
    "Aliyev",
    "China",
    "the Bank of",
    "Japan",
    "IEERCAS",
    "(IEERCAS)",
    "5 May",
    "$3",
    "al-",
    "Sun",
]
_PIECES = st.one_of(
    st.sampled_from([*_NAMES, "of", "and", ",", ". ", "\n\n", "'s", "-", "said", "\U0001f600"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
_BODIES = st.lists(_PIECES, max_size=25).map(" ".join)


@given(st.lists(_BODIES, max_size=4))
@settings(deadline=None, max_examples=40)
def test_spans_are_exact_ordered_and_apart(bodies: list[str]) -> None:
    mentions = _recognise(*bodies)
    assert mentions.schema == MENTION_COLUMNS
    assert set(mentions["mention_type"]) <= set(MENTION_TYPES)
    assert mentions["score"].is_between(0, 1).all()
    for article_no, body in enumerate(bodies):
        end_before = 0
        for _, start, end, surface, _, _ in mentions.filter(article_id=str(article_no)).iter_rows():
            assert end_before <= start < end <= len(body)
            assert body[start:end] == surface
            end_before = end
    assert mentions["article_id"].cast(pl.Int32).is_sorted()


@given(st.lists(_BODIES, min_size=2, max_size=4))
@settings(deadline=None, max_examples=40)
def test_an_article_has_the_same_mentions_in_any_batch(bodies: list[str]) -> None:
    together = _recognise(*bodies)
    for number, body in enumerate(bodies):
        alone = _recognise(body).with_columns(article_id=pl.lit(str(number)))
        assert_frame_equal(together.filter(article_id=str(number)), alone)
    backwards = _recognise(*reversed(bodies)).select(pl.exclude("article_id"))
    order = pl.concat([together.filter(article_id=str(number)) for number in reversed(range(len(bodies)))])
    assert_frame_equal(order.select(pl.exclude("article_id")), backwards)


def test_columns_that_are_not_asked_for_are_ignored() -> None:
    articles = pl.DataFrame({"language": [None], "body": ["We saw Baku."], "article_id": ["a"], "title": ["Rome"]})
    assert recogniser("rules").recognise(articles)["surface"].to_list() == ["Baku"]


def test_explanation() -> None:
    explained = RuleRecogniser().explain("We saw President Ilham Aliyev in Baku.")
    assert explained.select("surface", "mention_type", "reason").rows() == [
        ("Ilham Aliyev", "PERSON", "two or three words"),
        ("Ilham Aliyev", "PERSON", "a given name and more"),
        ("Ilham Aliyev", "PERSON", "a family name last"),
        ("Ilham Aliyev", "PERSON", "behind a title"),
        ("Baku", "PERSON", "one word"),
        ("Baku", "PLACE", "behind 'in', 'at', 'near'"),
        ("Baku", "PLACE", "a country, region, state or large city"),
    ]


def test_no_articles() -> None:
    assert_frame_equal(_recognise(), MENTION_COLUMNS.to_frame())


@pytest.mark.parametrize("name", sorted(RECOGNISERS))
def test_recognisers_are_registered_under_their_names(name: str) -> None:
    assert isinstance(recogniser(name), Recogniser)
    assert recogniser(name).name == name
    assert recogniser(name) is recogniser(name)


def test_unknown_recogniser() -> None:
    with pytest.raises(ValueError, match=r"no mention recogniser is called 'magic'; there are: .*rules"):
        recogniser("magic")


def test_every_cue_has_words_and_every_name_a_known_type() -> None:
    from_lists = {Cue.GIVEN_NAME, Cue.FAMILY_NAME, Cue.STATE_CODE}
    assert {row["cue"].upper() for row in read_packaged_csv("word_cues.csv")} == {
        cue.name for cue in Cue if cue not in from_lists
    }
    assert {row["mention_type"] for row in read_packaged_csv("known_names.csv")} <= set(MENTION_TYPES)
