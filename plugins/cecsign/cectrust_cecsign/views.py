"""The repository: one page for people; CA certificates, CRLs and OCSP for machines. Holds no key."""

import base64
import binascii
from datetime import datetime, timedelta, timezone
from hashlib import sha256

from cryptography import x509
from cryptography.x509.oid import NameOID
from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.http import http_date

from cectrust.sdk.errors import NotFound
from cectrust.sdk.protocols import PluginContext
from cectrust_cecsign.errors import NotInitialised
from cectrust_cecsign.instants import now, to_datetime
from cectrust_cecsign.model import Authority
from cectrust_cecsign.ocsp_requests import MAXIMUM_REQUEST, Answer, answer
from cectrust_cecsign.settings import settings_of
from cectrust_cecsign.store import authorities, status

JST = timezone(timedelta(hours=9), "JST")


def build_blueprint(context: PluginContext) -> Blueprint:
    """The plugin's blueprint; the core mounts it at ``/cecsign``."""
    views = RepositoryViews(context)
    blueprint = Blueprint("cecsign", __name__, template_folder="templates")
    blueprint.add_url_rule("/", "repository", views.repository)
    blueprint.add_url_rule("/ca/<name>.cer", "ca_certificate", views.ca_certificate)
    blueprint.add_url_rule("/crl/<name>.crl", "crl", views.crl)
    blueprint.add_url_rule("/ocsp", "ocsp", views.ocsp_post, methods=["POST"])
    # Base64 has slashes, even two in a row: merging them would answer with a redirect.
    blueprint.add_url_rule("/ocsp/<path:encoded>", "ocsp_get", views.ocsp_get, merge_slashes=False)
    return blueprint


class RepositoryViews:
    """The views, bound to the plugin's context."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context

    def repository(self) -> str:
        """The page: CA certificates with fingerprints, CRLs with numbers and dates."""
        with self._context.reading() as session:
            entries = [entry for name in Authority if (entry := self._entry(session, name)) is not None]
        return render_template("cecsign/repository.html", entries=entries, settings=settings_of(self._context))

    def ca_certificate(self, name: str) -> Response:
        """DER of a CA certificate (RFC 5280 4.2.2.1)."""
        with self._context.reading() as session:
            der = authorities.certificate_of(session, _authority(name))
        return _download(der, "application/pkix-cert", f"{name}.cer")

    def crl(self, name: str) -> Response:
        """DER of the CRL in force (RFC 2585)."""
        with self._context.reading() as session:
            stored = status.newest_crl(session, _authority(name))
        if stored is None:
            raise NotFound("失効リスト", "CRL", name)
        response = _download(stored.der, "application/pkix-crl", f"{name}.crl")
        response.headers["Last-Modified"] = http_date(to_datetime(stored.this_update))
        response.headers["Expires"] = http_date(to_datetime(stored.next_update))
        response.headers["Cache-Control"] = "public, max-age=300"
        return response

    def ocsp_post(self) -> Response:
        """RFC 6960 A.1, POST."""
        length = request.content_length
        if length is None or length > MAXIMUM_REQUEST:
            return _ocsp(self._answer(b""))
        return _ocsp(self._answer(request.get_data(cache=False)))

    def ocsp_get(self, encoded: str) -> Response:
        """RFC 6960 A.1, GET: the request in base64 in the path; cacheable until its nextUpdate (RFC 5019 6)."""
        try:
            body = base64.b64decode(encoded[: 2 * MAXIMUM_REQUEST], validate=True)
        except (binascii.Error, ValueError):
            body = b""
        found = self._answer(body)
        return _cached(_ocsp(found), found, now(self._context.clock))

    def _answer(self, body: bytes) -> Answer:
        with self._context.reading() as session:
            return answer(session, body, now(self._context.clock))

    def _entry(self, session: Session, name: Authority) -> dict[str, object] | None:
        try:
            der = authorities.certificate_of(session, name)
        except NotInitialised:
            return None
        certificate, crl = x509.load_der_x509_certificate(der), status.newest_crl(session, name)
        return {
            "name": name.value,
            "subject": certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value,
            "fingerprint": _fingerprint(der),
            "valid_until": certificate.not_valid_after_utc.astimezone(JST),
            "crl_number": crl and crl.number,
            "crl_this_update": crl and to_datetime(crl.this_update).astimezone(JST),
            "crl_next_update": crl and to_datetime(crl.next_update).astimezone(JST),
        }


def _authority(name: str) -> Authority:
    try:
        return Authority(name)
    except ValueError as error:
        raise NotFound("認証局", "certification authority", name) from error


def _download(der: bytes, media_type: str, filename: str) -> Response:
    response = Response(der, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _ocsp(found: Answer) -> Response:
    return Response(found.der, mimetype="application/ocsp-response")


def _cached(response: Response, found: Answer, moment: datetime) -> Response:
    if found.this_update is None or found.next_update is None:
        response.headers["Cache-Control"] = "no-store"
        return response
    seconds = int((found.next_update - moment).total_seconds())
    response.headers["Cache-Control"] = f"public, no-transform, must-revalidate, max-age={min(seconds, 300)}"
    response.headers["Last-Modified"] = http_date(found.this_update)
    response.headers["Expires"] = http_date(found.next_update)
    response.set_etag(sha256(found.der).hexdigest())
    return response


def _fingerprint(der: bytes) -> str:
    digits = sha256(der).hexdigest().upper()
    return ":".join(digits[index : index + 2] for index in range(0, len(digits), 2))
