"""Figures that tests measure: kept as JSON in the folder that `TEST_FIGURES` names, where passing tests show them.

``python -m bridge.tests.figures FOLDER`` prints what a folder holds, a table for each kind of figure.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

Figure = str | int | float
VARIABLE = "TEST_FIGURES"


def note(kind: str, name: str, figures: Mapping[str, Figure]) -> None:
    """Print them, and keep them as `KIND-NAME.json` where a folder is named."""
    sys.stdout.write(f"{kind} {name} {json.dumps(figures, ensure_ascii=False)}\n")
    if folder := os.environ.get(VARIABLE):
        Path(folder).mkdir(parents=True, exist_ok=True)
        path = Path(folder) / f"{kind}-{name.replace('/', '_').replace(' ', '_')}.json"
        path.write_text(
            json.dumps({"kind": kind, "name": name, **figures}, ensure_ascii=False) + "\n", encoding="utf-8"
        )


def table(folder: Path) -> str:
    """Everything that a folder holds, by kind, one line for each name."""
    kinds: dict[str, list[dict[str, Figure]]] = {}
    for path in sorted(folder.glob("*.json")):
        figures = json.loads(path.read_text(encoding="utf-8"))
        kinds.setdefault(figures.pop("kind"), []).append(figures)
    return "\n".join(_of_kind(kind, rows) for kind, rows in kinds.items())


def _of_kind(kind: str, rows: list[dict[str, Figure]]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [columns, *([_said(row.get(column, "")) for column in columns] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([f"{kind}:", *lines, ""])


def _said(figure: Figure) -> str:
    return f"{figure:,}" if isinstance(figure, int) else str(figure)


if __name__ == "__main__":
    sys.stdout.write(table(Path(sys.argv[1])))
