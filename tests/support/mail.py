"""Mail in tests goes to the product's own mail catcher, run as a process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from cectrust.sdk.protocols import Message


@dataclass(frozen=True)
class Mailbox:
    """The catcher's port and what it caught."""

    port: int
    directory: Path

    def mails(self) -> list[EmailMessage]:
        files = sorted(self.directory.glob("*.eml"))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]  # type: ignore[misc]

    def messages(self) -> list[Message]:
        """As a notifier was given them."""
        return [
            Message(
                str(mail["Message-ID"]).strip("<>"),
                str(mail["To"]),
                str(mail["Subject"]),
                mail.get_content().replace("\r\n", "\n"),  # lines of a mail end so (RFC 5322, 2.1)
            )
            for mail in self.mails()
        ]


@contextmanager
def catching(directory: Path) -> Iterator[Mailbox]:
    """A catcher on a free port, ended with the block."""
    command = [sys.executable, "-m", "cectrust.builtin.mail_catcher", "--port", "0", "--directory", str(directory)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield Mailbox(int(process.stdout.readline().rpartition(":")[2]), directory)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def smtp_server(handler: object, **options: Any) -> Iterator[int]:
    """A server that answers as aiosmtpd's ``handler`` says, on a free port, in a thread of its own."""
    loop = asyncio.new_event_loop()
    listening = loop.create_server(lambda: SMTP(handler, hostname="localhost", loop=loop, **options), "127.0.0.1", 0)
    server = loop.run_until_complete(listening)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(_ended(loop))
        loop.close()


async def _ended(loop: asyncio.AbstractEventLoop) -> None:
    """Connections that a test left open are closed, so that nothing is pending when the loop is."""
    others = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
