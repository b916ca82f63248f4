"""What the worker repeats: CRLs, OCSP responses and the responder's certificate before they grow old."""

from cectrust.sdk.protocols import Actor, ActorKind, PluginContext
from cectrust_cecsign.cakeys import is_at_hand
from cectrust_cecsign.errors import KeyOffline
from cectrust_cecsign.hierarchy import ensure_responder
from cectrust_cecsign.model import Authority
from cectrust_cecsign.publishing import crl_due, presign_due, publish_crl
from cectrust_cecsign.store import authorities

JOB_ACTOR = Actor(ActorKind.PLUGIN, "cecsign", name="cecsign refresh")


def refresh(context: PluginContext) -> None:
    """Renew whatever is past half of its life; nothing before the CA exists. Safe to run at any time.

    Raises:
        KeyOffline: the root's CRL is due and its key is elsewhere: an alarm for a person.
    """
    if not _exists(context):
        return
    ensure_responder(context, JOB_ACTOR)
    presign_due(context)
    offline = [issuer.value for issuer in Authority if not _refresh_crl(context, issuer)]
    if offline:
        raise KeyOffline(detail=", ".join(offline))


def _refresh_crl(context: PluginContext, issuer: Authority) -> bool:
    """False if a CRL is due but its key is not here."""
    if not crl_due(context, issuer):
        return True
    if not is_at_hand(context, issuer):
        return False
    publish_crl(context, JOB_ACTOR, issuer)
    return True


def _exists(context: PluginContext) -> bool:
    with context.reading() as session:
        return authorities.newest_responder(session) is not None
