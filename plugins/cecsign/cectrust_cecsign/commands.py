"""``cectrust cecsign …``: what a CA officer does at a terminal."""

import getpass
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import click
from cryptography import x509

from cectrust.sdk.protocols import Actor, ActorKind, PluginContext
from cectrust_cecsign import enrolling, hierarchy, publishing, revoking, timestamping
from cectrust_cecsign.cakeys import is_at_hand
from cectrust_cecsign.errors import NotInitialised
from cectrust_cecsign.instants import now, to_datetime
from cectrust_cecsign.model import Authority, KeyKind, Person, Reason, TokenAddress
from cectrust_cecsign.possession import prove
from cectrust_cecsign.secretfiles import read_pin
from cectrust_cecsign.settings import settings_of
from cectrust_cecsign.store import authorities, enrolments, status
from cectrust_cecsign.store.enrolments import Order

JST = timezone(timedelta(hours=9), "JST")
ContextSource = Callable[[], PluginContext]
existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)
directory = click.Path(file_okay=False, path_type=Path)


@click.group()
def cecsign() -> None:
    """認証局CECSIGNの操作 (the CECSIGN certification authority)."""


@cecsign.command("init-ca")
@click.pass_obj
def init_ca(source: ContextSource) -> None:
    """認証局の鍵と証明書を作成します。中断した場合は、もう一度実行すると続きから行います。"""
    context = source()
    hierarchy.initialise(context, _officer())
    for authority in Authority:
        if publishing.crl_due(context, authority):
            publishing.publish_crl(context, _officer(), authority)
    _echo_authorities(context)


@cecsign.command()
@click.option("--module", required=True, type=existing_file, help="PKCS#11モジュール")
@click.option("--token-label", help="トークンのラベル")
@click.option("--slot", type=int, help="スロットID")
@click.option("--pin-file", type=existing_file, help="トークンのPINのファイル(0600)。省略すると入力を求めます。")
@click.option("--name", required=True, help="氏名(戸籍どおり。正規化しません)")
@click.option("--romanised", required=True, help="氏名のローマ字")
@click.option("--organisation", required=True, help="会社名")
@click.option("--unit", help="部署")
@click.option("--kind", type=click.Choice([kind.value for kind in KeyKind]), default=KeyKind.RSA2048.value)
@click.option("--years", type=click.IntRange(1, 5), help="有効期間(年)。省略すると設定のとおり。")
@click.option("--accepted", type=click.DateTime(["%Y-%m-%d"]), help="申請の受付日。省略すると今日。")
@click.option("--applicant-number", help="以前に付与した申請者番号")
@click.pass_obj
def issue(
    source: ContextSource,
    module: Path,
    token_label: str | None,
    slot: int | None,
    pin_file: Path | None,
    name: str,
    romanised: str,
    organisation: str,
    unit: str | None,
    kind: str,
    years: int | None,
    accepted: datetime | None,
    applicant_number: str | None,
) -> None:
    """トークン上に鍵を作成し、電子証明書を発行して格納します。中断した場合は、同じ内容で再実行すると続きから行います。"""
    if (token_label is None) == (slot is None):
        raise click.UsageError("--token-label と --slot のどちらか一方を指定してください。")
    context = source()
    order = Order(
        person=Person(name, romanised, organisation, unit),
        key_kind=KeyKind(kind),
        years=years or settings_of(context).subscriber_years,
        accepted_at=accepted.replace(tzinfo=JST) if accepted else now(context.clock),
        applicant_number=applicant_number,
    )
    pin = read_pin(pin_file) if pin_file else click.prompt("PIN", hide_input=True, err=True)
    enrolment = enrolling.enrol(context, _officer(), order, TokenAddress(module, token_label, slot), pin)
    if enrolling.strength_warning(context, enrolment):
        click.echo("警告: RSA 2048ビットの電子証明書が2030年を超えて有効です。", err=True)
    click.echo(f"{enrolment.serial}\t{enrolment.applicant_number}\t{name}")


@cecsign.command("prove")
@click.option("--module", required=True, type=existing_file, help="PKCS#11モジュール")
@click.option("--token-label", required=True, help="トークンのラベル")
@click.option("--pin-file", type=existing_file, help="トークンのPINのファイル(0600)。省略すると入力を求めます。")
@click.option("--login", required=True, help="電子証明書を登録するユーザID")
@click.argument("out", type=directory)
def prove_possession(module: Path, token_label: str, pin_file: Path | None, login: str, out: Path) -> None:
    """トークンの鍵で所持を証明し、certificate.pem と proof.bin を書き出します。"""
    pin = read_pin(pin_file) if pin_file else click.prompt("PIN", hide_input=True, err=True)
    proof = prove(TokenAddress(module, token_label, None), pin, login)
    out.mkdir(parents=True, exist_ok=True)
    (out / "certificate.pem").write_bytes(timestamping.pem(proof.certificate))
    (out / "proof.bin").write_bytes(proof.signature)
    click.echo(str(out))


@cecsign.command()
@click.argument("serial")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in Reason]))
@click.option("--requester", required=True, help="失効を申し出た人")
@click.option("--evidence", required=True, help="根拠(届出の受付番号など)")
@click.pass_obj
def revoke(source: ContextSource, serial: str, reason: str, requester: str, evidence: str) -> None:
    """電子証明書を失効させ、失効リストとOCSP応答を更新します。取り消せません。"""
    context = source()
    revoking.revoke(context, _officer(), serial.lower().lstrip("0"), Reason(reason), requester, evidence)
    click.echo(f"失効しました: {serial}")


@cecsign.command()
@click.argument("enrolment", type=int)
@click.option("--requester", required=True, help="中止を申し出た人")
@click.option("--evidence", required=True, help="根拠（届出の受付番号など）")
@click.pass_obj
def abandon(source: ContextSource, enrolment: int, requester: str, evidence: str) -> None:
    """途中の発行手続き（番号はshowの左端）を中止します。発行済みの電子証明書は失効させます。"""
    enrolling.abandon(source(), _officer(), enrolment, requester, evidence)
    click.echo(f"中止しました: {enrolment}")


@cecsign.command()
@click.argument("authority", nargs=-1, type=click.Choice([authority.value for authority in Authority]))
@click.pass_obj
def crl(source: ContextSource, authority: tuple[str, ...]) -> None:
    """失効リストを発行します。認証局を省略すると、鍵がこの機器にあるものすべて。"""
    context = source()
    chosen = [Authority(name) for name in authority] or [name for name in Authority if is_at_hand(context, name)]
    for name in chosen:
        publishing.publish_crl(context, _officer(), name)
    publishing.presign_due(context)
    _echo_authorities(context)


@cecsign.command()
@click.pass_obj
def show(source: ContextSource) -> None:
    """認証局、失効リスト、発行した電子証明書の一覧を表示します。"""
    context = source()
    _echo_authorities(context)
    with context.reading() as session:
        for enrolment in enrolments.everyone(session):
            revoked = enrolment.serial is not None and status.revocation_of(session, enrolment.serial) is not None
            state = "revoked" if revoked else enrolment.state.value
            person = enrolment.order.person
            click.echo(
                f"{enrolment.id}\t{enrolment.serial or '-'}\t{enrolment.applicant_number}\t{state}\t{person.legal_name}"
            )


@cecsign.command()
@click.argument("out", type=directory)
@click.pass_obj
def roots(source: ContextSource, out: Path) -> None:
    """ルート証明書をPEMで書き出します(cecsign-root.pem、tsa-root.pem)。"""
    context = source()
    out.mkdir(parents=True, exist_ok=True)
    for authority, filename in ((Authority.ROOT, "cecsign-root.pem"), (Authority.TSA, "tsa-root.pem")):
        with context.reading() as session:
            der = authorities.certificate_of(session, authority)
        (out / filename).write_bytes(timestamping.pem(der))
        click.echo(f"{out / filename}\t{sha256(der).hexdigest()}")


@cecsign.command("issue-tsa")
@click.argument("out", type=directory)
@click.pass_obj
def issue_tsa(source: ContextSource, out: Path) -> None:
    """付属の時刻認証局の鍵と証明書をファイルに作成します(認定外・試験用)。"""
    click.echo(
        "警告: 鍵を暗号化せずファイルに書き出します。試験用です。このファイルを読める人は、任意の時刻を証明できます。",
        err=True,
    )
    for path in timestamping.issue_tsa(source(), _officer(), out):
        click.echo(str(path))


def _officer() -> Actor:
    """Whoever is at the terminal, as the operating system knows him."""
    return Actor(ActorKind.PLUGIN, "cecsign", name=getpass.getuser(), roles=frozenset({"ca_officer"}))


def _echo_authorities(context: PluginContext) -> None:
    for authority in Authority:
        try:
            with context.reading() as session:
                der, newest = authorities.certificate_of(session, authority), status.newest_crl(session, authority)
        except NotInitialised:
            click.echo(f"{authority.value}\t-")
            continue
        until = x509.load_der_x509_certificate(der).not_valid_after_utc.astimezone(JST)
        number = f"CRL {newest.number} → {to_datetime(newest.next_update).astimezone(JST):%Y-%m-%d}" if newest else "-"
        click.echo(f"{authority.value}\t{sha256(der).hexdigest()}\t{until:%Y-%m-%d}\t{number}")
