"""The English catalogue is complete, and what is compiled is what was written; `test_english` walks the pages."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from cectrust.resources import templates_directory
from cectrust.web.languages import CATALOGUES

ENGLISH = CATALOGUES / "en" / "LC_MESSAGES"
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_PLACES = re.compile(r"%\(\w+\)s")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read_po(io.BytesIO((ENGLISH / "messages.po").read_bytes()))


def extracted() -> set[str]:
    found = set()
    for directory, method in ((templates_directory(), "jinja2"), (CATALOGUES.parent, "python")):
        pattern = "**.html" if method == "jinja2" else "**.py"
        for _file, _line, message, _comments, _context in extract_from_dir(directory, [(pattern, method)]):
            found.add(message if isinstance(message, str) else message[0])
    return found


def test_every_sentence_of_the_pages_has_an_english_one(catalogue: Catalog) -> None:
    written = {message.id for message in catalogue if message.id and message.string}
    assert extracted() - written == set()
    assert written - extracted() == set()


def test_english_sentences_are_english_and_keep_the_places(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id:
            assert not JAPANESE.search(str(message.string)), message.string
            assert sorted(_PLACES.findall(str(message.id))) == sorted(_PLACES.findall(str(message.string)))


def test_the_compiled_catalogue_is_that_of_the_source(catalogue: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert Path(ENGLISH / "messages.mo").read_bytes() == compiled.getvalue()
