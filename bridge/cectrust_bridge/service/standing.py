"""What the main window shows: how the bridge stands, its servers, its tokens. All harmless to display."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from cryptography import x509

from .. import __version__
from ..display import visible
from ..errors import BridgeError, NoModule, NoToken
from ..pairing.book import PairingBook
from ..pairing.errors import PairingError
from ..pairing.model import Pairing
from ..prompters.consent import readable_name
from ..tokens.kinds import StoreSetting
from ..tokens.model import Certificate, Token
from ..tokens.modules import Modules
from ..tokens.rights import readable_by_others

SHOWN_OF_SERIAL = 4


def masked(serial: str) -> str:
    """Enough to tell two tokens apart, not enough to copy from a picture."""
    hidden = max(len(serial) - SHOWN_OF_SERIAL, 0)
    return "•" * hidden + visible(serial[hidden:])


def _day(seconds: float | None) -> str:
    return "" if seconds is None else datetime.datetime.fromtimestamp(seconds).date().isoformat()


def _server(pairing: Pairing, since: float | None) -> dict[str, Any]:
    return {
        "issuer": pairing.issuer,
        "name": visible(pairing.server_name),
        "origins": [visible(origin) for origin in pairing.origins],
        "user": visible(pairing.user_hint),
        "since": _day(since),
        "fleet": pairing.fleet,
    }


def of_bridge(port: int | None, book: PairingBook) -> dict[str, Any]:
    """State and servers. `port` None: all are taken; `trouble`: a pairing file is wrong, and nobody is served."""
    state: dict[str, Any] = {"version": __version__, "port": port, "trouble": "", "servers": []}
    try:
        return state | {"servers": [_server(each, book.since(each.issuer)) for each in book.servers()]}
    except (PairingError, OSError) as error:
        return state | {"trouble": visible(str(error))}


def _certificate(certificate: Certificate) -> dict[str, Any]:
    parsed = x509.load_der_x509_certificate(certificate.der)
    return {
        "holder": readable_name(parsed.subject),
        "issuer": readable_name(parsed.issuer),
        "until": parsed.not_valid_after_utc.date().isoformat(),
        "expired": parsed.not_valid_after_utc < datetime.datetime.now(datetime.UTC),
    }


def _token(token: Token, certificates: list[Certificate]) -> dict[str, Any]:
    return {
        "label": visible(token.label),
        "model": visible(token.model),
        "serial": masked(token.serial),
        "pin_state": token.pin_state,
        "device": {"module": token.module, "serial": token.serial, "model": token.model},
        "certificates": [_certificate(each) for each in certificates if each.token.is_same_device(token)],
    }


def _file(store: StoreSetting) -> dict[str, str]:
    named = {"name": store.name, "shown": visible(store.name), "path": visible(str(store.path))}
    if not store.path.is_file():
        return named | {"state": "missing"}
    return named | {"state": "exposed" if readable_by_others(store.path) else "ok"}


async def of_tokens(modules: Modules, added: Sequence[StoreSetting]) -> dict[str, Any]:
    """Present tokens with their certificates; `trouble` is the key of a sentence when there are none.

    `added`: the PKCS#12 files of this user; `files` says of each whether it is there and closed to others.
    """
    files = [_file(store) for store in added]
    ours = {store.name for store in added}
    drivers = [each for each in modules.states() if each["state"] != "ok" and each["name"] not in ours]
    told = {"trouble": "", "drivers": drivers, "files": files, "tokens": []}
    try:
        tokens, certificates = await modules.tokens(), await modules.certificates()
    except BridgeError as error:
        trouble = {NoToken: "no_token", NoModule: "no_module"}.get(type(error), "tokens_failed")
        return told | {"trouble": trouble}
    return told | {"tokens": [_token(token, certificates) for token in tokens]}
