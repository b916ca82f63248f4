"""A real PostgreSQL server for one test run: initialised in a temporary directory, reached by a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise FileNotFoundError("PostgreSQL is missing; install the Debian package postgresql")
    return found[-1].parent


def _as_server_user() -> dict[str, object]:
    """PostgreSQL refuses to run as root; Debian's package brings the user ``postgres``."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def server(directory: Path) -> Iterator[str]:
    """Start a server whose data and socket lie under ``directory``; yields the socket's directory."""
    run = Path(f"/tmp/cectrust-pg-{uuid.uuid4().hex[:8]}")
    run.mkdir(mode=0o755)
    data, options = run / "data", _as_server_user()
    if options:
        os.chown(run, options["user"], options["group"])  # type: ignore[arg-type]
    binaries = _binaries()
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": run, **options}
    subprocess.run([binaries / "initdb", "-D", data, "-A", "trust", "-U", "cectrust", "-N", "-E", "UTF8"], **quiet)
    settings = f"-c listen_addresses='' -c unix_socket_directories={run} -c fsync=off -c max_connections=200"
    start = [binaries / "pg_ctl", "-D", data, "-w", "-o", settings, "-l", run / "log"]
    subprocess.run([*start, "start"], **quiet)
    try:
        yield str(run)
    finally:
        subprocess.run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(run)


@contextmanager
def fresh_database(socket: str) -> Iterator[str]:
    """An empty database of its own; yields its SQLAlchemy URL."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(host=socket, user="cectrust", dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"postgresql+psycopg://cectrust@/{name}?host={socket}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def database_of(engine: str, directory: Path, socket: str) -> Iterator[str]:
    """An empty database of ``sqlite`` (in ``directory``) or ``postgresql`` (on the server at ``socket``): its URL."""
    if engine == "sqlite":
        yield f"sqlite:///{directory}/cectrust.db"
        return
    with fresh_database(socket) as url:
        yield url
