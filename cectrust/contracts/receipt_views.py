"""The receipt of a concluded contract (原本性証明書): data for machines, a sheet for people."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from cectrust.archive.printout import Issuer, PartyLine, receipt_pdf
from cectrust.archive.receipt import ReceiptTrust, verify_receipt
from cectrust.archive.views import log_key
from cectrust.contracts import service
from cectrust.contracts.model import Contract, PartyRole
from cectrust.pades.tokens import TokenVerifier
from cectrust.platform import Platform
from cectrust.web.downloads import send_bytes
from cectrust.web.request import actor, platform, work

blueprint = flask.Blueprint("receipts", __name__)


@blueprint.get("/contracts/<contract_id>/receipt.json")
def data(contract_id: str) -> ResponseReturnValue:
    """What ``cectrust verify --receipt`` and a page of standard-library Python verify."""
    service.contract(actor(), work(), contract_id)  # the right to see comes before any question to other roles
    contract, receipt = service.receipt(actor(), work(), contract_id, log_key(platform()))
    return send_bytes(receipt.encode(), f"{contract.number}.receipt.json", "application/json")


@blueprint.get("/contracts/<contract_id>/receipt.pdf")
def sheet(contract_id: str) -> ResponseReturnValue:
    """One page; only a receipt that was verified is printed."""
    service.contract(actor(), work(), contract_id)
    key = log_key(platform())
    contract, receipt = service.receipt(actor(), work(), contract_id, key)
    accredited = platform().settings.timestamping.accredited
    trust = ReceiptTrust([key], TokenVerifier(platform().tsa_anchors), accredited)
    verified = verify_receipt(receipt.encode(), trust)
    printed = receipt_pdf(verified, _issuer(platform()), contract.title, _parties(contract))
    return send_bytes(printed, f"{contract.number}.receipt.pdf", "application/pdf")


def _issuer(opened: Platform) -> Issuer:
    operator = opened.settings.operator
    contact = f"{operator.help_desk.name}　{operator.help_desk.mail}"
    return Issuer(operator.name, operator.department, contact, operator.accreditation_label if operator.trial else "")


def _parties(contract: Contract) -> list[PartyLine]:
    roles = {PartyRole.SENDER: "案件登録者", PartyRole.RECIPIENT: "受領者"}
    return [
        PartyLine(roles[party.role], party.company_name, contract.document.slot_of(party).signer)
        for party in contract.parties
    ]
