"""The whole journey on a fresh instance, by itself.

``make demo-unattended OUT=DIR [CONTRACT=FILE.pdf] [BROWSERS=chromium,firefox]``
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.e2e.journey import LOG_KEY, Journey, travel
from tests.e2e.opening import KINDS, browsers
from tests.e2e.running import Running, running

DOCUMENT = Path(__file__).parents[1] / "fixtures" / "pdf" / "weasyprint.pdf"


def main() -> int:
    """Exit 0 only if all of it held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--contract", type=Path, default=DOCUMENT)
    parser.add_argument("--browsers", type=browser_kinds, default=browser_kinds("chromium"), metavar="A[,B]")
    options = parser.parse_args()
    out = options.out.resolve()
    (out / "screens").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cectrust-demo-") as root, running(Path(root)) as server:
        with browsers(server, out / "screens", options.browsers) as office:
            journey = travel(server, options.contract.resolve(), out, office)
        shutil.copytree(server.layout.roots, out / "roots", dirs_exist_ok=True)
        doctor = subprocess.run(
            [sys.executable, "-m", "cectrust", "doctor", "--deep"], env=server.layout.environment, check=False
        )
        verdict = judge(out)
        facts = {"browsers": options.browsers, "verdict": verdict, "doctor_deep_exit": doctor.returncode}
        summarise(journey, server, facts)
    held = verdict["verdict"] == "TOTAL_PASSED" and verdict.get("receipt") == "confirmed" and doctor.returncode == 0
    print((out / "summary.json").read_text())
    return 0 if held else 1


def browser_kinds(text: str) -> dict[str, str]:
    """`chromium,firefox`: who sits at which browser; one name is for both."""
    names = text.split(",")
    if len(names) > 2 or not set(names) <= set(KINDS):
        raise argparse.ArgumentTypeError(f"one or two of {', '.join(KINDS)}")
    return {"a": names[0], "b": names[-1]}


def judge(out: Path) -> dict[str, object]:
    """``cectrust verify`` with the roots and the receipt, as a third party would run it."""
    command = [sys.executable, "-m", "cectrust", "verify", str(out / "contract.pdf"), "--json"]
    for root in sorted((out / "roots").glob("*.pem")):
        command += ["--trust", str(root)]
    command += ["--receipt", str(out / "receipt.json"), "--log-key", (out / LOG_KEY).read_text().strip()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        return {"verdict": "none", "error": done.stderr[-2000:]}
    judged: dict[str, object] = json.loads(done.stdout)
    return judged


def summarise(journey: Journey, server: Running, found: dict[str, object]) -> None:
    summary = found | {
        "milliseconds": journey.milliseconds,
        "server_milliseconds": journey.server_milliseconds,
        "server_milliseconds_total": sum(journey.server_milliseconds.values()),
        "mails": len(server.mails()),
        "tokens": {key: facts["person"] for key, facts in server.people.items()},
        "bridges": {key: terminal.program for key, terminal in server.terminals.items()},
    }
    (journey.out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    sys.exit(main())
