"""Each finding by its real cause: what stands on the computer, in its configuration and on its ports."""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import platform
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from bridge_house import House
from cectrust_bridge.doctor import computer, ports, registry, report, servers
from cectrust_bridge.doctor.finding import Finding, State, found
from cectrust_bridge.doctor.registry import Check
from cectrust_bridge.doctor.sentences import SENTENCES
from cectrust_bridge.doctor.surroundings import Surroundings
from doctor_house import Computer, one
from driver import Server
from running import free_port

GOOD, DOUBTFUL, BAD = State.GOOD, State.DOUBTFUL, State.BAD


@pytest.mark.parametrize("code", SENTENCES)
def test_every_finding_speaks_both_languages_and_says_what_to_do_about_what_is_bad(code: str) -> None:
    state, ja, en, do_ja, do_en = SENTENCES[code]
    assert ja
    assert en
    assert bool(do_ja) == bool(do_en)
    assert any("\u3040" <= character <= "\u9fff" for character in ja)
    assert do_ja or State(state) is not BAD


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        ('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n', "os.supported", GOOD),
        ("ID=ubuntu\nVERSION_ID=22.04\n", "os.supported", GOOD),
        ("ID=debian\nVERSION_ID=11\n", "os.old", BAD),
        ("ID=debian\nPRETTY_NAME=trixie/sid\n", "os.old", BAD),
        ("ID=gentoo\nPRETTY_NAME=Gentoo\n", "os.untried", DOUBTFUL),
        ("\x00\u202eID", "os.untried", DOUBTFUL),
    ],
)
def test_the_operating_system_is_looked_up_in_a_dated_list(pc: Computer, text: str, code: str, state: State) -> None:
    pc.write("/etc/os-release", text)
    one(computer.operating_system(pc.around), code, state)


def test_a_screen_is_measured_where_there_is_one(pc: Computer, tmp_path: Path, display: str) -> None:
    one(computer.screen(pc.around), "screen.none", DOUBTFUL)
    previous = os.environ.get("DISPLAY")
    os.environ["DISPLAY"] = display
    try:
        seen = computer.screen(Computer(tmp_path / "other", DISPLAY=display).around)
    finally:
        os.environ.pop("DISPLAY") if previous is None else os.environ.update(DISPLAY=previous)
    assert one(seen, "screen.enough", GOOD).facts == {"width": 1280, "height": 900}


def test_a_wrong_configuration_is_named_and_hides_nothing_else(pc: Computer) -> None:
    pc.configure(more="consent_seconds = 0\n")
    one(computer.configuration(pc.around), "config.broken", BAD)
    codes = [finding.code for finding in asyncio.run(registry.for_page(pc.around))]
    assert "config.broken" in codes
    assert "pairing.none" in codes


def test_a_running_bridge_is_found_on_its_port_and_not_after_it_has_stopped(own_house: House, pc: Computer) -> None:
    around = replace(pc.around, ports=[own_house.bridge.port, free_port()])
    finding = one(ports.listening(around), "port.listening", GOOD)
    assert finding.facts["port"] == own_house.bridge.port
    own_house.bridge.process.terminate()
    own_house.bridge.process.wait(20)
    one(ports.listening(around), "port.stopped", BAD)


class Squatter(http.server.BaseHTTPRequestHandler):
    """Answers as a page would like a bridge to: by 403, but with words."""

    def do_GET(self) -> None:
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_a_program_on_a_port_of_the_bridge_is_told_from_a_bridge_and_named(own_house: House, pc: Computer) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Squatter) as squatter:
        threading.Thread(target=squatter.serve_forever, daemon=True).start()
        taken = [squatter.server_address[1], silent.getsockname()[1]]
        finding = one(ports.listening(replace(pc.around, ports=taken)), "port.taken", BAD)
        assert Path("/proc/self/comm").read_text().strip() in finding.ja
        both = replace(pc.around, ports=[taken[0], own_house.bridge.port])
        assert one(ports.listening(both), "port.squatted", DOUBTFUL).facts["port"] == own_house.bridge.port
        squatter.shutdown()
    silent.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a process of another user")
def test_another_users_program_is_not_looked_into() -> None:
    port = free_port()
    listen = f"kept = socket.create_server(('127.0.0.1', {port}))"
    code = f"import os, socket; os.setuid(65534); {listen}; print(1, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        [holder] = ports.holders([port])
        other.communicate(b"\n")
    assert (holder.user, holder.name) == (65534, ports.OTHER_USER)


def test_pairings_are_counted_and_a_wrong_file_is_named(paired: Computer, tmp_path: Path) -> None:
    one(servers.pairings(paired.around), "pairing.some", GOOD)
    one(servers.pairings(Computer(tmp_path / "fresh").around), "pairing.none", BAD)
    (paired.profile.folder / "servers" / "two.json").write_text("{")
    finding = one(servers.pairings(paired.around), "pairing.broken", BAD)
    assert "two.json" in finding.en


def test_a_proxy_of_the_environment_is_named_because_it_is_not_used(tmp_path: Path) -> None:
    one(servers.proxy(Computer(tmp_path / "a").around), "proxy.direct", GOOD)
    behind = Computer(tmp_path / "b", HTTPS_PROXY="http://user:geheim@proxy:8080")
    assert "geheim" not in str(one(servers.proxy(behind.around), "proxy.unused", DOUBTFUL))
    behind.configure(more='[network]\nproxy = "proxy:8080"\n')
    one(servers.proxy(behind.around), "proxy.set", GOOD)


def test_a_check_that_hangs_or_stumbles_holds_up_nobody(pc: Computer) -> None:
    never = threading.Event()

    def hanging(_: Surroundings) -> list[Finding]:
        never.wait()
        return []

    def stumbling(_: Surroundings) -> list[Finding]:
        raise OSError("/home/yamada/secret")

    def quick(_: Surroundings) -> list[Finding]:
        return [found("proxy.direct")]

    looks: list[Callable[[Surroundings], list[Finding]]] = [hanging, stumbling, quick]
    findings = registry.examine(pc.around, [Check(look.__name__, look, 1) for look in looks])
    never.set()
    assert [finding.code for finding in findings] == ["check.late", "check.failed", "proxy.direct"]
    assert "yamada" not in str(findings)


def test_what_names_the_user_is_taken_out_of_texts_and_facts_but_never_out_of_codes(
    pc: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "port")
    path = f"{pc.home}/lib/port/{platform.node()}/ports.so"
    [told] = report.harmless([found("module.missing", name="x", path=path)], pc.around)
    assert told["facts"]["path"] == "~/lib/‹user›/‹computer›/ports.so"
    assert "~/lib/‹user›" in told["en"]
    [told] = report.harmless([found("port.stopped")], pc.around)
    assert told["code"] == "port.stopped"


def test_a_page_hears_of_its_own_server_only_and_of_no_token(own_house: House) -> None:
    other = Server({"bridge_id": "x", "jwk": {}}, "https://other.example.jp").pairing()
    (own_house.bridge.profile / "servers" / "other.json").write_text(json.dumps(other))
    page = own_house.page()
    page.hello()
    told = page.call("env.check")["findings"]
    page.close()
    assert "other.example.jp" not in str(told)
    assert {each["code"].partition(".")[0] for each in told} >= {"os", "version", "pairing", "module", "pcsc"}
    assert not {each["code"].partition(".")[0] for each in told} & {"token", "certificate", "server", "signature"}
    assert set(told[0]) == {"code", "state", "ja", "en", "do_ja", "do_en", "facts"}
