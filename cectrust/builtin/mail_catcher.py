"""``python -m cectrust.builtin.mail_catcher``: a mail server for the demonstration that delivers nothing.

Every mail becomes an ``.eml`` file of its own in a directory, and one line on standard output.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from email import message_from_bytes, policy
from pathlib import Path

import click
from aiosmtpd.smtp import SMTP, Envelope, Session

SIZE_LIMIT = 1_000_000


class Catcher:
    """aiosmtpd's handler: one file per mail, complete or not at all."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.caught = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.caught += 1
        path = self.directory / f"{time.time_ns() // 1000}-{self.caught:04d}.eml"
        _write(path, content)
        subject = message_from_bytes(content, policy=policy.default)["Subject"]
        click.echo(f"{path.name}  {', '.join(envelope.rcpt_tos)}  {subject}")
        return "250 caught"


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


async def catch(directory: Path, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; prints ``smtp://host:port`` first."""
    loop, ended, catcher = asyncio.get_running_loop(), asyncio.Event(), Catcher(directory)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(
        lambda: SMTP(catcher, hostname="localhost", data_size_limit=SIZE_LIMIT, loop=loop), host, port
    )
    async with server:
        click.echo(f"smtp://{host}:{server.sockets[0].getsockname()[1]}")
        await ended.wait()


@click.command()
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), required=True, help="0 takes a free one and prints it.")
def main(directory: Path, host: str, port: int) -> None:
    """Catch every mail into a directory. For demonstrations only."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(catch(directory, host, port))


if __name__ == "__main__":
    main()
