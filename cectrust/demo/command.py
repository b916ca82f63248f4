"""``cectrust demo``: everything on this machine, started and explained."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from pathlib import Path

import click

from cectrust import logs
from cectrust.demo import processes
from cectrust.demo.instance import Instance
from cectrust.demo.layout import Layout
from cectrust.demo.people import PARTICIPANTS
from cectrust.demo.processes import listens
from cectrust.sdk.errors import Misconfigured
from cectrust.settings_sections import Logging
from cectrust.supervisor import STOP_SECONDS, Program, Supervisor

WELCOME = """
CECTRUST のデモを開始しました（電子証明書とタイムスタンプは、すべて認定外（試験用）です）。
  {url}
{people}
次のように進めてください。2 つの会社を同時に開くには、別々のブラウザ（またはプロファイル）を使います。
  1. A社のユーザIDでログインし、初期パスワードを変更します。
  2. 「契約を登録する」で PDF を選び、取引先に B社を選びます。送付の前に、B社へ電磁的措置の承諾を依頼します。
  3. B社のユーザIDでログインし、承諾します。
  4. A社で「署名する」を選びます。署名ブリッジの画面で内容を確かめ、PIN を入力して、送付します。
  5. B社で署名して返送し、A社で締結を確認します。
  6. 締結した PDF と原本性証明書を、契約のページから取得できます。
届いたメール: {mails}　各処理の記録: {logs}
（2 回目からは、ご自身で変更したパスワードでログインします。）
終了するには Ctrl-C を押してください。 / Everything runs on this machine; press Ctrl-C to end it.
"""
PERSON = """  {key}社 {company}
     ユーザID {user_login} ／ 初期パスワード {user_password} ／ {person} ／ 署名ブリッジの PIN {pin}
     企業ID {company_login} ／ 初期パスワード {company_password}"""


@click.command()
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True)
def demo(directory: Path) -> None:
    """Set up two fictitious companies with a test CA and run everything. Not for service."""
    layout = Layout(directory.resolve())
    logs.configure(Logging(level="WARNING"))
    refuse_foreign_folder(layout)
    refuse_taken_ports(layout)
    instance = Instance(layout)
    if not layout.state.exists():
        clear_unfinished(layout)
        click.echo("デモを準備しています（認証局の鍵を作るため、1 分ほどかかります）。 / Preparing, about a minute.")
        instance.found()
    layout.logs.mkdir(exist_ok=True)
    run(layout, lambda: _welcome(layout, instance))


def run(layout: Layout, when_serving: Callable[[], None]) -> None:
    """Start everything; bridges come once the server runs, because pairing needs its keys."""
    first = Supervisor(_logged(layout, [*processes.around(layout), *processes.server(layout)]))
    bridges = Supervisor(_logged(layout, processes.bridges(layout, "window")))

    def then() -> None:
        when_serving()
        bridges.run(lambda: None)

    def end(*_signal: object) -> None:
        bridges.stop()
        first.stop()

    after = threading.Thread(target=then, daemon=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    status = first.run(after.start)
    end()
    if after.ident is not None:
        after.join(STOP_SECONDS)
    sys.exit(status)


def _logged(layout: Layout, programs: Sequence[Program]) -> list[Program]:
    return [replace(program, log=layout.logs / f"{program.name}.log") for program in programs]


def refuse_taken_ports(layout: Layout) -> None:
    """Another demonstration, or another program, would be spoken to instead of ours. Raises ``Misconfigured``."""
    taken = [str(port) for port in (*astuple(layout.ports), *(p.bridge_port for p in PARTICIPANTS)) if listens(port)]
    if taken:
        ports = ", ".join(taken)
        raise Misconfigured(
            "demo_ports_taken",
            f"ポート {ports} を、ほかのプログラム（動いたままのデモかもしれません）が使っています。"
            "終了してから、もう一度お試しください。",
            f"Other programs use port {ports} (another demonstration, perhaps). End them and try again.",
        )


def refuse_foreign_folder(layout: Layout) -> None:
    """Raises ``Misconfigured`` for a folder that holds something else than a demonstration."""
    ours = layout.mark.exists() or layout.state.exists()
    if not ours and layout.root.exists() and any(layout.root.iterdir()):
        raise Misconfigured(
            "demo_directory_taken",
            f"{layout.root} は空ではなく、デモのフォルダーでもありません。何も変えていません。"
            "ほかの --directory を指定してください。",
            f"{layout.root} is neither empty nor a demonstration's; nothing was changed. Give another --directory.",
        )


def clear_unfinished(layout: Layout) -> None:
    """What an interrupted preparation left is of no use: its tokens and accounts would be there twice."""
    if layout.mark.exists():
        shutil.rmtree(layout.root)


def _welcome(layout: Layout, instance: Instance) -> None:
    people = json.loads(layout.state.read_text()) if layout.state.exists() else instance.admit()
    lines = [PERSON.format(key=p.key.upper(), **people[p.key]) for p in PARTICIPANTS]
    click.echo(WELCOME.format(url=layout.base_url, people="\n".join(lines), mails=layout.mails, logs=layout.logs))
