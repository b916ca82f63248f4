"""A signing window with documents in it, and what its tests ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tkinter import ttk
from typing import Any

from bridge_house import SoftToken
from cectrust_bridge.documents.byterange import ByteRange
from cectrust_bridge.documents.received import ReceivedDocument
from cectrust_bridge.formats.jose import key_of
from cectrust_bridge.pairing.model import Pairing
from cectrust_bridge.prompters.consent import CheckedDocument, signing_question
from cectrust_bridge.requests.request import Document
from cectrust_bridge.tokens.model import Token, certificate_on
from cectrust_bridge.windows.arming import ARMING_MS
from cectrust_bridge.windows.look import Look
from cryptography.hazmat.primitives.asymmetric import ec
from desk import PromptDesk, widgets
from driver import ORIGIN, jwk

COMPANY = "株式会社山田太郎建設工業北海道東北支店営業第一部"
TALL = 4000
Ask = Callable[..., PromptDesk]


def claims(number: int, pages: int, **changed: Any) -> Document:
    values = {"title": f"{number} 髙﨑 𠮷乃邸\u202e工事", "partner": COMPANY, "amount": 1_000_000, "currency": "JPY"}
    return Document(id=f"doc-{number}", sha256="ab" * 32, size=5000, pages=pages, **(values | changed))  # type: ignore[arg-type]


@contextmanager
def asking(filled_token: SoftToken) -> Iterator[Ask]:
    """Opens a signing window for these documents, on the display of the environment."""
    desks: list[PromptDesk] = []
    token = Token("SoftHSM2", "髙﨑 𠮷乃のトークン", "0042", "SoftHSM", "SoftHSM v2", "normal", False)
    certificate = certificate_on(token, filled_token.certificates["rsa"])
    key = key_of(jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))
    server = Pairing("CECTRUST", ORIGIN, (ORIGIN,), key, f"髙﨑 𠮷乃（{COMPANY}）")

    def open_for(*documents: Document, look: Look = Look("ja", 100)) -> PromptDesk:  # noqa: B008  # frozen
        received = [CheckedDocument(ReceivedDocument(each, -1), ByteRange(1, 2, 3), 0) for each in documents]
        assert certificate is not None
        desks.append(PromptDesk(look))
        desks[-1].ask(signing_question(server, ORIGIN, certificate, received))
        return desks[-1]

    yield open_for
    for desk in desks:
        desk.leave()


def pause(desk: PromptDesk) -> None:
    """Longer than "sign" takes to wake up, by the window's own clock."""
    over: list[bool] = []
    desk.root.after(2 * ARMING_MS, over.append, True)
    desk.until(lambda: over)


def is_awake(desk: PromptDesk, text: str = "署名する") -> bool:
    return desk.button(text).instate(["!disabled"])


def text_of(frame: Any) -> str:
    return "\n".join(f"{each['text']}" for each in widgets(frame) if isinstance(each, ttk.Label)).replace("\u00a0", " ")
