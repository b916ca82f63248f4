"""Binding certificates to user IDs and deciding whether one may sign now."""

from __future__ import annotations

from collections.abc import Sequence

from cectrust.certificates import store
from cectrust.certificates.model import Binding, CertificateFacts, RecognisedCertificate, SigningCertificate, facts_of
from cectrust.characters import refuse_unseen, seen
from cectrust.clock import new_id, to_datetime
from cectrust.identity import service as identity
from cectrust.identity.model import Account
from cectrust.identity.permissions import Subject, require
from cectrust.identity.step_up import require_step_up
from cectrust.pades import verify_raw_signature
from cectrust.pades.model import TrustStore
from cectrust.pades.paths import check_certificate
from cectrust.sdk.errors import Conflict, InputRefused, NotFound
from cectrust.sdk.possession import binding_statement
from cectrust.sdk.protocols import Act, Actor, ActorKind, CertificateProvider
from cectrust.work import Tools, Work, Workplace

REASON_LENGTH = 200


def bind(actor: Actor, place: Workplace, login_id: str, certificate: bytes, proof: bytes) -> Binding:
    """Bind a certificate to a user ID after proof of possession (T3).

    To a company ID or a member of staff it is bound for logging in alone: those do no contract
    work (``check_for_signing``).

    ``proof`` is a raw signature by the certificate's key over ``cectrust.sdk.possession.binding_statement``.

    Raises:
        InputRefused: not acceptable, or the proof does not verify.
        Conflict: bound already.
    """
    require(actor, "certificate.bound")
    with place.reading() as work:
        account = identity.active_by_login(work, login_id)
    statement = binding_statement(account.login_id, certificate)
    verify_raw_signature(certificate, facts_of(certificate).mechanism, statement, proof)
    recognised = recognise(place, certificate)
    with place.work() as work:
        return _bind(actor, work, account, recognised)


def unbind(actor: Actor, work: Work, login_id: str, certificate_sha256: str, reason: str) -> Binding:
    """From now on this certificate neither opens nor signs anything here, and nobody gets it again (T3).

    Every session of the ID ends. Its second factor stays as it is: what is taken away makes no log-in easier.

    Raises:
        NotFound: it is not bound to this ID. InputRefused: no reason. StepUpNeeded: not confirmed.
    """
    account = identity.account_by_login(work, login_id)
    require(actor, "certificate.unbound", Subject(account_id=account.id))
    _check(reason.strip())
    found = [each for each in bindings_of(work, account.id) if each.certificate_sha256 == certificate_sha256]
    if found:
        require_step_up(actor, work, "certificate.unbound", found[0].id, seen(found[0].holder))
    if not found or not store.remove(work.session, found[0].id, work.clock.now()):
        raise NotFound("電子証明書", "certificate")
    identity.end_sessions(work, account.id, "certificate_unbound")
    _record_removal(actor, work, account, found[0], reason.strip())
    return found[0]


def _check(reason: str) -> None:
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise InputRefused(
            "reason_missing",
            f"理由を 1～{REASON_LENGTH} 文字で入力してください。",
            f"Give a reason of 1 to {REASON_LENGTH} characters.",
            field="reason",
        )
    refuse_unseen(reason, "理由", "reason", "reason")


def bindings_of(work: Work, account_id: str) -> list[Binding]:
    """The certificates that a user ID may sign with."""
    return store.of_account(work.session, account_id)


def recognise(tools: Tools, certificate: bytes) -> RecognisedCertificate:
    """Whose kind a DER certificate is, and that it is good now; asks authorities, so never in a transaction.

    Raises:
        InputRefused: too weak (T18), of no accepted authority, expired, revoked or unfit.
        Unavailable: revocation could not be found out.
    """
    facts = facts_of(certificate)
    for provider in tools.providers:
        trust = TrustStore(tuple(provider.anchors()), tuple(provider.intermediates()))
        path = check_certificate(facts.der, trust, tools.revocation, to_datetime(tools.clock.now()))
        if path is not None and provider.accepts(facts.der):
            return RecognisedCertificate(facts, provider.kind, path.intermediates)
    raise InputRefused(
        "certificate_not_accepted",
        "この電子証明書は、本サービスで使えるものではありません（認証局が登録されていません）。",
        "This certificate was not issued by an authority that this service accepts.",
    )


def check_for_signing(
    actor: Actor, work: Work, recognised: RecognisedCertificate, kinds: Sequence[str]
) -> SigningCertificate:
    """Whether this actor may sign with this certificate now, in a contract that agreed on ``kinds``.

    Asked twice, each time after ``recognise``: before preparing and again when the signature arrives. In this order,
    so that the sentence names the first thing to mend: agreed kind, binding to this user ID (T3).

    Raises:
        InputRefused: says which of these it was.
    """
    facts, kind = recognised.facts, recognised.kind
    if kind.code not in kinds:
        raise InputRefused(
            "certificate_kind_not_agreed",
            f"この契約では、{kind.label_ja} の電子証明書を使う合意がありません。取引先に確認してください。",
            f"The parties have not agreed on certificates of the kind {kind.label_en}.",
        )
    binding = store.binding_of(work.session, facts)
    if actor.kind is not ActorKind.USER or binding is None or binding.account_id != actor.id:
        raise InputRefused(
            "certificate_not_bound",
            "この電子証明書は、ログイン中のユーザIDに登録されていません。ご自身の電子証明書を選んでください。",
            "This certificate is not bound to the user ID that is signed in.",
        )
    return SigningCertificate(facts, kind.code, recognised.chain, binding.id)


def trust_of(providers: Sequence[CertificateProvider], tsa_anchors: Sequence[bytes] = ()) -> TrustStore:
    """All configured trust: the providers' anchors vouch for signers, the TSA's for time only."""
    anchors = tuple(der for provider in providers for der in provider.anchors())
    intermediates = tuple(der for provider in providers for der in provider.intermediates())
    return TrustStore(anchors, intermediates, tuple(tsa_anchors))


def _bind(actor: Actor, work: Work, account: Account, recognised: RecognisedCertificate) -> Binding:
    facts = recognised.facts
    if store.was_removed(work.session, facts):
        raise Conflict(
            "certificate_removed",
            "この電子証明書は、登録を解除されました。もう一度登録することはできません。新しい電子証明書が必要です。",
            "This certificate was removed and cannot be bound again; a new one is needed.",
        )
    if store.known(work.session, facts):
        raise Conflict(
            "certificate_bound", "この電子証明書は、すでに登録されています。", "This certificate is bound already."
        )
    binding = _binding(new_id(work.clock), account.id, recognised.kind.code, facts)
    store.insert_binding(work.session, binding, facts, work.clock.now())
    companies = (account.company_id,) if account.company_id else ()
    detail = {"login_id": account.login_id, "kind": binding.kind, "holder": facts.holder, "serial": facts.serial}
    work.journal.record(work.session, actor, Act("certificate.bound", account.id, companies, detail))
    return binding


def _record_removal(actor: Actor, work: Work, account: Account, removed: Binding, reason: str) -> None:
    companies = (account.company_id,) if account.company_id else ()
    detail = {
        "login_id": account.login_id,
        "holder": removed.holder,
        "certificate_sha256": removed.certificate_sha256,
        "reason": reason,
    }
    work.journal.record(work.session, actor, Act("certificate.unbound", account.id, companies, detail))


def _binding(binding_id: str, account_id: str, kind: str, facts: CertificateFacts) -> Binding:
    return Binding(
        id=binding_id,
        account_id=account_id,
        kind=kind,
        certificate=facts.der,
        certificate_sha256=facts.sha256,
        holder=facts.holder,
        not_before=facts.not_before,
        not_after=facts.not_after,
    )
