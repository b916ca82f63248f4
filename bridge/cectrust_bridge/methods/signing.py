"""The `sign.*` methods: one signing a connection, from `sign.begin` to `sign.ack`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ..documents import received
from ..errors import Busy, NoSuchRequest, Replay
from ..profile.kept import RequestName, Result
from ..service.conversation import Conversation
from ..signing.course import SIGNING, Audience, Signing
from ..signing.results import Sealer
from .method import REQUEST, Method

SILENCE = 120.0
"""Seconds between two messages of a page that is sending documents."""


async def begin(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Take the desk for this request and wait for the documents' bytes."""
    verified = page.verified("sign.begin", params)
    received.check_limits(verified.docs)
    if page.bridge.tools.kept.find(page.named(verified.jti)) is not None:
        raise Replay("this request was signed already: resume it")
    page.bridge.occupy()
    receiver = received.Receiver(verified.docs, page.bridge.profile.folder)
    signing = Signing(page.bridge.tools, page.server, page.origin, verified, receiver, _audience(page, verified.jti))
    page.signing = page.bridge.signing = signing
    _expect_soon(page, signing)
    return {"jti": verified.jti, "chunk_size": received.CHUNK}


def _audience(page: Conversation, jti: str) -> Audience:
    async def progress(phase: str, done: int, total: int) -> None:
        told = {"jti": jti, "phase": phase, "done": min(done, total), "total": total}
        await page.notify("sign.progress", told)

    async def result(made: Result) -> None:
        await page.notify("sign.result", made)

    return Audience(progress, result)


def _expect_soon(page: Conversation, signing: Signing) -> None:
    """A page that falls silent makes room for others."""
    if signing.deadline is not None:
        signing.deadline.cancel()
    signing.deadline = asyncio.get_running_loop().call_later(SILENCE, _forget, page, signing)


def _forget(page: Conversation, signing: Signing) -> None:
    """Never confirmed: make room for others."""
    if not signing.is_confirmed():
        release(page, signing)


def expects_chunk(page: Conversation) -> bool:
    """Is a binary message in place now?"""
    signing = page.signing
    return signing is not None and not signing.is_confirmed() and signing.receiver.expects_more()


async def take_chunk(page: Conversation, chunk: bytes) -> None:
    """One binary message of the signing under way."""
    signing = _present(page)
    signing.receiver.take(chunk)
    _expect_soon(page, signing)
    await signing.progress("receiving", signing.receiver.received, signing.receiver.total)


async def confirm(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the person and sign."""
    signing = _under_way(page, params["jti"])
    if signing.is_confirmed():
        raise Busy
    try:
        result = await signing.confirm()
    finally:
        # A closed page lets go of this call; the signing itself is then ended by `end`.
        if signing.is_finished():
            release(page, signing)
    page.handed.add(signing.request.jti)
    return result


async def cancel(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """End the signing wherever it is, unless the token is done with it."""
    signing = _under_way(page, params["jti"])
    if not signing.cancel():
        raise NoSuchRequest("the token is done")
    if not signing.is_confirmed():
        release(page, signing)
    return {"jti": signing.request.jti, "cancelled": True}


async def resume(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Hand every kept result out again, then the report."""
    verified = page.verified("sign.resume", params)
    name = page.named(verified.jti)
    await _signed_out(page, name)
    kept = page.bridge.tools.kept.find(name)
    if kept is None:
        raise NoSuchRequest
    for result in kept.results:
        await page.notify("sign.result", result)
    page.handed.add(verified.jti)
    return Sealer(page.bridge.tools.identity, name, kept.asked).report(kept)


async def _signed_out(page: Conversation, name: RequestName) -> None:
    """A token that signs for a page which is gone is waited for; a person who still reads is not."""
    signing = page.bridge.signing
    if signing is None or signing.name != name:
        return
    if signing.phase != SIGNING:
        raise Busy
    await signing.finished()


async def acknowledge(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """The server has the result: delete it."""
    jti = params["jti"]
    if not isinstance(jti, str) or jti not in page.handed:
        raise NoSuchRequest
    page.handed.discard(jti)
    if not page.bridge.tools.kept.acknowledge(page.named(jti)):
        raise NoSuchRequest
    return {"jti": jti, "acknowledged": True}


async def end(page: Conversation) -> None:
    """The connection is gone: stop what may be stopped, and give the desk back."""
    signing = page.signing
    if signing is not None:
        signing.abandon()
        await signing.finished()
        release(page, signing)


def release(page: Conversation, signing: Signing) -> None:
    """Give the desk back, once."""
    if page.signing is signing:
        page.signing = page.bridge.signing = None
        signing.close()
        page.bridge.release()


def _present(page: Conversation) -> Signing:
    if page.signing is None:
        raise NoSuchRequest
    return page.signing


def _under_way(page: Conversation, jti: object) -> Signing:
    signing = _present(page)
    if signing.request.jti != jti:
        raise NoSuchRequest
    return signing


METHODS = (
    Method("sign.begin", REQUEST, begin),
    Method("sign.confirm", frozenset({"jti"}), confirm, beside=True),
    Method("sign.cancel", frozenset({"jti"}), cancel),
    Method("sign.resume", REQUEST, resume, beside=True),
    Method("sign.ack", frozenset({"jti"}), acknowledge),
)
