"""`hello` and `env.check`: before any request, without the person and without a token."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from .. import __version__
from ..doctor import registry, report
from ..doctor.surroundings import Surroundings
from ..errors import Busy, VersionUnsupported
from ..formats import jose
from ..formats.rpc_errors import InvalidParams
from ..protocol import VERSION
from ..service.conversation import Conversation
from .method import Method


async def hello(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Prove who this bridge is; may be repeated, and each one makes a new nonce."""
    _check_hello(params["min"], params["max"], params["challenge"])
    if page.signing is not None:
        raise Busy
    page.bridge.warm()
    identity, nonce = page.bridge.tools.identity, page.greet()
    return {
        "version": VERSION,
        "capabilities": list(page.capabilities),
        "bridge_id": identity.bridge_id,
        "cn": nonce,
        "signature": identity.sign_hello(page.origin, params["challenge"], nonce),
    }


def _check_hello(lowest: object, highest: object, challenge: object) -> None:
    if type(lowest) is not int or type(highest) is not int or not 1 <= lowest <= highest:
        raise InvalidParams("min and max")
    try:
        jose.from_b64url(challenge, 32)
    except ValueError as error:
        raise InvalidParams("challenge") from error
    if not lowest <= VERSION <= highest:
        raise VersionUnsupported


async def env_check(page: Conversation, _: Mapping[str, Any]) -> dict[str, Any]:
    """What this bridge and its drivers are, and what the doctor finds without a token, a network or a person."""
    around = Surroundings(page.bridge.profile, origin=page.origin)
    findings = await registry.for_page(around)
    return {
        "bridge_version": __version__,
        "platform": platform.system(),
        "python": platform.python_version(),
        "modules": page.bridge.tools.modules.states(),
        "findings": report.harmless(findings, around),
    }


METHODS = (
    Method("hello", frozenset({"min", "max", "challenge"}), hello),
    Method("env.check", frozenset(), env_check, beside=True),
)
