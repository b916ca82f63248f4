"""The terminal prompter: asks on stdin and stdout, in the lines PROTOCOL.md section 9 fixes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from ..display import visible
from ..processes.channel import Channel, ChannelClosed, Message
from ..processes.pins import pack

SCALE = 1.0
MAX_LINE = 256
NEW_PIN = ("old PIN", "new PIN", "new PIN again")
ACTS = {
    "auth.login": "あなたの電子証明書で、このサーバーにログインしますか。",
    "auth.step_up": "あなたの電子証明書で、上の操作を承認しますか。",
    "key.generate": "このトークンに、新しい鍵を作りますか。",
    "csr.create": "この名義の電子証明書を、トークンの鍵で申し込みますか。",
    "cert.import": "この電子証明書を、トークンに入れますか。",
    "doctor.trial": "試験用の文に、あなたの電子証明書で署名しますか。書類への署名ではありません。",
}


def say(line: str = "", end: str = "\n") -> None:
    """One line to the person, at once."""
    sys.stdout.write(line + end)
    sys.stdout.flush()


def read_line() -> bytes | None:
    """One line without its end, None at the end of input or if too long. Byte by byte: the rest is not ours.

    A line that is too long is read to its end, so that what is left of it never answers the next question.
    """
    line = b""
    while octet := os.read(0, 1):
        if octet == b"\n":
            return None if len(line) > MAX_LINE else line.removesuffix(b"\r")
        line = line + octet if len(line) <= MAX_LINE else line
    return None


def forget_typed_ahead() -> None:
    """What was typed before the question was shown is no answer to it."""
    if os.isatty(0):
        import termios  # not on every system

        termios.tcflush(0, termios.TCIFLUSH)


@contextlib.contextmanager
def without_echo() -> Iterator[None]:
    """A tty shows nothing of what is typed; a pipe has no echo."""
    if not os.isatty(0):
        yield
        return
    import termios  # not on every system

    before = termios.tcgetattr(0)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(0, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
        say()


def agrees(prompt: str, wanted: bytes = b"yes") -> bool:
    """Only exactly `wanted` agrees."""
    forget_typed_ahead()
    say(prompt, end="")
    return read_line() == wanted


def show_asker(question: dict[str, Any]) -> None:
    """Who asks, by the bridge's own knowledge."""
    say(f"origin: {question['origin']}")
    say(f"host: {question['host']}")
    say(f"server: {question['server']}")
    say(f"user: {question['user']}")


def show_document(number: int, total: int, document: dict[str, Any]) -> None:
    """Claims and facts, apart."""
    say(f"--- document {number}/{total}: サーバーの申告 (claims of the server) ---")
    for name, value in document["claims"].items():
        say(f"claimed {name}: {value}")
    say(f"--- document {number}/{total}: ブリッジが確かめた事実 (facts) ---")
    for name, value in document["facts"].items():
        say(f"{name}: {value}")


class Ended(Exception):
    """The parent ended the request while a page was waited for: it cannot be shown."""


def show_page(channel: Channel, document: int, page: int, of: int, title: str) -> None:
    """Render one page of the very bytes to be signed and print what it says."""
    channel.send({"page": page, "document": document, "scale": SCALE})
    shown = channel.receive().fields
    if "done" in shown:
        raise Ended(shown["done"])
    size = f"{shown['width']}x{shown['height']}"
    say(f"--- page {page + 1}/{of} of {title} (pixels {size} sha256 {shown['pixels']}) ---")
    for line in shown["text"].splitlines():
        say("  " + visible(line))


def ask_listing(question: dict[str, Any]) -> bool:
    """May the page see tokens and certificates?"""
    say("=== CECTRUST BRIDGE: LIST ===")
    show_asker(question)
    say("このページにトークンと電子証明書の一覧を見せますか。")
    return agrees("allow? [yes/no] ")


def show_pages(channel: Channel, index: int, document: dict[str, Any]) -> None:
    """Every page of the `index`-th document."""
    for page in range(document["facts"]["pages"]):
        show_page(channel, index, page, document["facts"]["pages"], document["claims"]["title"])


def show_totals(totals: dict[str, Any]) -> None:
    """Of many documents: how many, and the claimed amounts by currency."""
    say("--- 合計 (totals) ---")
    for name in ("documents", "pages", "size"):
        say(f"{name}: {totals[name]}")
    for amount in totals["amounts"]:
        say(f"claimed amount: {amount}")
    say("書類の中身は、show と番号（例 show 3）で表示します。")


def agrees_to_many(channel: Channel, documents: list[dict[str, Any]]) -> bool:
    """As `agrees`, but `show N` prints the pages of document N and asks again."""
    numbers = {f"show {index + 1}".encode(): index for index in range(len(documents))}
    while True:
        forget_typed_ahead()
        say("sign? [yes/no] ", end="")
        line = read_line()
        if line not in numbers:
            return line == b"yes"
        show_pages(channel, numbers[line], documents[numbers[line]])


def ask_signing(channel: Channel, question: dict[str, Any]) -> bool:
    """Shall it be signed? One document is printed page by page first; of many, whichever the person asks for."""
    say("=== CECTRUST BRIDGE: SIGN ===")
    show_asker(question)
    for name, value in (question["certificate"] | {"token": question["token"]["label"]}).items():
        say(f"{name if name == 'token' else 'certificate ' + name}: {value}")
    documents = question["documents"]
    for index, document in enumerate(documents):
        show_document(index + 1, len(documents), document)
        if len(documents) == 1:
            show_pages(channel, index, document)
    if len(documents) > 1:
        show_totals(question["totals"])
    say(f"{len(documents)} 件の書類に署名しますか。")
    return agrees_to_many(channel, documents) if len(documents) > 1 else agrees("sign? [yes/no] ")


def ask_act(question: dict[str, Any]) -> bool:
    """Shall the token do this?"""
    say(f"=== CECTRUST BRIDGE: {question['act'].upper()} ===")
    if "origin" in question:  # else nobody asks but the person at this computer
        show_asker(question)
    for name, value in question["claims"].items():
        say(f"claimed {name}: {value}")
    for name, value in (question["facts"] | {"token": question["token"]["label"]}).items():
        say(f"{name}: {value}")
    say(ACTS[question["act"]])
    return agrees("allow? [yes/no] ")


def may_be_tried(token: dict[str, Any]) -> bool:
    """Says how the PIN stands. Locked takes none, and the last try is typed for."""
    if token["pin_state"] == "low":
        say("pin state: low / PINの入力間違いが続いています。")
    if token["pin_state"] == "final":
        return agrees("type LAST to risk the last try: ", b"LAST")
    return bool(token["pin_state"] != "locked")


def read_secret(prompt: str) -> bytes:
    """What is typed after the prompt, without echo; empty at the end of input."""
    with without_echo():
        forget_typed_ahead()
        say(prompt, end="")
        return read_line() or b""


def ask_pin(token: dict[str, Any], descriptor: int) -> bool:
    """Read the PIN and write it into the worker's pipe; it is kept nowhere."""
    with os.fdopen(descriptor, "wb") as pipe:
        if not may_be_tried(token) or not (pin := read_secret(f"PIN for {token['label']}: ")):
            return False
        pipe.write(pin)
    return True


def ask_new_pin(token: dict[str, Any], descriptor: int) -> bool:
    """The old PIN, then the new one twice; both go into the pipe as `pins` packs them."""
    with os.fdopen(descriptor, "wb") as pipe:
        if not may_be_tried(token):
            return False
        old, new, again = (read_secret(f"{name} for {token['label']}: ") for name in NEW_PIN)
        if not all((old, new)) or new != again:
            return False
        pipe.write(pack(old, new))
    return True


def answer(channel: Channel, message: Message) -> bool:
    """Act on one question."""
    question = message.fields
    if question["ask"] == "list":
        return ask_listing(question)
    if question["ask"] == "sign":
        return ask_signing(channel, question)
    if question["ask"] == "act":
        return ask_act(question)
    if question["ask"] == "change_pin":
        return ask_new_pin(question["token"], message.descriptors[0])
    return ask_pin(question["token"], message.descriptors[0])


def take(channel: Channel, message: Message) -> None:
    """Act on one message. Raises Ended."""
    if "done" in message.fields:
        raise Ended(message.fields["done"])
    if message.fields["ask"] == "pinpad":
        say(f"PINパッドで入力してください。 token: {message.fields['token']['label']}")
    else:
        channel.send({"answer": "yes" if answer(channel, message) else "no"})


def main(channel: Channel) -> None:
    """Serve until the parent goes."""
    with contextlib.suppress(ChannelClosed):
        while True:
            try:
                take(channel, channel.receive())
            except Ended as ended:
                say(f"=== DONE: {ended} ===")
