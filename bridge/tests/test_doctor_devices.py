"""Findings about browsers' policies, modules, the smart card service, readers and autostart, each by its real cause."""

from __future__ import annotations

import socket
import struct
import sys

import pytest
from bridge_house import MODULE
from cectrust_bridge.doctor import binaries, computer, policies, policy_rules, smartcards, tokens
from cectrust_bridge.doctor.finding import Finding, State
from doctor_house import Computer, among, elf, one
from driver import ORIGIN
from fake_store.store import FakeStore
from two_stores import MakeStores

GOOD, DOUBTFUL, BAD = State.GOOD, State.DOUBTFUL, State.BAD
CHROMIUM_POLICY = "/etc/chromium/policies/managed"


@pytest.mark.parametrize(
    ("policy", "code", "state"),
    [
        (None, "policy.asks", GOOD),
        (f'{{"LoopbackNetworkAllowedForUrls": ["{ORIGIN}"]}}', "policy.allows", GOOD),
        (f'{{"LoopbackNetworkAllowedForUrls": ["{ORIGIN}/"]}}', "policy.allows", GOOD),
        ('{"LoopbackNetworkAllowedForUrls": ["https://localhost.example.jp"]}', "policy.asks", GOOD),
        ('{"LoopbackNetworkAllowedForUrls": "*"}', "policy.asks", GOOD),
        (
            '{"LoopbackNetworkAllowedForUrls": ["*"], "LoopbackNetworkBlockedForUrls": ["localhost"]}',
            "policy.blocks",
            BAD,
        ),
        ("[", "policy.unreadable", DOUBTFUL),
        ("[" * 100_000, "policy.unreadable", DOUBTFUL),
        ("[]", "policy.unreadable", DOUBTFUL),
    ],
)
def test_policies_of_chromium_are_read_as_the_browser_reads_them(
    paired: Computer, policy: str | None, code: str, state: State
) -> None:
    paired.write("/usr/bin/chromium", "")
    if policy is not None:
        paired.write(f"{CHROMIUM_POLICY}/cectrust.json", policy)
    one(policies.of_browsers(paired.around), code, state)


LOOPBACK_BLOCKED, LOOPBACK_ALLOWED = "LoopbackNetworkBlockedForUrls", "LoopbackNetworkAllowedForUrls"
BOTH_BLOCKED, BOTH_ALLOWED = "LocalNetworkAccessBlockedForUrls", "LocalNetworkAccessAllowedForUrls"
OTHERS_BLOCKED, OTHERS_ALLOWED = "LocalNetworkBlockedForUrls", "LocalNetworkAllowedForUrls"


@pytest.mark.parametrize(
    ("set_policies", "blocked_by", "allowed"),
    [
        ([LOOPBACK_BLOCKED, LOOPBACK_ALLOWED, BOTH_BLOCKED, BOTH_ALLOWED], LOOPBACK_BLOCKED, False),
        ([LOOPBACK_ALLOWED, BOTH_BLOCKED, BOTH_ALLOWED], "", True),
        ([BOTH_BLOCKED, BOTH_ALLOWED], BOTH_BLOCKED, False),
        ([LOOPBACK_BLOCKED, BOTH_ALLOWED], LOOPBACK_BLOCKED, False),
        ([LOOPBACK_ALLOWED, BOTH_BLOCKED], "", True),
        ([BOTH_ALLOWED], "", True),
        ([OTHERS_BLOCKED], "", False),
        ([OTHERS_ALLOWED], "", False),
        ([OTHERS_BLOCKED, BOTH_ALLOWED], "", True),
    ],
)
def test_the_policies_of_chromium_stand_in_their_documented_order_for_loopback(
    set_policies: list[str], blocked_by: str, allowed: bool
) -> None:
    verdict = policy_rules.chromium({name: ["*"] for name in set_policies}, ORIGIN)
    assert (verdict.blocked_by, verdict.allowed) == (blocked_by, allowed)


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ('{"policies": {"LocalNetworkAccess": {"SkipDomains": ["localhost"]}}}', "policy.allows"),
        ('{"policies": {"LocalNetworkAccess": {"SkipDomains": ["*.localhost", 3]}}}', "policy.asks"),
        ('{"policies": []}', "policy.asks"),
    ],
)
def test_policies_of_firefox_name_hosts(paired: Computer, policy: str, code: str) -> None:
    paired.write("/usr/bin/firefox-esr", "")
    paired.write("/etc/firefox/policies/policies.json", policy)
    one(policies.of_browsers(paired.around), code, GOOD)


def test_firefox_falls_back_to_the_policies_beside_its_program(paired: Computer) -> None:
    paired.write("/usr/bin/firefox-esr", "")
    skipped = '{"policies": {"LocalNetworkAccess": {"SkipDomains": ["localhost"]}}}'
    paired.write("/usr/lib/firefox-esr/distribution/policies.json", skipped)
    one(policies.of_browsers(paired.around), "policy.allows", GOOD)
    paired.write("/etc/firefox/policies/policies.json", "{}")
    one(policies.of_browsers(paired.around), "policy.asks", GOOD)


@pytest.mark.parametrize(
    ("patterns", "origin", "matches"),
    [
        (["https://keiyaku.example.jp"], "https://keiyaku.example.jp", True),
        (["https://keiyaku.example.jp"], "https://keiyaku.example.jp:8443", True),
        (["https://keiyaku.example.jp:443"], "https://keiyaku.example.jp:8443", False),
        (["https://Keiyaku.example.jp:443/"], "https://keiyaku.example.jp", True),
        (["*://*"], "https://keiyaku.example.jp", True),
        (["keiyaku.example.jp"], "https://keiyaku.example.jp:8443", True),
        (["https://[*.]example.jp"], "https://keiyaku.example.jp", True),
        (["[*.]example.jp"], "https://example.jp", True),
        (["http://[*.]example.jp"], "https://keiyaku.example.jp", False),
        (["[*.]example.jp"], "https://notexample.jp", False),
        ([None, 1, "https://"], "https://example.jp", False),
    ],
)
def test_patterns_of_policies_match_what_they_name(patterns: list[object], origin: str, matches: bool) -> None:
    assert policy_rules.matches(patterns, origin) is matches


def pe(machine: int, magic: int) -> bytes:
    return (
        b"MZ"
        + bytes(58)
        + struct.pack("<I", 64)
        + b"PE\0\0"
        + struct.pack("<H", machine)
        + bytes(18)
        + struct.pack("<H", magic)
    )


@pytest.mark.parametrize(
    ("head", "bits", "machines"),
    [
        (elf(64, 62), 64, ("x86_64",)),
        (elf(32, 3), 32, ("x86",)),
        (pe(0x8664, 0x20B), 64, ("x86_64",)),
        (pe(0x14C, 0x10B), 32, ("x86",)),
        (struct.pack("<II", 0xFEEDFACF, 0x0100000C), 64, ("aarch64",)),
        (struct.pack(">II5I5I", 0xCAFEBABE, 2, 0x01000007, *[0] * 4, 0x0100000C, *[0] * 4), 64, ("x86_64", "aarch64")),
    ],
)
def test_headers_of_libraries_of_three_systems_are_read(head: bytes, bits: int, machines: tuple[str, ...]) -> None:
    assert binaries.parse(head) == binaries.Binary(bits, machines)
    for cut in range(len(head)):
        try:
            binaries.parse(head[:cut])
        except binaries.NotALibrary:
            continue


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"#!/bin/sh\n",
        b"\x7fELF" + b"\xff" * 60,
        elf(64, 62, kind=2),
        b"\xca\xfe\xba\xbe\0\0\0\x41",
        b"MZ" + b"\xff" * 80,
    ],
)
def test_what_is_no_library_is_said_to_be_none(head: bytes) -> None:
    with pytest.raises(binaries.NotALibrary):
        binaries.parse(head)


def module(pc: Computer, content: bytes | None, mode: int = 0o755) -> list[Finding]:
    path = pc.home / "libtoken.so"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    pc.configure(("山田のトークン", path))
    return smartcards.modules(pc.around)


def test_modules_are_judged_by_their_files(pc: Computer) -> None:
    missing = one(module(pc, None), "module.missing", BAD)
    assert "~/libtoken.so" in missing.ja
    assert str(pc.home) not in missing.ja
    assert one(module(pc, elf(32, 3)), "module.bits", BAD).facts["bits"] == 32
    one(module(pc, elf(64, 243)), "module.machine", BAD)
    one(module(pc, b"not a library"), "module.alien", BAD)
    one(module(pc, b"\x7fELF", mode=0o757), "module.unsafe", BAD)
    pc.configure(("SoftHSM2", MODULE))
    one(smartcards.modules(pc.around), "module.fits", GOOD)


def test_the_smart_card_service_is_found_by_its_socket(pc: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    pc.configure(("eToken", "/usr/lib/libeToken.so"))
    one(smartcards.service(pc.around), "pcsc.stopped", BAD)
    pc.configure(("SoftHSM2", MODULE))
    one(smartcards.service(pc.around), "pcsc.unneeded", GOOD)
    path = pc.write("/run/pcscd/pcscd.comm", "")
    path.unlink()
    monkeypatch.chdir(path.parent)  # a socket's address is short (107 octets), the path of a test's folder may not be
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(path.name)
        service.listen()
        one(smartcards.service(pc.around), "pcsc.running", GOOD)


def test_a_reader_is_found_by_its_usb_class(pc: Computer) -> None:
    pc.configure(("eToken", "/usr/lib/libeToken.so"))
    one(smartcards.readers(pc.around), "reader.unreadable", DOUBTFUL)
    pc.write("/sys/bus/usb/devices/1-1/1-1:1.0/bInterfaceClass", "03\n")
    one(smartcards.readers(pc.around), "reader.absent", BAD)
    pc.write("/sys/bus/usb/devices/1-2/1-2:1.0/bInterfaceClass", "0b\n")
    pc.write("/sys/bus/usb/devices/1-2/product", "Token JC \u202e\n")
    pc.write("/sys/bus/usb/devices/1-2/serial", "SERIAL0815\n")
    finding = one(smartcards.readers(pc.around), "reader.present", GOOD)
    assert "Token JC" in finding.ja
    assert "\u202e" not in finding.ja
    assert "0815" not in str(finding)


def test_autostart_follows_the_users_file_before_the_systems(pc: Computer) -> None:
    one(computer.starts_at_login(pc.around), "autostart.off", DOUBTFUL)
    pc.write("/usr/bin/cectrust-bridge", "").chmod(0o755)
    pc.write("/etc/xdg/autostart/cectrust-bridge.desktop", "[Desktop Entry]\nExec=/usr/bin/cectrust-bridge run\n")
    one(computer.starts_at_login(pc.around), "autostart.on", GOOD)
    users = pc.home / ".config" / "autostart" / "cectrust-bridge.desktop"
    users.parent.mkdir(parents=True)
    users.write_text("[Desktop Entry]\nHidden = true\n")
    one(computer.starts_at_login(pc.around), "autostart.off", DOUBTFUL)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("Exec=cectrust-bridge run --minimised", "autostart.on"),
        ('Exec="/usr/bin/cectrust-bridge" run', "autostart.on"),
        ("Exec=/usr/bin/cectrust-bridge\nX-GNOME-Autostart-enabled=false", "autostart.off"),
        ("Exec=/usr/bin/cectrust-bridge\nTryExec=/usr/bin/gone", "autostart.broken"),
        ("Exec=/usr/bin/gone run", "autostart.broken"),
        ("Exec=/usr/share/doc/not-a-program", "autostart.broken"),
        ('Exec="/usr/bin/cectrust-bridge', "autostart.broken"),
        ("Name=x", "autostart.broken"),
        ("Exec=/usr/bin/cectrust-bridge\n[Desktop Action x]\nHidden=true", "autostart.on"),
    ],
)
def test_an_autostart_entry_counts_only_if_it_starts_a_program_that_is_there(
    pc: Computer, lines: str, code: str
) -> None:
    pc.write("/usr/bin/cectrust-bridge", "").chmod(0o755)
    pc.write("/usr/share/doc/not-a-program", "")
    pc.write("/etc/xdg/autostart/cectrust-bridge.desktop", f"[Desktop Entry]\n{lines}\n")
    assert [each.code for each in computer.starts_at_login(pc.around)] == [code]


def test_what_is_examined_on_linux_only_is_never_called_good_elsewhere(
    paired: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    one(smartcards.service(paired.around), "pcsc.unreadable", DOUBTFUL)
    one(smartcards.readers(paired.around), "reader.unreadable", DOUBTFUL)
    one(policies.of_browsers(paired.around), "policy.unexamined", DOUBTFUL)
    one(computer.starts_at_login(paired.around), "autostart.unknown", DOUBTFUL)


def test_a_token_that_cannot_be_read_is_found_beside_one_that_can(
    pc: Computer, two_stores: MakeStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scripted library lies under the real worker's code, as in all tests with scripts."""
    stores = two_stores()
    stores.plug("bad", broken="objects")
    monkeypatch.setattr(tokens, "KeyStore", lambda setting, limits: FakeStore(setting.path, limits, setting.name))
    pc.configure(*((name, store.setting.path) for name, store in stores.stores.items()))
    findings = tokens.present(pc.around)
    among(findings, "token.unreadable", BAD)
    assert "token.absent" not in [each.code for each in findings]
