"""The only importer of DBOS, set up so that nothing but portable JSON is ever read from its tables.

DBOS reads a row with the serializer that the *row* names, and one of them is pickle: whoever can write a row could
run code in the worker. Importing this module takes pickle away.
"""

from __future__ import annotations

import logging
from typing import NoReturn

import dbos._serialization
from dbos import DBOS, DBOSClient, DBOSConfig, Serializer, SQLAlchemyDatasource

from cectrust.database import Database

QUEUE = "cectrust"
APPLICATION = "cectrust"
VERSION = "1"
"""Fixed, because DBOS resumes only workflows of its own version; workflows stay compatible by their names."""
POLL_SECONDS = 0.1
"""How long an enqueued workflow waits at most; part of what a signer waits for."""
LONGEST_PAUSE = 900.0
ALARM_PAUSE = 60.0
"""From this pause on (after about two minutes) each attempt that fails is an alarm."""
WAITING = 16
"""Workflows that may wait for a partner beside those that act, so that a few hopeless ones take nobody's place. Not
more, because a worker takes so many out of the queue at once and other workers get none of them."""

logging.getLogger("dbos").addHandler(logging.NullHandler())  # keeps DBOS from adding a console handler of its own


class PickleRefused(Exception):
    """A workflow row claims to be pickled."""


def _refuse(_serializer: object, _data: object) -> NoReturn:
    raise PickleRefused("workflow tables hold portable JSON only; this row names pickle")


for _direction in ("serialize", "deserialize"):
    setattr(dbos._serialization.DefaultSerializer, _direction, _refuse)


def serializer() -> Serializer:
    return dbos._serialization.DBOSPortableJSON


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def migrate(database: Database) -> None:
    """Make or update DBOS's own tables; needed before the first enqueue."""
    DBOS.migrate(url_of(database))
    SQLAlchemyDatasource.migrate(url_of(database))


def client(database: Database) -> DBOSClient:
    """A client that only writes in callers' transactions and never connects by itself."""
    return DBOSClient(
        system_database_engine=database.engine, serializer=serializer(), application_name=APPLICATION, lazy=True
    )


def datasource(database: Database) -> SQLAlchemyDatasource:
    """The application's own engine as the place where transactional steps are recorded."""
    return SQLAlchemyDatasource.create(
        url_of(database), engine=database.engine, serializer=serializer(), run_migrations=False
    )


def configure(database: Database, executor_id: str, concurrency: int) -> DBOS:
    """The worker's DBOS, with a pool of its own: sharing the application's stalls both when it runs dry."""
    pool = 2 * concurrency + 4
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": url_of(database),
        "sys_db_pool_size": pool,
        "application_version": VERSION,
        "executor_id": executor_id,
        "serializer": serializer(),
        "run_migrations": False,
        "enable_otlp": False,
        "log_level": "WARNING",
    }
    return DBOS(config=config)


def pause_after(attempt: int) -> float:
    """Seconds until an outside step is tried again: half a second, doubled to a quarter of an hour, for ever."""
    return float(min(0.5 * 2 ** min(attempt, 20), LONGEST_PAUSE))
