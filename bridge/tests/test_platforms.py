"""Other systems, as far as they can be tried on this one: nothing of theirs has run where it belongs."""

from __future__ import annotations

import ctypes
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cectrust_bridge.platforms import NotHereYet
from cectrust_bridge.transport import peer_macos, peer_windows

PEER, OWN, OTHER = 50123, 48710, 48711
USER, STRANGER = 501, 502
# What only Unix has, taken away before anything of the bridge is imported; the platform's name changes after it,
# because the standard library reads it, too.
ELSEWHERE = """
import signal, sys
for name in ("fcntl", "resource", "termios", "pwd", "grp", "tty", "pty"):
    sys.modules[name] = None
del signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP
import cectrust_bridge.cli
import cectrust_bridge.prompters.terminal, cectrust_bridge.windows.prompt, cectrust_bridge.windows.main_window
sys.platform = "win32"
cectrust_bridge.cli.main(sys.argv[1:])
"""


def elsewhere(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", ELSEWHERE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("command", [["run"], ["run", "--check"], ["identity"]])
def test_where_no_bridge_can_serve_one_sentence_says_so_and_nothing_is_begun(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    ended = elsewhere(*command)
    assert ended.returncode == 1
    assert ended.stderr == f"cectrust-bridge: {NotHereYet.ja} {NotHereYet.en}\n"
    assert list(tmp_path.iterdir()) == []


def test_here_a_bridge_can_serve() -> None:
    command = [sys.executable, "-m", "cectrust_bridge", "run", "--check"]
    assert subprocess.run(command, check=False, timeout=60).returncode == 0


def test_a_program_without_console_has_where_to_write() -> None:
    code = (
        "import sys; sys.stdout = sys.stderr = None; sys.argv = ['bridge', 'run', '--check']\n"
        "from cectrust_bridge.__main__ import main; main(); sys.stderr.write('lost'); sys.stdout.flush()"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


# macOS: the records as XNU's headers declare them, so that offsets come from the declarations, not from what is tested.


class Packed(ctypes.LittleEndianStructure):
    _pack_ = 4

    def padded(self) -> bytes:
        octets = bytes(self)
        return octets + bytes(-len(octets) % 8)


class Inpcb(Packed):
    """struct xinpcb_n; addresses as struct in_addr_4in6."""

    _pack_ = 4
    _fields_ = (
        ("xi_len", ctypes.c_uint32),
        ("xi_kind", ctypes.c_uint32),
        ("xi_inpp", ctypes.c_uint64),
        ("inp_fport", ctypes.c_uint16),
        ("inp_lport", ctypes.c_uint16),
        ("inp_ppcb", ctypes.c_uint64),
        ("inp_gencnt", ctypes.c_uint64),
        ("inp_flags", ctypes.c_int32),
        ("inp_flow", ctypes.c_uint32),
        ("inp_vflag", ctypes.c_uint8),
        ("inp_ip_ttl", ctypes.c_uint8),
        ("inp_ip_p", ctypes.c_uint8),
        ("foreign_pad", ctypes.c_uint32 * 3),
        ("foreign", ctypes.c_uint8 * 4),
        ("local_pad", ctypes.c_uint32 * 3),
        ("local", ctypes.c_uint8 * 4),
        ("inp4_ip_tos", ctypes.c_uint8),
        ("inp6_hlim", ctypes.c_uint8),
        ("inp6_cksum", ctypes.c_int32),
        ("inp6_ifindex", ctypes.c_uint16),
        ("inp6_hops", ctypes.c_int16),
        ("inp_flowhash", ctypes.c_uint32),
        ("inp_flags2", ctypes.c_uint32),
    )


class Socket(Packed):
    """struct xsocket_n."""

    _pack_ = 4
    _fields_ = (
        ("xso_len", ctypes.c_uint32),
        ("xso_kind", ctypes.c_uint32),
        ("xso_so", ctypes.c_uint64),
        ("so_type", ctypes.c_int16),
        ("so_options", ctypes.c_uint32),
        ("so_linger", ctypes.c_int16),
        ("so_state", ctypes.c_int16),
        ("so_pcb", ctypes.c_uint64),
        ("xso_protocol", ctypes.c_int32),
        ("xso_family", ctypes.c_int32),
        ("so_qlen", ctypes.c_int16),
        ("so_incqlen", ctypes.c_int16),
        ("so_qlimit", ctypes.c_int16),
        ("so_timeo", ctypes.c_int16),
        ("so_error", ctypes.c_uint16),
        ("so_pgid", ctypes.c_int32),
        ("so_oobmark", ctypes.c_uint32),
        ("so_uid", ctypes.c_uint32),
        ("so_last_pid", ctypes.c_int32),
        ("so_e_pid", ctypes.c_int32),
    )


class Tcpcb(Packed):
    """struct xtcpcb_n, its first members; the rest as octets."""

    _pack_ = 4
    _fields_ = (
        ("xt_len", ctypes.c_uint32),
        ("xt_kind", ctypes.c_uint32),
        ("t_segq", ctypes.c_uint64),
        ("t_dupacks", ctypes.c_int32),
        ("t_timer", ctypes.c_int32 * 4),
        ("t_state", ctypes.c_int32),
        ("rest", ctypes.c_uint8 * 164),
    )


class Buffer(Packed):
    """struct xsockbuf_n: of no interest, and in between."""

    _pack_ = 4
    _fields_ = (("xsb_len", ctypes.c_uint32), ("xsb_kind", ctypes.c_uint32), ("rest", ctypes.c_uint8 * 24))


LOOPBACK = (127, 0, 0, 1)


def mac_socket(
    local: int, foreign: int, user: int, *, state: int = 4, host: tuple[int, ...] = LOOPBACK, vflag: int = 1
) -> bytes:
    """All records of one socket, in the kernel's order."""
    address = ctypes.c_uint8 * 4
    inpcb = Inpcb(ctypes.sizeof(Inpcb), 0x10, inp_fport=socket.htons(foreign), inp_lport=socket.htons(local))
    inpcb.inp_vflag, inpcb.foreign, inpcb.local = vflag, address(*host), address(*LOOPBACK)
    records = [
        inpcb,
        Socket(ctypes.sizeof(Socket), 0x01, so_uid=user, so_last_pid=77),
        Buffer(ctypes.sizeof(Buffer), 0x02),
        Buffer(ctypes.sizeof(Buffer), 0x04),
        Tcpcb(ctypes.sizeof(Tcpcb), 0x20, t_state=state),
    ]
    return b"".join(record.padded() for record in records)


def mac_list(*sockets: bytes) -> bytes:
    head = (24).to_bytes(4, "little") + len(sockets).to_bytes(4, "little") + bytes(16)
    return head + b"".join(sockets) + head


def test_macos_names_the_owner_of_the_peers_end_and_of_no_other_socket() -> None:
    ours = mac_socket(OWN, PEER, STRANGER)  # the bridge's own end of it
    other = mac_socket(PEER, OTHER, STRANGER)
    assert peer_macos.owner(mac_list(other, ours, mac_socket(PEER, OWN, USER), other), PEER, OWN) == USER
    assert peer_macos.owner(mac_list(other, ours), PEER, OWN) is None


@pytest.mark.parametrize(
    "wrong",
    [
        mac_socket(PEER, OWN, USER, state=10),
        mac_socket(PEER, OWN, USER, host=(192, 168, 0, 7)),
        mac_socket(PEER, OWN, USER, vflag=2),
    ],
    ids=["TIME_WAIT", "another host", "IPv6"],
)
def test_macos_what_is_no_established_loopback_socket_counts_for_nothing(wrong: bytes) -> None:
    assert peer_macos.owner(mac_list(wrong), PEER, OWN) is None


def test_macos_a_list_cut_off_or_garbled_anywhere_is_never_an_error_nor_somebody_else() -> None:
    whole = mac_list(mac_socket(PEER, OTHER, STRANGER), mac_socket(PEER, OWN, USER))
    for length in range(len(whole)):
        assert peer_macos.owner(whole[:length], PEER, OWN) in (None, USER)
    for position in range(len(whole)):
        garbled = whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :]
        peer_macos.owner(garbled, PEER, OWN)


# Windows.


class Row(ctypes.LittleEndianStructure):
    """MIB_TCPROW_OWNER_PID."""

    _fields_ = (
        ("dwState", ctypes.c_uint32),
        ("dwLocalAddr", ctypes.c_uint8 * 4),
        ("dwLocalPort", ctypes.c_uint32),
        ("dwRemoteAddr", ctypes.c_uint8 * 4),
        ("dwRemotePort", ctypes.c_uint32),
        ("dwOwningPid", ctypes.c_uint32),
    )


def row(
    local: int, foreign: int, process: int, *, state: int = 5, host: tuple[int, ...] = LOOPBACK, above: int = 0
) -> bytes:
    address = ctypes.c_uint8 * 4
    ports = [socket.htons(port) | above << 16 for port in (local, foreign)]
    return bytes(Row(state, address(*LOOPBACK), ports[0], address(*host), ports[1], process))


def windows_table(*rows: bytes) -> bytes:
    return len(rows).to_bytes(4, "little") + b"".join(rows)


def test_windows_names_the_process_of_the_peers_end_and_of_no_other_socket() -> None:
    others = (row(OWN, PEER, 8), row(PEER, OTHER, 9), row(0, 0, 4, state=2))
    assert peer_windows.owning_process(windows_table(*others, row(PEER, OWN, 4242, above=0xBEEF)), PEER, OWN) == 4242
    assert peer_windows.owning_process(windows_table(*others), PEER, OWN) is None
    for wrong in (row(PEER, OWN, 7, state=11), row(PEER, OWN, 7, host=(192, 168, 0, 7))):
        assert peer_windows.owning_process(windows_table(wrong), PEER, OWN) is None


def test_windows_a_table_cut_off_is_never_an_error_nor_somebody_else() -> None:
    whole = windows_table(row(PEER, OTHER, 9), row(PEER, OWN, 4242))
    assert {peer_windows.owning_process(whole[:length], PEER, OWN) for length in range(len(whole))} == {None}
    assert peer_windows.owning_process((0xFFFFFFFF).to_bytes(4, "little") + whole[4:], PEER, OWN) == 4242


# S-1-5-21-1-2-3-1001 and S-1-5-18: revision, count, authority (big-endian), numbers.
PERSON = bytes((1, 5)) + (5).to_bytes(6, "big") + b"".join(n.to_bytes(4, "little") for n in (21, 1, 2, 3, 1001))
SYSTEM = bytes((1, 1)) + (5).to_bytes(6, "big") + (18).to_bytes(4, "little")


@pytest.mark.parametrize("who", [PERSON, SYSTEM], ids=["person", "SYSTEM"])
def test_windows_the_sid_of_a_token_is_read_where_its_pointer_says(who: bytes) -> None:
    address = 0x7FF6_1234_0000
    token = (address + 16).to_bytes(8, "little") + bytes(8) + who + bytes(100)
    assert peer_windows.sid(token, address, 8) == who
    for length in range(16 + len(who)):
        assert peer_windows.sid(token[:length], address, 8) is None
    for pointer in (0, address, address + len(token), address - 8):
        assert peer_windows.sid(pointer.to_bytes(8, "little") + token[8:], address, 8) is None
