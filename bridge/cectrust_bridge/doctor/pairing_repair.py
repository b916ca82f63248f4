"""Moves the files away that keep the whole book of pairings closed, so that the person can pair anew."""

from __future__ import annotations

import shlex

from ..display import visible
from ..pairing.errors import PairingError
from .repair_book import Change, Plan, RepairError
from .surroundings import Surroundings


def plan(around: Surroundings) -> Plan:
    """The user's files that are broken or contradict others; how to pair anew if there are none. Raises RepairError."""
    try:
        faults = list(around.profile.book.faults())
    except PairingError as error:
        raise RepairError(
            f"管理者が置いた登録のファイルに誤りがあります（{visible(str(error))}）。管理者に直してもらってください。",
            f"A pairing file of the administrator's is wrong ({visible(str(error))}). Ask your administrator.",
        ) from error
    if not faults:
        return Plan((), [_anew(around)])
    return Plan([Change("pairing", path, None) for path, _ in faults], [visible(reason) for _, reason in faults])


def _anew(around: Surroundings) -> str:
    """Pairing takes a code from the person's own page; only he can decide that a pairing which is right shall end."""
    own = [each.issuer for each in around.servers() if not each.fleet]
    lines = ["登録のファイルに誤りはありません。登録し直すには:", "No pairing file is wrong. To pair anew:"]
    return "\n".join([*lines, *(f"cectrust-bridge unpair {shlex.quote(each)}" for each in own), "cectrust-bridge pair"])
