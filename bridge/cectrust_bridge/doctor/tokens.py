"""Checks of present tokens and their certificates. They are opened without a PIN, by workers as for signing."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence

from cryptography import x509

from ..errors import BridgeError, DeviceError, NoModule
from ..formats.certificates import UnreadableCertificate, readable
from ..profile.settings import ProfileError
from ..prompters.consent import readable_name
from ..tokens.kinds import StoreSetting
from ..tokens.model import Certificate, Token
from ..tokens.store import KeyStore, Survey
from ..tokens.timeouts import Timeouts
from . import chains
from .authorities import in_file
from .finding import Finding, found
from .surroundings import Surroundings

WARNING = dt.timedelta(days=60)
OWN = "自己署名 / self-signed"
Looked = tuple[Survey, BridgeError | None]
"""What one key store answered, and its error; both, if a token could not be read beside others."""


def present(around: Surroundings) -> list[Finding]:
    """Every key store that has its file. They are asked at once: one that hangs must not take the others' time."""
    try:
        stores = [store for store in around.settings().stores if store.path.is_file()]
    except ProfileError:
        return []
    if not stores:
        return []
    looked = asyncio.run(_look(stores))
    failures = [_failure(store, error) for store, (_, error) in zip(stores, looked, strict=True)]
    shown = _distinct([found for survey, _ in looked for found in survey.shown])
    authorities = [*_given(around), *(der for survey, _ in looked for der in survey.authorities)]
    return [*(each for each in failures if each), *_tokens(shown), *_certificates(shown, authorities)]


def _given(around: Surroundings) -> list[bytes]:
    """Certificates of authorities that the administrator put beside the configuration."""
    given = around.settings().authorities
    try:
        return [] if given is None else list(in_file(given))
    except OSError:
        return []  # the certificates are then unchained


async def _look(stores: Sequence[StoreSetting]) -> list[Looked]:
    return list(await asyncio.gather(*map(_survey, stores)))


async def _survey(setting: StoreSetting) -> Looked:
    store = KeyStore(setting, Timeouts())
    try:
        survey = await store.everything()
        return survey, DeviceError() if store.unreadable else None
    except BridgeError as error:
        return Survey([], []), error
    finally:
        store.stop()


def _failure(store: StoreSetting, error: BridgeError | None) -> Finding | None:
    if error is None:
        return None
    if isinstance(error, NoModule):
        return found("module.fails", name=store.name)
    return found("token.unreadable", error=error.name)


def _distinct(shown: Sequence[Certificate | Token]) -> list[Certificate | Token]:
    """A token that two modules drive shows its certificates twice."""
    first: dict[object, Certificate | Token] = {}
    for each in shown:
        key = each.der if isinstance(each, Certificate) else (each.serial, each.model, each.label)
        first.setdefault(key, each)
    return list(first.values())


def _tokens(shown: Sequence[Certificate | Token]) -> list[Finding]:
    tokens = [each for each in shown if isinstance(each, Token)]
    return [finding for token in tokens for finding in _token(token)] or [found("token.absent")]


def _token(token: Token) -> Iterator[Finding]:
    if not token.mechanisms:
        yield found("token.cannot", model=token.model)
    else:
        yield found("token.present", model=token.model, module=token.module, mechanisms=", ".join(token.mechanisms))
    if token.protected_path:
        yield found("token.pinpad", model=token.model)
    if token.pin_state != "normal":
        yield found(f"token.{token.pin_state}", model=token.model)


def _certificates(shown: Sequence[Certificate | Token], authorities: Sequence[bytes]) -> list[Finding]:
    if not any(isinstance(each, Token) for each in shown):
        return []
    held = [each for each in shown if isinstance(each, Certificate)]
    now, above = dt.datetime.now(dt.UTC), list(_parsed(authorities))
    return [finding for each in held for finding in judged(each.der, now, above)] or [found("certificate.none")]


def _parsed(ders: Sequence[bytes]) -> Iterator[x509.Certificate]:
    for der in dict.fromkeys(ders):
        with contextlib.suppress(UnreadableCertificate):
            yield readable(der)


def judged(der: bytes, now: dt.datetime, authorities: Sequence[x509.Certificate]) -> Iterator[Finding]:
    """Dates, purpose and issuers of one end-entity certificate (RFC 5280); its holder is not named."""
    parsed = x509.load_der_x509_certificate(der)
    # The issuer of a self-signed certificate is its holder, whom no report names.
    own = parsed.issuer == parsed.subject
    issuer = OWN if own else readable_name(parsed.issuer)[:200] or "?"
    yield _dates(parsed, issuer, now)
    if not _may_sign(parsed):
        yield found("certificate.purpose", issuer=issuer)
    yield found("certificate.self") if own else chains.judged(parsed, authorities, now)


def _dates(parsed: x509.Certificate, issuer: str, now: dt.datetime) -> Finding:
    since, until = parsed.not_valid_before_utc, parsed.not_valid_after_utc
    shown = {"issuer": issuer, "since": since.date().isoformat(), "until": until.date().isoformat()}
    if now < since:
        return found("certificate.early", **shown)
    if now > until:
        return found("certificate.expired", **shown)
    if until - now < WARNING:
        return found("certificate.ending", **shown, days=(until - now).days)
    return found("certificate.valid", **shown)


def _may_sign(parsed: x509.Certificate) -> bool:
    """Key usage allows signatures, or says nothing."""
    try:
        usage = parsed.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return True
    return usage.digital_signature or usage.content_commitment
