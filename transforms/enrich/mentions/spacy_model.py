"""The spaCy recogniser: any installed spaCy pipeline with an entity recogniser (``--recogniser spacy:en_core_web_sm``).

spaCy and the pipeline are the user's to install: ``pip install 'dateline[spacy]'`` and the pipeline's own package.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import polars as pl

from transforms.enrich.mentions.recogniser import library_version, mention_rows

#: The labels of spaCy's pipelines (OntoNotes and the CoNLL-like ones), https://spacy.io/models. Values are left out:
#: Dateline finds them itself, with what they amount to.
_TYPES: Final = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "ORG": "ORGANISATION",
    "GPE": "PLACE",
    "LOC": "PLACE",
    "FAC": "PLACE",
    "NORP": "GROUP",
    "EVENT": "EVENT",
    "WORK_OF_ART": "OTHER",
    "LAW": "OTHER",
    "PRODUCT": "OTHER",
    "LANGUAGE": "OTHER",
    "MISC": "OTHER",
}

#: Components that the entity recogniser of no pipeline of spaCy's needs.
_NOT_NEEDED: Final = ("parser", "tagger", "morphologizer", "lemmatizer", "attribute_ruler", "senter")

#: spaCy's recogniser gives no probabilities.
_SCORE: Final = 1.0

_BATCH_TEXTS: Final = 64


class SpacyRecogniser:
    """Recognises mentions with the spaCy pipeline of a package or folder. Every score is 1: spaCy gives none."""

    def __init__(self, model: str) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return f"spacy:{self._model}"

    @cached_property
    def version(self) -> str:
        """The versions of spaCy and of the pipeline. Raises ``OSError`` without them."""
        return f"{library_version('spacy', 'spacy')}-{self._meta['version']}"

    @property
    def _meta(self) -> dict[str, Any]:
        import spacy.util  # ruff: ignore[import-outside-top-level] - an optional dependency

        folder = Path(self._model)
        if not folder.is_dir() and spacy.util.is_package(self._model):
            package = spacy.util.get_package_path(self._model)
            folder = next(iter(package.glob("*/meta.json")), package / "meta.json").parent
        if not (folder / "meta.json").is_file():
            raise OSError(
                f"no spaCy pipeline is called {self._model!r}: install its package (python -m spacy download "
                f"{self._model}), or give the folder of one"
            )
        meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        return meta

    @cached_property
    def _pipeline(self) -> Any:
        import spacy  # ruff: ignore[import-outside-top-level] - an optional dependency

        return spacy.load(self._model, exclude=list(_NOT_NEEDED))

    def recognise(self, articles: pl.DataFrame) -> pl.DataFrame:
        """``article_id, body → article_id, start_char, end_char, surface, mention_type, score``."""
        # Longer texts are refused unless a parser's memory is allowed for, and there is none.
        self._pipeline.max_length = max(self._pipeline.max_length, articles["body"].str.len_chars().max() or 0)
        texts = zip(articles["body"], articles["article_id"], strict=True)
        # A loop over entities: spaCy hands them out as objects.
        found = [
            (article_id, entity.start_char, entity.end_char, _TYPES[entity.label_], _SCORE)
            for document, article_id in self._pipeline.pipe(texts, as_tuples=True, batch_size=_BATCH_TEXTS)
            for entity in document.ents
            if entity.label_ in _TYPES
        ]
        return mention_rows(articles, found)
