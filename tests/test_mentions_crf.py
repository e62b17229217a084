"""The statistical recogniser: what it finds, and the invariants of every recogniser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.enrich.mentions import recogniser
from transforms.enrich.mentions.crf import recogniser as crf
from transforms.enrich.mentions.crf.agreement import agreed_types
from transforms.enrich.mentions.crf.decode import Transitions, best_labels, marginals
from transforms.enrich.mentions.crf.features import Feature, rows
from transforms.enrich.mentions.crf.hashing import hash_words
from transforms.enrich.mentions.crf.labels import LABEL_COUNT, MAY_FOLLOW, MAY_START, spans_of
from transforms.enrich.mentions.crf.lexicon import WordTable
from transforms.enrich.mentions.crf.model import WeightTable, quantise
from transforms.enrich.mentions.crf.packaged import load_tagger, pack_table, save_arrays
from transforms.enrich.mentions.crf.tokenise import tokenise
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS, Recogniser

VISIT = (
    "BAKU, Jan 11 (Agency) - President Ilham Aliyev received the ambassador of Japan in Baku on Thursday.\n\n"
    "Aliyev said that the European Union and the United Nations would send observers to Azerbaijan. "
    "Mr. Aliyev will travel to Paris, where he meets Emmanuel Macron."
)

bodies = st.lists(
    st.text(
        st.one_of(
            st.sampled_from([*"ABab .,-'’“”\n&0()", "é", "É", "Ж", "東", "😀", "\u00a0", "ß", "İ"]),
            st.characters(exclude_categories=["Cs"]),
        ),
        max_size=60,
    )
    | st.sampled_from([
        VISIT,
        VISIT.upper(),
        VISIT.lower(),
        "Angela Merkel",
        "",
        "The U.S. of Jos in Plateau — Smith & Co.",
    ]),
    max_size=6,
)


def _recognise(*bodies: str) -> pl.DataFrame:
    articles = pl.DataFrame({"article_id": [str(number) for number in range(len(bodies))], "body": list(bodies)})
    return recogniser("crf").recognise(articles.cast(pl.String))


def _found(body: str) -> list[tuple[str, str]]:
    return _recognise(body).select("surface", "mention_type").rows()


def test_satisfies_the_protocol() -> None:
    engine = recogniser("crf")
    assert isinstance(engine, Recogniser)
    assert engine.name == "crf"
    assert engine.version.startswith("2-")


def test_finds_people_organisations_and_places() -> None:
    assert _found(VISIT) == [
        ("BAKU", "PLACE"),
        ("Ilham Aliyev", "PERSON"),
        ("Japan", "PLACE"),
        ("Baku", "PLACE"),
        ("Aliyev", "PERSON"),
        ("European Union", "ORGANISATION"),
        ("United Nations", "ORGANISATION"),
        ("Azerbaijan", "PLACE"),
        ("Aliyev", "PERSON"),
        ("Paris", "PLACE"),
        ("Emmanuel Macron", "PERSON"),
    ]


def test_an_article_explains_its_own_names_only() -> None:
    explained = "Lerma spoke on Friday. The mayor, Carlos Lerma, opened the bridge."
    assert ("Lerma", "PERSON") in _found(explained)
    both = _recognise("Lerma was quiet.", explained)
    assert_frame_equal(both.filter(pl.col("article_id") == "0"), _recognise("Lerma was quiet."), check_exact=True)


@pytest.mark.parametrize(
    "body",
    [
        "Der Minister sprach am Freitag mit der Presse über die Lage der Wirtschaft und nannte den Haushalt eine "
        "Aufgabe für das ganze Land, die in den nächsten Jahren zu lösen ist; die Opposition sieht das anders.",
        "Le ministre a parlé vendredi avec la presse de la situation économique du pays et des années qui viennent, "
        "mais les députés de la région voient les choses d'une autre manière, dit une lettre publiée hier par eux.",
        "Министр рассказал в пятницу журналистам о положении дел в стране и назвал бюджет задачей на несколько лет, "
        "которую надо решать вместе, но депутаты видят это иначе и просят слова уже на этой неделе до конца дня.",
    ],
)
def test_text_in_other_languages_has_no_mentions(body: str) -> None:
    assert _found(body) == []


def test_a_headline_in_capitals_is_no_row_of_names() -> None:
    found = _found("PRESIDENT SAYS THE BUDGET WILL BE CUT AGAIN NEXT YEAR\n\nThe president spoke about the budget.")
    assert found == []


@given(bodies)
@settings(max_examples=25, deadline=None)
def test_spans_slice_to_their_surfaces_and_do_not_overlap(bodies: list[str]) -> None:
    mentions = _recognise(*bodies)
    assert mentions.schema == MENTION_COLUMNS
    place = (0, 0)
    for article_id, start, end, surface, mention_type, score in mentions.iter_rows():
        assert surface == bodies[int(article_id)][start:end] != ""
        assert mention_type in {"PERSON", "ORGANISATION", "PLACE", "OTHER"}
        assert 0 <= score <= 1
        assert (int(article_id), start) >= place
        place = (int(article_id), end)


@given(bodies, st.randoms(use_true_random=False), st.sampled_from([1, 40, 1_000_000]))
@settings(max_examples=25, deadline=None)
def test_an_article_does_not_depend_on_the_others(bodies: list[str], random: object, slice_bytes: int) -> None:
    articles = pl.DataFrame({"article_id": [str(number) for number in range(len(bodies))], "body": bodies}).cast(
        pl.String
    )
    order = list(range(len(bodies)))
    random.shuffle(order)  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crf, "_SLICE_BYTES", slice_bytes)
        together = crf.CrfRecogniser().recognise(articles[order])
    alone = pl.concat([
        MENTION_COLUMNS.to_frame(),
        *(_recognise(body).with_columns(article_id=pl.lit(str(number))) for number, body in enumerate(bodies)),
    ])
    by_place = ["article_id", "start_char"]
    assert_frame_equal(together.sort(by_place), alone.sort(by_place), check_exact=True)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("O'Brien's", ["O'Brien", "'s"]),
        ("we’ll", ["we", "’ll"]),
        ("U.S. and J.P. Morgan.", ["U.S.", "and", "J.P.", "Morgan", "."]),
        ("Apple Inc. said", ["Apple", "Inc.", "said"]),
        ("AT&T, 3,000.5", ["AT&T", ",", "3,000.5"]),
        ("Élisabeth—Москва、東京", ["Élisabeth", "—", "Москва", "、", "東京"]),
        ("a\u00a0b\u2009c", ["a", "b", "c"]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    cut = tokenise([text])
    buffer = cut.text.buffer.tobytes()
    found = [buffer[start:end].decode() for start, end in zip(cut.starts, cut.ends, strict=True)]
    assert [token for token in found if token.strip()] == tokens


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=5))
@settings(deadline=None)
def test_tokens_cover_every_letter_and_digit_once(texts: list[str]) -> None:
    cut = tokenise(texts)
    covered = np.zeros(len(cut.text.buffer), np.int64)
    for start, end in zip(cut.starts, cut.ends, strict=True):
        cut.text.buffer[start:end].tobytes().decode()
        covered[start:end] += 1
    assert (covered <= 1).all()
    assert (covered[cut.text.classes >= 4] == 1).all()


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_the_best_labels_are_the_best_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 5, 3)
    starts = np.cumsum(lengths) - lengths
    emissions = rng.normal(size=(lengths.sum(), LABEL_COUNT)).astype(np.float32)
    transitions = Transitions(
        *(rng.normal(size=shape).astype(np.float32) for shape in (LABEL_COUNT, (LABEL_COUNT, LABEL_COUNT)))
    )
    labels = best_labels(emissions, starts, lengths, transitions)
    probabilities = marginals(emissions, starts, lengths, transitions)
    for start, length in zip(starts, lengths, strict=True):
        sequences = _sequences(length)
        run = emissions[start : start + length]
        scores = np.array([
            transitions.start[path[0]]
            + sum(run[t, label] for t, label in enumerate(path))
            + sum(transitions.step[path[t - 1], path[t]] for t in range(1, length))
            for path in sequences
        ])
        assert tuple(labels[start : start + length]) == sequences[scores.argmax()]
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        for t in range(length):
            expected = np.bincount([path[t] for path in sequences], weights=shares, minlength=LABEL_COUNT)
            np.testing.assert_allclose(probabilities[start + t], expected, atol=1e-4)


def _sequences(length: int) -> list[tuple[int, ...]]:
    paths: list[tuple[int, ...]] = [(label,) for label in range(LABEL_COUNT) if MAY_START[label]]
    for _ in range(length - 1):
        paths = [(*path, label) for path in paths for label in range(LABEL_COUNT) if MAY_FOLLOW[path[-1], label]]
    return paths


def test_spans_of_labels() -> None:
    spans = spans_of(np.array([1, 2, 0, 3, 3, 4, 5], np.uint8))
    assert [column.tolist() for column in spans] == [[0, 3, 4, 6], [1, 3, 5, 6], [0, 1, 1, 2]]


def test_words_that_share_a_slot_keep_their_values() -> None:
    hashes = np.array([5, 5 + 2**40, 5 + 2**41, 9], np.uint64)
    table = WordTable(hashes, np.array([1, 2, 3, 4], np.uint32))
    assert table.values(np.array([5 + 2**41, 5, 9, 5 + 2**40, 5 + 2**42, 8], np.uint64)).tolist() == [3, 1, 4, 2, 0, 0]


def test_words_hash_alike_in_text_and_alone() -> None:
    words = ["a", "eightfold", "extraordinarily", "antidisestablishmentarianism", "Élisabeth"]
    tokens = tokenise([" ".join(words)])
    assert tokens.hashes[~tokens.is_break].tolist() == hash_words(words).tolist()


def test_a_packed_table_is_read_back(tmp_path: Path) -> None:
    weights = np.zeros((1 << 18, LABEL_COUNT), np.float32)
    weights[[3, 70_000, 200_000], 2] = [1.0, -1.0, 0.5]
    steps, scale = quantise(weights)
    for name in ("a", "b"):
        save_arrays(pack_table("first", steps, scale), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with np.load(tmp_path / "a") as arrays:
        rows = np.cumsum(arrays["first_rows"], dtype=np.int64)
        assert rows[arrays["first_steps"].any(axis=0)].tolist() == [3, 70_000, 200_000]


def test_the_model_is_loaded_once() -> None:
    assert load_tagger() is load_tagger()
    assert isinstance(load_tagger().first_look, WeightTable)


def test_places_with_a_hyphen_between_them_are_two() -> None:
    found = _found("The ministers spoke of Azerbaijan-China relations and of trade between France and Germany.")
    assert found == [("Azerbaijan", "PLACE"), ("China", "PLACE"), ("France", "PLACE"), ("Germany", "PLACE")]


def test_more_features_than_the_sums_have_room_for_are_refused() -> None:
    table = WeightTable(np.zeros((4, LABEL_COUNT - 1), np.int8), 1.0)
    feature = Feature("word", np.zeros(1, np.uint64))
    assert table.emissions([feature] * 256, 1).shape == (1, LABEL_COUNT)
    with pytest.raises(ValueError, match="257 features"):
        table.emissions([feature] * 257, 1)


def test_emissions_are_sums_of_weights() -> None:
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(1 << 8, LABEL_COUNT)).astype(np.float32)
    weights[0] = 0
    steps, scale = quantise(weights)
    found = [Feature(name, rng.integers(0, 2**60, 50, np.uint64), rng.random(50) < 0.7) for name in "abcde"]
    expected = sum((steps[rows(feature, 8)] * scale for feature in found), start=np.zeros((50, LABEL_COUNT - 1)))
    np.testing.assert_allclose(WeightTable(steps, scale).emissions(found, 50)[:, 1:], expected, rtol=1e-5, atol=1e-5)


def test_peoples_are_no_places_and_known_organisations_are_organisations() -> None:
    found = _found(
        "Egyptian and North Korean envoys met. The European Union and the African Union sent Kuwaitis to Cairo."
    )
    types = dict(found)
    assert types["European Union"] == "ORGANISATION"
    assert types["Cairo"] == "PLACE"
    assert {types.get(name, "OTHER") for name in ("Egyptian", "North Korean", "Kuwaitis")} == {"OTHER"}


def test_a_name_has_one_type_in_an_article() -> None:
    tokens = tokenise(["Coburg won. Coburg FC lost. Coburg drew. Coburg rose.", "Coburg fell."])
    at = np.flatnonzero(tokens.hashes == tokens.hashes[tokens.is_capitalised.argmax()])
    assert len(at) == 5
    lasts = at + np.array([0, 1, 0, 0, 0])
    types = np.array([1, 1, 0, 1, 0])
    scores = np.array([0.4, 0.9, 0.5, 0.3, 0.9], np.float32)
    # 0.4 and 0.3 for one type outvote 0.5 for the other; "Coburg FC" is another name, and the second article another.
    assert agreed_types(tokens, at, lasts, types, scores).tolist() == [1, 1, 1, 1, 0]
    equal = np.array([0.25, 0.9, 0.5, 0.25, 0.9], np.float32)
    assert agreed_types(tokens, at, lasts, types, equal).tolist() == types.tolist()
    nothing = np.zeros(0, np.int64)
    assert agreed_types(tokens, nothing, nothing, nothing, np.zeros(0, np.float32)).tolist() == []
