"""With whom a contract can be made: companies, their users, and what was agreed with them before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cectrust.contracts import store
from cectrust.identity import service as identity
from cectrust.identity.model import Account, Company
from cectrust.identity.permissions import require
from cectrust.sdk.protocols import Actor
from cectrust.work import Work


@dataclass(frozen=True)
class Partner:
    company: Company
    users: tuple[Account, ...]
    kinds: tuple[str, ...]
    """Codes of the kinds of certificate agreed with it before, which the next contract inherits."""
    agreed: bool
    """Kinds were agreed, or its consent to electronic means stands."""


@dataclass(frozen=True)
class Partners:
    """The partners to choose from, those agreed with first; ``more`` were found and are not among them."""

    rows: tuple[Partner, ...]
    more: int

    def of(self, account_id: str) -> Partner | None:
        """The partner that this user ID belongs to."""
        return next((row for row in self.rows if account_id in {user.id for user in row.users}), None)


def partners(actor: Actor, work: Work, words: str = "", chosen: str = "") -> Partners:
    """Companies whose name contains ``words`` however it is written; the ``chosen`` user's stays among them."""
    require(actor, "partner.view")
    kinds = store.agreements.of_company(work.session, str(actor.company_id))
    agreed = set(kinds) | _consenting(actor, work)
    found, total = identity.partner_companies(actor, work, words, sorted(agreed))
    kept = [company for company in _chosen(actor, work, chosen) if company not in found]
    rows = tuple(_partner(work, company, kinds.get(company.id, ()), agreed) for company in (*kept, *found))
    return Partners(rows, total - len(found))


def _consenting(actor: Actor, work: Work) -> set[str]:
    ours = store.consents.of_company(work.session, str(actor.company_id))
    return {c.partner_company_id for c in ours if c.stands and c.asking_company_id == actor.company_id}


def _chosen(actor: Actor, work: Work, account_id: str) -> list[Company]:
    account = identity.accounts(work, [account_id]).get(account_id)
    if account is None or not account.active or account.company_id in (None, actor.company_id):
        return []
    return [found for found in identity.companies(work, [str(account.company_id)]).values() if found.active]


def _partner(work: Work, company: Company, kinds: Sequence[str], agreed: set[str]) -> Partner:
    known = {provider.kind.code for provider in work.providers}
    users = tuple(identity.users_of(work, company.id))
    return Partner(company, users, tuple(kind for kind in kinds if kind in known), company.id in agreed)
