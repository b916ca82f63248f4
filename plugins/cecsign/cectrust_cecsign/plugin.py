"""Where CECSIGN registers what it brings; the entry point ``cecsign`` of group ``cectrust``.

Hooks import late: a web process is never to load the PKCS#11 module or the linter, which only signing needs.
"""

from functools import partial
from pathlib import Path
from typing import Any

from cectrust.sdk import hookimpl
from cectrust.sdk.protocols import CertificateProvider, Job, Page, PluginContext, Tables

REFRESH_SECONDS = 300
TRANSLATIONS = Path(__file__).parent / "translations"


@hookimpl
def cectrust_settings_section() -> type[Any]:
    from cectrust_cecsign.settings import CecsignSettings

    return CecsignSettings


@hookimpl
def cectrust_tables() -> Tables:
    from cectrust_cecsign.tables import metadata

    return Tables(metadata=metadata, versions=Path(__file__).parent / "migrations")


@hookimpl
def cectrust_certificate_providers(context: PluginContext) -> list[CertificateProvider]:
    from cectrust_cecsign.provider import CecsignProvider

    return [CecsignProvider(context)]


@hookimpl
def cectrust_pages(context: PluginContext) -> list[Page]:
    from cectrust_cecsign.settings import settings_of
    from cectrust_cecsign.views import build_blueprint

    return [
        Page(
            blueprint=build_blueprint(context),
            menu_ja="認証局リポジトリ",
            menu_en="CA repository",
            endpoint="cecsign.repository",
            public=True,
            machine_endpoints=("cecsign.ocsp",),
            hosts=frozenset({settings_of(context).repository_host}),
            translations=str(TRANSLATIONS),
        )
    ]


@hookimpl
def cectrust_commands() -> list[Any]:
    from cectrust_cecsign.commands import cecsign

    return [cecsign]


@hookimpl
def cectrust_jobs(context: PluginContext) -> list[Job]:
    return [Job("refresh", REFRESH_SECONDS, partial(_refresh, context))]


def _refresh(context: PluginContext) -> None:
    from cectrust_cecsign.jobs import refresh

    refresh(context)
