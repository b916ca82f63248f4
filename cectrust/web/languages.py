"""Japanese first: it is the language of the templates; English comes from the catalogue.

New sentences: ``pybabel extract -F babel.cfg --no-location -o messages.pot .``, ``pybabel update -N -i messages.pot
-d cectrust/translations -l en``, translate, ``pybabel compile -d cectrust/translations``; a test compares.
"""

from __future__ import annotations

from pathlib import Path

import flask
from flask_babel import Babel, get_locale

from cectrust.sdk.errors import CectrustError
from cectrust.web.application import Application

LANGUAGES = {"ja": "日本語", "en": "English"}
CATALOGUES = Path(__file__).resolve().parent.parent / "translations"


def install(app: Application) -> None:
    plugins = [page.translations for _, page in app.platform.pages if page.translations]
    Babel(
        app,
        default_locale="ja",
        default_timezone="Asia/Tokyo",
        default_translation_directories=";".join([*plugins, str(CATALOGUES)]),
        locale_selector=chosen,
    )
    app.add_template_filter(sentence)
    app.context_processor(lambda: {"language": current(), "languages": LANGUAGES})


def chosen() -> str:
    """What the person chose in this session; the browser's wishes don't count in a Japanese service."""
    language = str(flask.session.get("language", "ja"))
    return language if language in LANGUAGES else "ja"


def current() -> str:
    locale = get_locale()
    return locale.language if locale else "ja"


def sentence(error: CectrustError) -> str:
    """An error's sentence in the page's language."""
    return error.en if current() == "en" else error.ja
