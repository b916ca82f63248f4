"""Built-in plugins come through the same hooks as everybody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pluggy
import pytest
from pydantic import ValidationError

from cectrust.builtin import BUILTIN
from cectrust.sdk.hookspecs import PROJECT, Hooks
from cectrust.sdk.protocols import BlobStore, CertificateProvider, Notifier, PluginContext, Timestamper
from tests.support.partner_ca import make_partner

SECTIONS: dict[str, dict[str, Any]] = {
    "file_store": {},
    "smtp": {"host": "localhost", "security": "plain", "sender": "noreply@example.jp"},
    "rfc3161": {"url": "http://127.0.0.1:3161/"},
}


def manager(name: str) -> pluggy.PluginManager:
    made = pluggy.PluginManager(PROJECT)
    made.add_hookspecs(Hooks)
    made.register(BUILTIN[name], name=name)
    made.check_pending()
    return made


def context(name: str, settings: object, directory: Path) -> PluginContext:
    unused: Any = None
    return PluginContext(
        name, settings, unused, unused, unused, unused, unused, directory, "http://localhost:8710", unused
    )


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_every_section_refuses_an_unknown_key(name: str) -> None:
    (section,) = manager(name).hook.cectrust_settings_section()
    with pytest.raises(ValidationError, match="unheard_of"):
        section(**SECTIONS.get(name, {}), unheard_of=1)


@pytest.mark.parametrize(
    ("name", "hook", "protocol"),
    [
        ("file_store", "cectrust_blob_stores", BlobStore),
        ("smtp", "cectrust_notifiers", Notifier),
        ("rfc3161", "cectrust_timestampers", Timestamper),
    ],
)
def test_each_registers_its_object_under_its_name(name: str, hook: str, protocol: type, tmp_path: Path) -> None:
    plugins = manager(name)
    (section,) = plugins.hook.cectrust_settings_section()
    (registered,) = getattr(plugins.hook, hook)(context=context(name, section(**SECTIONS[name]), tmp_path))
    assert isinstance(registered[name], protocol)


def test_every_description_becomes_a_provider(tmp_path: Path) -> None:
    plugins, partner = manager("partner_toml"), make_partner(tmp_path)
    (section,) = plugins.hook.cectrust_settings_section()
    settings = section(files=[partner.description])
    (providers,) = plugins.hook.cectrust_certificate_providers(context=context("partner_toml", settings, tmp_path))
    assert [provider.kind.code for provider in providers] == ["partner-aos-test"]
    assert isinstance(providers[0], CertificateProvider)
