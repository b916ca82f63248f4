"""`token.list` and `cert.list`: what is present, once the person has allowed this origin to see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..prompters import consent
from ..service.conversation import Conversation
from .method import REQUEST, Method


async def token_list(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Present tokens, signed."""
    verified = page.verified("token.list", params)
    with page.bridge.occupied():
        await _may_list(page)
        with page.watching():
            tokens = await page.bridge.tools.modules.tokens()
    return page.signed(verified, {"tokens": [token.as_json() for token in tokens]})


async def cert_list(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """End-entity certificates on present tokens, signed."""
    verified = page.verified("cert.list", params)
    with page.bridge.occupied():
        await _may_list(page)
        with page.watching():
            certificates = await page.bridge.tools.modules.certificates()
    return page.signed(verified, {"certificates": [each.as_json() for each in certificates]})


async def _may_list(page: Conversation) -> None:
    """Ask the person once for this server and origin."""
    if page.may_list():
        return
    await page.bridge.ask(consent.listing_question(page.server, page.origin))
    page.bridge.profile.remember_listing(page.server, page.origin)


METHODS = (
    Method("token.list", REQUEST, token_list, beside=True),
    Method("cert.list", REQUEST, cert_list, beside=True),
)
