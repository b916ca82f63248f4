"""``cectrust demo``: everything on this machine, started and explained."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click

from cectrust import logs
from cectrust.demo import processes
from cectrust.demo.instance import Instance
from cectrust.demo.layout import Layout
from cectrust.demo.people import PARTICIPANTS
from cectrust.settings_sections import Logging
from cectrust.supervisor import Supervisor

WELCOME = """
CECTRUST のデモを開始しました（電子証明書とタイムスタンプは、すべて認定外（試験用）です）。
  {url}
{people}
次のように進めてください。2 つの会社を同時に開くには、別々のブラウザー（またはプロファイル）を使います。
  1. A社のユーザIDでログインし、初期パスワードを変更します。
  2. 「案件を登録する」で PDF を選び、取引先に B社を選びます。送付の前に、B社へ電磁的措置の承諾を依頼します。
  3. B社のユーザIDでログインし、承諾します。
  4. A社で「署名する」を選びます。署名ブリッジの画面で内容を確かめ、PIN を入力して、送付します。
  5. B社で署名して返送し、A社で締結を確認します。
  6. 締結した PDF と原本性証明書を、契約のページから取得できます。
届いたメール: {mails}
終了するには Ctrl-C を押してください。 / Everything runs on this machine; press Ctrl-C to end it.
"""
PERSON = """  {key}社 {company}
     ユーザID {user_login} ／ 初期パスワード {user_password} ／ {person} ／ 署名ブリッジの PIN {pin}
     企業ID {company_login} ／ 初期パスワード {company_password}"""


@click.command()
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True)
@click.option("--prompter", type=click.Choice(["window", "terminal"]), default="window", show_default=True)
def demo(directory: Path, prompter: str) -> None:
    """Set up two fictitious companies with a test CA and run everything. Not for service."""
    layout = Layout(directory.resolve())
    logs.configure(Logging())
    instance = Instance(layout)
    if not (layout.tsa / "tsa-chain.pem").exists():
        click.echo("デモを準備しています（認証局の鍵を作るため、1 分ほどかかります）。 / Preparing, about a minute.")
        instance.found()
    run(layout, prompter, lambda: _welcome(layout, instance))


def run(layout: Layout, prompter: str, when_serving: Any) -> None:
    """Start everything; bridges come once the server runs, because pairing needs its keys."""
    first = Supervisor([*processes.around(layout), *processes.server(layout)])
    bridges = Supervisor(processes.bridges(layout, prompter))
    after = threading.Thread(target=lambda: (when_serving(), bridges.run(lambda: None)), daemon=True)

    def end(*_signal: object) -> None:
        bridges.stop()
        first.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    status = first.run(after.start)
    bridges.stop()
    if after.ident is not None:
        after.join(30)
    sys.exit(status)


def _welcome(layout: Layout, instance: Instance) -> None:
    people = json.loads(layout.state.read_text()) if layout.state.exists() else instance.admit()
    lines = [PERSON.format(key=p.key.upper(), **people[p.key]) for p in PARTICIPANTS]
    click.echo(WELCOME.format(url=layout.base_url, people="\n".join(lines), mails=layout.mails))
