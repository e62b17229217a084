"""Recognisers that run somebody else's model: their real loading code, on tiny models that the tests make."""

from __future__ import annotations

import string
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows.pipeline import run_directly
from flows.settings import Settings
from samples import GOOD, write_files
from transforms.contracts import ENTITY_TYPES
from transforms.enrich.mentions import UnknownRecogniserError, check_recognisers, recogniser
from transforms.enrich.mentions.gliner_model import pieces_of
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS, MissingLibraryError, mention_rows
from warehouse import open_warehouse

ARTICLES = pl.DataFrame({
    "article_id": ["a", "b", "c"],
    "body": ["🙂 Angela Merkel met Danes in Paris.", "Nothing here.", "Paris again, on Monday."],
})


def _mentions(*rows: tuple[str, int, int, str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=MENTION_COLUMNS, orient="row")


def test_a_spacy_pipeline_is_loaded_from_its_folder(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    pipeline: Any = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([
        {"label": "PERSON", "pattern": "Angela Merkel"},
        {"label": "NORP", "pattern": "Danes"},
        {"label": "GPE", "pattern": "Paris"},
        {"label": "DATE", "pattern": "Monday"},
    ])
    pipeline.to_disk(tmp_path / "tiny")
    loaded = recogniser(f"spacy:{tmp_path / 'tiny'}")
    assert loaded.name == f"spacy:{tmp_path / 'tiny'}"
    assert loaded.version == f"{spacy.__version__}-{pipeline.meta['version']}"
    expected = _mentions(
        ("a", 2, 15, "Angela Merkel", "PERSON", 1.0),
        ("a", 20, 25, "Danes", "GROUP", 1.0),
        ("a", 29, 34, "Paris", "PLACE", 1.0),
        ("c", 0, 5, "Paris", "PLACE", 1.0),
    )
    assert_frame_equal(loaded.recognise(ARTICLES), expected)
    assert_frame_equal(loaded.recognise(ARTICLES[2:]), expected[3:])


def test_a_trained_spacy_pipeline_finds_what_it_learnt(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    training = pytest.importorskip("spacy.training")
    spacy.util.fix_random_seed(0)
    pipeline: Any = spacy.blank("en")
    pipeline.add_pipe("tagger").add_label("X")
    pipeline.add_pipe("ner")
    entities = [[(2, 15, "PERSON"), (20, 25, "NORP"), (29, 34, "GPE")], [], [(0, 5, "GPE"), (16, 22, "DATE")]]
    examples = [
        training.Example.from_dict(pipeline.make_doc(body), {"entities": spans})
        for body, spans in zip(ARTICLES["body"], entities, strict=True)
    ]
    optimizer = pipeline.initialize(lambda: examples)
    for _ in range(30):
        pipeline.update(examples, sgd=optimizer, drop=0.0, exclude=["tagger"])
    pipeline.to_disk(tmp_path / "trained")

    loaded = recogniser(f"spacy:{tmp_path / 'trained'}")
    found = loaded.recognise(ARTICLES)
    expected = _mentions(
        ("a", 2, 15, "Angela Merkel", "PERSON", 1.0),
        ("a", 20, 25, "Danes", "GROUP", 1.0),
        ("a", 29, 34, "Paris", "PLACE", 1.0),
        ("c", 0, 5, "Paris", "PLACE", 1.0),
    )
    assert_frame_equal(found, expected)
    assert_frame_equal(loaded.recognise(ARTICLES[2:]), expected[3:])
    assert loaded.recognise(ARTICLES[:0]).is_empty()


@pytest.fixture(scope="session")
def tiny_gliner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a GLiNER model with random weights: a BERT of one layer that reads letter by letter."""
    gliner, torch = pytest.importorskip("gliner"), pytest.importorskip("torch")
    tokenizers, transformers = pytest.importorskip("tokenizers"), pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("gliner")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = string.ascii_letters + string.digits + string.punctuation
    vocabulary = {
        piece: number for number, piece in enumerate([*special, *letters, *(f"##{each}" for each in letters)])
    }
    pieces = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token=special[1]))
    pieces.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    roles = {f"{name.strip('[]').lower()}_token": name for name in special}
    transformers.PreTrainedTokenizerFast(tokenizer_object=pieces, **roles).save_pretrained(folder / "backbone")
    transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=4096,
    ).save_pretrained(folder / "backbone")
    torch.manual_seed(1)
    config = gliner.GLiNERConfig(model_name=str(folder / "backbone"), hidden_size=16, max_width=4, max_len=384)
    gliner.GLiNER.from_config(config, backbone_from_pretrained=False).save_pretrained(folder / "tiny")
    return folder / "tiny"


def test_gliner_gets_every_word_in_pieces_of_some_length() -> None:
    bodies = ["🙂 One. Two.", "", "no full stop in this list " * 250, "x" * 3000, "A sentence. " * 200]
    articles = pl.DataFrame({"article_id": [f"{number}" for number in range(len(bodies))], "body": bodies})
    pieces = pieces_of(articles)
    assert pieces["article_id"].unique(maintain_order=True).to_list() == ["0", "2", "3", "4"]
    for article_id, start, text in pieces.iter_rows():
        assert bodies[int(article_id)][start : start + len(text)] == text
        assert len(text) <= 1201
    joined = pieces.group_by("article_id", maintain_order=True).agg(pl.col("text").str.join(" "))
    assert [text.split() for text in joined["text"]][:2] == [bodies[0].split(), bodies[2].split()]
    assert joined["text"][2].replace(" ", "") == bodies[3]


# PyTorch and transformers warn of themselves.
@pytest.mark.filterwarnings("default")
class TestGliner:
    def test_a_model_is_loaded_from_its_folder(self, tiny_gliner: Path) -> None:
        loaded = recogniser(f"gliner:{tiny_gliner}")
        long = "no full stop in this list " * 250
        articles = pl.concat([ARTICLES, pl.DataFrame({"article_id": ["d"], "body": [long]})])
        found = loaded.recognise(articles)
        # What random weights take for a name is of no interest, but that they take something is.
        assert found.schema == MENTION_COLUMNS
        assert set(found["mention_type"]) <= set(ENTITY_TYPES)
        assert {"a", "d"} <= set(found["article_id"])
        assert found.filter(article_id="d")["end_char"].max() > 0.9 * len(long), "the end of a long article is read"
        printed = found.join(articles, on="article_id", maintain_order="left").select(
            pl.col("body").str.slice("start_char", pl.col("end_char") - pl.col("start_char")).alias("surface")
        )
        assert_frame_equal(found.select("surface"), printed)
        assert found["score"].is_between(0.5, 1).all()

    def test_an_article_has_the_same_mentions_in_any_batch(self, tiny_gliner: Path) -> None:
        loaded = recogniser(f"gliner:{tiny_gliner}")
        alone = pl.concat([loaded.recognise(ARTICLES[number]) for number in range(len(ARTICLES))])
        assert_frame_equal(loaded.recognise(ARTICLES), alone, abs_tol=1e-4, rel_tol=0)
        assert loaded.recognise(ARTICLES[:0]).is_empty()

    def test_a_run_keeps_its_mentions_beside_those_of_the_first(self, tiny_gliner: Path, tmp_path: Path) -> None:
        write_files(tmp_path / "articles", GOOD)
        data, model = tmp_path / "data", f"gliner:{tiny_gliner}"
        settings = Settings.given(data=data, workers=1, settle_seconds=0, recogniser=f"crf,{model}")
        run_directly(settings, [tmp_path / "articles"])
        with open_warehouse(data) as connection:
            compared = "SELECT recogniser, count(*) > 0 FROM compared_mentions GROUP BY 1"
            assert connection.execute(compared).fetchall() == [(model, True)]
            first = "SELECT DISTINCT recogniser FROM mentions ORDER BY 1"
            assert connection.execute(first).fetchall() == [("crf",), ("patterns",)]
            refused = "SELECT count(*) FROM files WHERE status <> 'loaded'"
            assert connection.execute(refused).fetchall() == [(0,)]


def test_a_missing_spacy_pipeline_says_what_to_do() -> None:
    pytest.importorskip("spacy")
    with pytest.raises(OSError, match=r"no spaCy pipeline is called 'no_such': install its package"):
        _ = recogniser("spacy:no_such").version


@pytest.mark.parametrize("library", ["spacy", "gliner"])
def test_a_missing_library_says_what_to_install(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(sys.modules["transforms.enrich.mentions.recogniser"], "version", missing)
    with pytest.raises(MissingLibraryError, match=rf"{library} is not installed: pip install 'dateline\[{library}\]'"):
        _ = recogniser(f"{library}:anything").version


def test_a_name_that_nobody_has_lists_those_that_there_are() -> None:
    with pytest.raises(UnknownRecogniserError, match=r"called 'flair'; there are: .*rules, gliner:MODEL, spacy:MODEL"):
        recogniser("flair")
    with pytest.raises(UnknownRecogniserError, match="called 'rules:large'"):
        recogniser("rules:large")


def test_of_several_recognisers_the_first_fills_mentions_and_the_others_stand_apart(warehouse_data: Path) -> None:
    with open_warehouse(warehouse_data) as connection:
        finders = connection.execute("SELECT DISTINCT recogniser FROM mentions ORDER BY 1").fetchall()
        assert finders == [("crf",), ("patterns",)]
        assert connection.execute("SELECT DISTINCT recogniser FROM compared_mentions").fetchall() == [("rules",)]
        agreement = (
            "SELECT mention_count, same_span_and_type_count FROM recogniser_agreement WHERE mention_type = 'PERSON'"
        )
        assert connection.execute(agreement).fetchall() == [(4, 4)]
    with pytest.raises(UnknownRecogniserError, match="named twice"):
        check_recognisers("crf,crf")


def test_spans_of_a_model_are_trimmed_and_do_not_overlap() -> None:
    found = [
        ("c", 12, 15, "PLACE", 0.5),
        ("a", 15, 25, "GROUP", 0.5),
        ("a", 2, 16, "PERSON", 0.5),
        ("a", 20, 25, "GROUP", 0.5),
    ]
    assert_frame_equal(
        mention_rows(ARTICLES, found),
        _mentions(
            ("a", 2, 15, "Angela Merkel", "PERSON", 0.5),
            ("a", 16, 25, "met Danes", "GROUP", 0.5),
            ("c", 13, 15, "on", "PLACE", 0.5),
        ),
    )
    assert_frame_equal(mention_rows(ARTICLES, []), MENTION_COLUMNS.to_frame())
