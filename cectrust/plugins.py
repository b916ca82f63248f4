"""Finding plugins, checking their settings, and collecting what they register.

Built-ins come through the same hooks as installed plugins (entry-point group ``cectrust``). A plugin that does not
load, a hook that does not exist, a name given twice and a setting that nobody declared all stop start-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

import pluggy
from pydantic import ValidationError

from cectrust.builtin import BUILTIN
from cectrust.sdk import hookspecs
from cectrust.sdk.errors import Misconfigured
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
from cectrust.settings import Settings, misconfigured

GROUP = "cectrust"
Value = TypeVar("Value")


@dataclass
class Registered:
    """All that the plugins brought, by the name that settings choose it by."""

    stores: dict[str, BlobStore] = field(default_factory=dict)
    notifiers: dict[str, Notifier] = field(default_factory=dict)
    timestampers: dict[str, Timestamper] = field(default_factory=dict)
    providers: dict[str, CertificateProvider] = field(default_factory=dict)
    pages: list[tuple[str, Page]] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)


class Plugins:
    """The loaded plugins."""

    def __init__(self, manager: pluggy.PluginManager) -> None:
        self.manager = manager

    def names(self) -> list[str]:
        return sorted(name for name, _ in self.manager.list_name_plugin())

    def call(self, hook: str, name: str, **arguments: Any) -> Any:
        """The hook's answer of one plugin; ``None`` if it has no such implementation.

        One plugin at a time, because the first exception in a broadcast keeps all others from running.
        """
        others = [plugin for other, plugin in self.manager.list_name_plugin() if other != name]
        answers = self.manager.subset_hook_caller(hook, others)(**arguments)
        return answers[0] if answers else None

    def tables(self) -> dict[str, Tables]:
        found = {name: self.call("cectrust_tables", name) for name in self.names()}
        return {name: tables for name, tables in found.items() if tables is not None}

    def commands(self) -> dict[str, list[Any]]:
        return {name: self.call("cectrust_commands", name) or [] for name in self.names()}

    def sections(self, settings: Settings) -> dict[str, Any]:
        """Each active plugin's checked settings.

        A plugin that needs settings is active only when its section is there: installing it is not yet choosing it.

        Raises:
            Misconfigured: a section is wrong or belongs to no plugin.
        """
        self._refuse_unknown_sections(settings)
        models = {name: self.call("cectrust_settings_section", name) for name in self.names()}
        raw = settings.plugins
        return {
            name: _section(name, model, raw.get(name, {}))
            for name, model in models.items()
            if name in raw or _needs_nothing(model)
        }

    def _refuse_unknown_sections(self, settings: Settings) -> None:
        if unknown := sorted(set(settings.plugins) - set(self.names())):
            raise Misconfigured(
                "plugin_unknown",
                f"[plugins] の {', '.join(unknown)} というプラグインはインストールされていません。"
                f"あるのは {', '.join(self.names())} です。",
                f"[plugins] names {', '.join(unknown)}, which is not installed; there are {', '.join(self.names())}.",
            )


def load_plugins(installed: Iterable[EntryPoint] | None = None) -> Plugins:
    """Load the built-ins and every installed plugin.

    Raises:
        Misconfigured: a plugin does not load, takes a name already taken, or implements a hook we do not have.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs.Hooks)
    for name, module in BUILTIN.items():
        _register(manager, name, partial(_same, module))
    for entry_point in entry_points(group=GROUP) if installed is None else installed:
        _register(manager, entry_point.name, entry_point.load)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise _failed("?", error) from error
    return Plugins(manager)


def register(plugins: Plugins, contexts: Mapping[str, PluginContext]) -> Registered:
    """Call every hook of every active plugin once, with its own context.

    Raises:
        Misconfigured: a hook raised, or two plugins registered one name.
    """
    registered = Registered()
    for name, context in contexts.items():
        try:
            _collect(registered, name, partial(plugins.call, name=name, context=context))
        except Misconfigured:
            raise
        except Exception as error:  # as for loading: whatever a foreign hook raises
            raise _failed(name, error) from error
    return registered


def choose(kind: str, name: str, registered: Mapping[str, Value]) -> Value:
    """What settings chose by name. Raises ``Misconfigured`` for a name that nobody registered."""
    if name not in registered:
        there = ", ".join(sorted(registered)) or "–"
        raise Misconfigured(
            "plugin_choice_unknown",
            f"設定 {kind} の「{name}」は登録されていません。登録済み: {there}。プラグインの節も確かめてください。",
            f"Nobody registered {name!r}, chosen by the setting {kind}. Registered: {there}. Is its section there?",
        )
    return registered[name]


def _collect(registered: Registered, name: str, ask: Callable[[str], Any]) -> None:
    _add(registered.stores, "store", ask("cectrust_blob_stores"))
    _add(registered.notifiers, "notifier", ask("cectrust_notifiers"))
    _add(registered.timestampers, "timestamper", ask("cectrust_timestampers"))
    providers = ask("cectrust_certificate_providers") or []
    for provider in providers:
        _add(registered.providers, "certificate kind", {provider.kind.code: provider})
    registered.pages += [(name, page) for page in ask("cectrust_pages") or []]
    for job in ask("cectrust_jobs") or []:
        _add(registered.jobs, "job", {f"{name}.{job.name}": job})


def _add(there: dict[str, Value], kind: str, more: Mapping[str, Value] | None) -> None:
    for name, value in (more or {}).items():
        if name in there:
            raise Misconfigured(
                "plugin_name_taken",
                f"二つのプラグインが同じ名前「{name}」（{kind}）を登録しました。",
                f"Two plugins registered the {kind} {name!r}.",
            )
        there[name] = value


def _same(module: Any) -> Any:
    return module


def _register(manager: pluggy.PluginManager, name: str, load: Callable[[], Any]) -> None:
    try:
        manager.register(load(), name=name)
    except Exception as error:  # whatever a foreign plugin raises: it did not load, and start-up must say which
        raise _failed(name, error) from error


def _failed(name: str, error: Exception) -> Misconfigured:
    return Misconfigured(
        "plugin_not_loaded",
        f"プラグイン「{name}」を読み込めません: {error}",
        f"The plugin {name!r} does not load: {error}",
    )


def _needs_nothing(model: type[Any] | None) -> bool:
    return model is None or not any(field.is_required() for field in model.model_fields.values())


def _section(name: str, model: type[Any] | None, raw: dict[str, Any]) -> Any:
    if model is None and raw:
        raise Misconfigured(
            "plugin_has_no_settings",
            f"プラグイン「{name}」に設定はありません。[plugins.{name}] を消してください。",
            f"The plugin {name!r} has no settings; remove [plugins.{name}].",
        )
    try:
        return model(**raw) if model else None
    except ValidationError as error:
        raise misconfigured(error, f"[plugins.{name}]") from error
