"""Where a plugin registers what it brings. Hooks register, objects work.

A plugin is a module or object found through the entry-point group ``cectrust``; its entry-point name is its
plugin name. Every hook below is called once at start-up, gets the plugin's own context, returns objects of
``cectrust.sdk.protocols`` and does no work (no network, no database, no threads).

Arguments may be added in later releases, never removed; an implementation names only those it uses.
"""

from __future__ import annotations

from typing import Any

import pluggy

from cectrust.sdk.protocols import (
    BlobStore,
    CertificateProvider,
    Job,
    Notifier,
    Page,
    PluginContext,
    Tables,
    Timestamper,
)

PROJECT = "cectrust"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """The whole surface. A hook exists only with this text, a test and a real plugin that uses it."""

    @hookspec
    def cectrust_settings_section(self) -> type[Any] | None:
        """The pydantic model of ``[plugins.<name>]``. Called before everything else.

        ``None``: no section is allowed. The model must forbid unknown keys.
        """

    @hookspec
    def cectrust_blob_stores(self, context: PluginContext) -> dict[str, BlobStore] | None:
        """Stores by name. ``[storage] store = "<name>"`` chooses one. ``None``: none."""

    @hookspec
    def cectrust_certificate_providers(self, context: PluginContext) -> list[CertificateProvider] | None:
        """Accepted kinds of certificate; two with the same ``kind.code`` stop start-up. ``None``: none."""

    @hookspec
    def cectrust_notifiers(self, context: PluginContext) -> dict[str, Notifier] | None:
        """Notifiers by name. ``[notifications] notifiers = ["<name>"]`` chooses. ``None``: none."""

    @hookspec
    def cectrust_timestampers(self, context: PluginContext) -> dict[str, Timestamper] | None:
        """Time-stamping authorities by name. ``[timestamping] timestamper = "<name>"`` chooses. ``None``: none."""

    @hookspec
    def cectrust_tables(self) -> Tables | None:
        """The plugin's own tables; migrated by ``cectrust db upgrade``. ``None``: none."""

    @hookspec
    def cectrust_pages(self, context: PluginContext) -> list[Page] | None:
        """Blueprints; templates extend ``cectrust/base.html``. ``None``: none."""

    @hookspec
    def cectrust_commands(self) -> list[Any] | None:
        """click commands, added to ``cectrust``; ``click.pass_obj`` gives a function ``() -> PluginContext``
        that loads the settings only when the command runs. ``None``: none."""

    @hookspec
    def cectrust_jobs(self, context: PluginContext) -> list[Job] | None:
        """What the worker runs on a schedule. ``None``: none."""
