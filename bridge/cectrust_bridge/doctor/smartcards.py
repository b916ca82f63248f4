"""Checks below the token: the smart card service, what is plugged in, and the modules. Nothing here opens a token."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from ..profile.settings import ProfileError
from ..tokens.kinds import PKCS12, StoreSetting
from ..tokens.rights import writable_by_others
from . import binaries
from .finding import Finding, found
from .surroundings import Surroundings

PCSC_SOCKET = "/run/pcscd/pcscd.comm"
USB_DEVICES = "/sys/bus/usb/devices"
SMART_CARD = "0b"
"""bInterfaceClass of CCID devices (USB Device Class: Smart Card)."""
SOFTWARE = "softhsm"
CONNECT_SECONDS = 2.0


def service(around: Surroundings) -> list[Finding]:
    """pcscd, by its socket: systemd starts it at the first connection."""
    if sys.platform != "linux":
        return [found("pcsc.unreadable")]
    if not _connects(around.at(PCSC_SOCKET)):
        return [found("pcsc.stopped" if _needs_hardware(around) else "pcsc.unneeded")]
    return [found("pcsc.running")]


def readers(around: Surroundings) -> list[Finding]:
    """USB devices of the smart card class, from sysfs."""
    folder = around.at(USB_DEVICES)
    if sys.platform != "linux" or not folder.is_dir():
        return [found("reader.unreadable")]
    products = [_product(each) for each in folder.iterdir() if _is_reader(each)]
    if products:
        return [found("reader.present", count=len(products), product=", ".join(sorted(products))[:200])]
    return [found("reader.absent" if _needs_hardware(around) else "reader.unneeded")]


def modules(around: Surroundings) -> list[Finding]:
    """The files of the key stores."""
    try:
        stores = around.settings().stores
    except ProfileError:
        return []
    return [_module(store, around) for store in stores] or [found("module.none")]


def unusable(around: Surroundings) -> Iterator[StoreSetting]:
    """Modules of the configuration that are not there, or no library for this computer."""
    for store in around.settings().stores:
        if _module(store, around).code in ("module.missing", "module.alien", "module.bits", "module.machine"):
            yield store


def _module(store: StoreSetting, around: Surroundings) -> Finding:
    path = _tilde(store.path, around.home)
    if not store.path.is_file():
        return found("module.missing", name=store.name, path=path)
    if store.kind == PKCS12:
        return found("module.file", name=store.name)
    if writable_by_others(store.path):
        return found("module.unsafe", name=store.name)
    try:
        binary = binaries.read(store.path)
    except (binaries.NotALibrary, OSError):
        return found("module.alien", name=store.name, path=path)
    return _fits(store.name, binary, binaries.of_this_process())


def _fits(name: str, binary: binaries.Binary, wanted: binaries.Binary) -> Finding:
    if binary.bits != wanted.bits:
        return found("module.bits", name=name, bits=binary.bits, wanted=wanted.bits)
    if wanted.machines[0] not in binary.machines:
        return found("module.machine", name=name, machine=", ".join(binary.machines), wanted=wanted.machines[0])
    return found("module.fits", name=name, bits=binary.bits)


def _tilde(path: Path, home: Path) -> str:
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _needs_hardware(around: Surroundings) -> bool:
    """Could nothing be signed without a real token? An empty or broken configuration may yet get one."""
    try:
        stores = around.settings().stores
    except ProfileError:
        return True
    return not any(store.kind == PKCS12 or SOFTWARE in store.path.name for store in stores)


def _connects(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(CONNECT_SECONDS)
            probe.connect(str(path))
    except OSError:
        return False
    return True


def _is_reader(device: Path) -> bool:
    """Its interfaces are folders `<device>:<configuration>.<interface>` beside it."""
    if ":" in device.name:
        return False
    return any(_line(each / "bInterfaceClass") == SMART_CARD for each in device.glob(f"{device.name}:*"))


def _product(device: Path) -> str:
    return _line(device / "product") or "?"


def _line(path: Path) -> str:
    try:
        return path.read_bytes()[:200].decode("utf-8", "replace").strip()
    except OSError:
        return ""
