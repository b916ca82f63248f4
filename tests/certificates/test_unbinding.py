"""A certificate whose token was lost opens and signs nothing from the moment its binding is removed."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from cectrust.authentication import second_factor, service
from cectrust.certificates import service as certificates
from cectrust.certificates.model import Binding
from cectrust.identity import service as identity
from cectrust.identity import sessions, sign_in
from cectrust.identity.model import NewAccount, OpenedAccount, SignedIn
from cectrust.identity.service import SYSTEM
from cectrust.identity.step_up import StepUpNeeded
from cectrust.identity.tables import accounts
from cectrust.identity.tables import sessions as rows
from cectrust.keys import jose
from cectrust.sdk.errors import Conflict, Forbidden, InputRefused, NotFound
from cectrust.sdk.possession import binding_statement
from cectrust.sdk.protocols import Actor, ActorKind
from cectrust.sdk.testing import together
from cectrust.signing import bridges
from tests.authentication.asking import last_act, login_challenge, refusal, session
from tests.support.house import House
from tests.support.person import Person
from tests.support.pki import issue, sign_raw
from tests.support.proof import answer, confirmed, signed_in

UNBOUND = "certificate.unbound"
HOLDER = "神﨑　𠮷子"
_numbers = itertools.count()


@pytest.fixture
def opened(home: House) -> OpenedAccount:
    """A further user of the sender's company."""
    login_id = f"unbound-{next(_numbers)}"
    new = NewAccount(login_id, ActorKind.USER, home.sender.actor.company_id, "工事部", HOLDER, "k@example.jp")
    with home.platform.work() as work:
        return identity.create_account(SYSTEM, work, new)


@pytest.fixture
def person(home: House, opened: OpenedAccount) -> Person:
    """The same with a computer and a certificate."""
    points = home.sender.entity.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    url = points[0].full_name[0].value  # type: ignore[index]
    entity = issue(HOLDER, ec.generate_private_key(ec.SECP256R1()), home.pki.issuing, crl_url=url, ocsp_url=None)
    made = Person(opened.account.actor, opened.account.login_id, entity)
    home.do(bridges.register, SYSTEM, made.login_id, jose.thumbprint(made.bridge_jwk), made.bridge_jwk)
    bind(home, made, made.login_id)
    return made


def bind(home: House, person: Person, login_id: str) -> Binding:
    proof = sign_raw(person.entity, binding_statement(login_id, person.entity.der))
    return certificates.bind(SYSTEM, home.platform, login_id, person.entity.der, proof)


def bound(home: House, person: Person) -> list[Binding]:
    with home.platform.reading() as work:
        return certificates.bindings_of(work, person.actor.id)


def unbind(home: House, person: Person, actor: Actor = SYSTEM, reason: str = "イートークンの紛失") -> Binding:
    with home.platform.work() as work:
        sha256 = service.usable_certificates(work, person.actor.id)[0].certificate_sha256
        return certificates.unbind(actor, work, person.login_id, sha256, reason)


def test_the_administrator_removes_it_with_a_reason_and_every_session_ends(home: House, person: Person) -> None:
    with home.platform.work() as work:
        open_session = sessions.start(work, identity.account(work, person.actor.id))
    removed = unbind(home, person)
    assert bound(home, person) == []
    act, detail = last_act(home)
    assert act == UNBOUND
    assert detail == {
        "login_id": person.login_id,
        "holder": HOLDER,
        "certificate_sha256": removed.certificate_sha256,
        "reason": "イートークンの紛失",
    }
    with home.platform.reading() as work:
        assert sessions.account_of_session(work, open_session.token) is None


def test_an_answer_that_was_on_its_way_opens_nothing_any_more(home: House, person: Person) -> None:
    actor = session(home, person)
    challenge = login_challenge(home, person, actor)
    signed = answer(person, challenge)
    unbind(home, person)
    assert refusal(home, actor, challenge, signed) in ("another_certificate", "not_signed_in")
    with home.platform.reading() as work:
        assert service.usable_certificates(work, person.actor.id) == []


def test_a_signature_that_was_on_its_way_is_refused(home: House, person: Person) -> None:
    colleague = replace(home.sender, actor=person.actor, login_id=person.login_id, entity=person.entity)
    colleague.bridge_key = person.bridge_key
    contract = home.register()
    with home.platform.work() as work:
        desk = identity.account(work, home.sender.actor.id).department
        work.session.execute(accounts.update().where(accounts.c.id == person.actor.id).values(department=desk))
        colleague.actor = identity.account(work, person.actor.id).actor
    request = home.request(colleague, contract.id)
    unbind(home, person)
    with pytest.raises(InputRefused) as refused:
        home.accept(colleague, request)
    assert refused.value.code == "certificate_not_bound"


def test_once_removed_it_is_bound_to_nobody_again(home: House, person: Person) -> None:
    unbind(home, person)
    for login_id in ("yoshino", person.login_id):
        with pytest.raises(Conflict) as refused:
            bind(home, person, login_id)
        assert refused.value.code == "certificate_removed"
    assert bound(home, person) == []


def test_the_second_factor_stays_on_and_a_recovery_code_opens(
    home: House, opened: OpenedAccount, person: Person
) -> None:
    with home.platform.work() as work:
        _, codes = second_factor.switch_on(confirmed(work, person.actor, "account.second_factor_on"), work)
    unbind(home, person)
    with home.platform.work() as work:
        half = sign_in.sign_in(work, person.login_id, opened.initial_password)
        assert isinstance(half, SignedIn)
        assert half.half_open
        acting = replace(person.actor, session=sessions.digest(half.token))
        assert isinstance(second_factor.recover(acting, work, codes[0]), SignedIn)


def test_the_person_removes_it_himself_once_he_confirmed_it_and_stays_signed_in(home: House, person: Person) -> None:
    (binding,) = bound(home, person)
    with home.platform.work() as work:
        actor, _elsewhere = (signed_in(work, person.actor) for _ in range(2))
    with home.platform.work() as work, pytest.raises(StepUpNeeded) as needed:
        service.remove_certificate(actor, work, binding.id, "lost")
    assert (needed.value.act, needed.value.subject, needed.value.about) == (UNBOUND, binding.id, HOLDER)
    with home.platform.work() as work:
        now = service.remove_certificate(confirmed(work, actor, UNBOUND, binding.id), work, binding.id, "lost")
    with home.platform.reading() as work:
        assert sessions.account_of_session(work, now.token)
        mine = (rows.c.account_id == person.actor.id) & rows.c.ended_at.is_(None)
        running = work.session.scalars(select(rows.c.token_hash).where(mine)).all()
    assert running == [sessions.digest(now.token)]


def test_nobody_removes_what_is_not_his(home: House, person: Person) -> None:
    (binding,) = bound(home, person)
    with home.platform.work() as work:
        other = confirmed(work, home.recipient.actor, UNBOUND, binding.id)
        with pytest.raises(NotFound):
            service.remove_certificate(other, work, binding.id, "lost")
        with pytest.raises(Forbidden):
            certificates.unbind(other, work, person.login_id, binding.certificate_sha256, "lost")
        with pytest.raises(NotFound):
            certificates.unbind(SYSTEM, work, person.login_id, "0" * 64, "lost")
    assert bound(home, person) == [binding]


@pytest.mark.parametrize("reason", ["", "　", "二行\nある", "長" * 201])
def test_a_reason_is_one_line_that_says_something(home: House, person: Person, reason: str) -> None:
    with pytest.raises(InputRefused):
        unbind(home, person, reason=reason)
    assert len(bound(home, person)) == 1


def test_a_reason_may_have_ideographic_spaces(home: House, person: Person) -> None:
    unbind(home, person, reason="紛失　10月3日届出")
    assert last_act(home)[1]["reason"] == "紛失　10月3日届出"


def test_of_two_removals_at_the_same_time_one_counts(home: House, person: Person) -> None:
    (binding,) = bound(home, person)

    def remove() -> None:
        with home.platform.work() as work:
            certificates.unbind(SYSTEM, work, person.login_id, binding.certificate_sha256, "紛失")

    assert [type(each) for each in together(2, remove)] == [NotFound]
