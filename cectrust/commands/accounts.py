"""``cectrust company`` and ``cectrust user``: opening accounts on the server itself."""

from __future__ import annotations

import json

import click

from cectrust.authentication import second_factor
from cectrust.commands.context import the_platform
from cectrust.identity import service as identity
from cectrust.identity.model import NewAccount, Role
from cectrust.sdk.protocols import ActorKind


@click.group()
def company() -> None:
    """Companies and their company IDs (企業ID)."""


@company.command("add")
@click.option("--name", required=True, help="exactly as registered")
@click.option("--corporate-number", default="", help="法人番号, 13 digits")
@click.option("--login", required=True, help="login of the company ID")
@click.option("--person", required=True)
@click.option("--mail", required=True)
def company_add(name: str, corporate_number: str, login: str, person: str, mail: str) -> None:
    """Open a company with its company ID; prints the initial password once, as JSON."""
    with the_platform() as platform, platform.work() as work:
        opened = identity.create_company(identity.SYSTEM, work, name, corporate_number)
        account = identity.create_account(
            identity.SYSTEM, work, NewAccount(login, ActorKind.COMPANY, opened.id, "", person, mail)
        )
    _tell(company=opened.id, number=opened.number, login=account.account.login_id, password=account.initial_password)


@click.group()
def user() -> None:
    """User IDs (ユーザID) and members of staff."""


@user.command("add")
@click.option("--company", "company_id", required=True, help="id printed by `cectrust company add`")
@click.option("--login", required=True)
@click.option("--department", default="", help="部署")
@click.option("--person", required=True)
@click.option("--mail", required=True)
def user_add(company_id: str, login: str, department: str, person: str, mail: str) -> None:
    """Open a user ID; prints the initial password once, as JSON."""
    _open(NewAccount(login, ActorKind.USER, company_id, department, person, mail))


@user.command("reset-password")
@click.option("--login", required=True, help="user ID, company ID or staff")
def reset_password(login: str) -> None:
    """Replace a forgotten password; ends all sessions and prints the new initial password once, as JSON."""
    with the_platform() as platform, platform.work() as work:
        opened = identity.reset_password(identity.SYSTEM, work, login)
    _tell(account=opened.account.id, login=opened.account.login_id, password=opened.initial_password)


@user.command("deactivate")
@click.option("--login", required=True, help="user ID, company ID or staff")
def deactivate(login: str) -> None:
    """Close an ID, for somebody who left: ends all sessions; nobody logs in with it, and what it did stays."""
    with the_platform() as platform, platform.work() as work:
        account = identity.deactivate(identity.SYSTEM, work, login)
    _tell(account=account.id, login=account.login_id, active=account.active)


@user.command("activate")
@click.option("--login", required=True, help="user ID, company ID or staff")
def activate(login: str) -> None:
    """Open a closed ID again, with the password that it had; if others may know it, reset it, too."""
    with the_platform() as platform, platform.work() as work:
        account = identity.activate(identity.SYSTEM, work, login)
    _tell(account=account.id, login=account.login_id, active=account.active)


@user.command("second-factor-off")
@click.option("--login", required=True, help="user ID, company ID or staff")
def second_factor_off(login: str) -> None:
    """For somebody who lost token and recovery codes: a password is enough again; ends all sessions."""
    with the_platform() as platform, platform.work() as work:
        account = second_factor.reset(identity.SYSTEM, work, login)
    _tell(account=account.id, login=account.login_id, second_factor="off")


@user.command("recovery-codes")
@click.option("--login", required=True, help="user ID, company ID or staff")
def recovery_codes(login: str) -> None:
    """Recovery codes in place of all before, printed once, as JSON: for a first log-in that needs a second factor."""
    with the_platform() as platform, platform.work() as work:
        codes = second_factor.issue_codes(identity.SYSTEM, work, login)
    click.echo(json.dumps({"login": login, "recovery_codes": codes}))


@user.command("add-staff")
@click.option("--login", required=True)
@click.option("--person", required=True)
@click.option("--mail", required=True)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
def staff_add(login: str, person: str, mail: str, roles: tuple[str, ...]) -> None:
    """Open a staff account; prints the initial password once, as JSON."""
    _open(NewAccount(login, ActorKind.STAFF, None, "", person, mail, frozenset(map(Role, roles))))


def _open(new: NewAccount) -> None:
    with the_platform() as platform, platform.work() as work:
        opened = identity.create_account(identity.SYSTEM, work, new)
    _tell(account=opened.account.id, login=opened.account.login_id, password=opened.initial_password)


def _tell(**facts: str | bool) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False))
