"""Writes the protocol vectors of PROTOCOL.md. Deterministic: a second run changes no file.

It shares no code with the bridge or the server, so that neither is its own judge. The signed attributes
come from pyHanko, whose encoding the server reproduces.
"""

from __future__ import annotations

import json
from pathlib import Path

from auth_cases import auth_file
from byterange_cases import byterange_file
from ceremony_cases import answer_file, code_file, description_file, removal_file
from ceremony_cases import request_file as pairing_request_file
from csr_cases import csr_file
from key_request_cases import of_keys
from pairing_cases import fleet_file, pairing_file
from request_cases import request_file
from result_cases import key_id_file, results_file
from rpc_cases import rpc_file
from signature_cases import attributes_file, hello_file, result_file

HERE = Path(__file__).parent
FILES = {
    "hello.json": hello_file,
    "result.json": result_file,
    "results.json": results_file,
    "rpc.json": rpc_file,
    "key_id.json": key_id_file,
    "request.json": lambda: request_file(of_keys()),
    "pairing.json": pairing_file,
    "pairing_fleet.json": fleet_file,
    "pairing_code.json": code_file,
    "pairing_description.json": description_file,
    "pairing_request.json": pairing_request_file,
    "pairing_answer.json": answer_file,
    "pairing_removal.json": removal_file,
    "byterange.json": byterange_file,
    "attributes.json": attributes_file,
    "auth.json": auth_file,
    "csr.json": csr_file,
}


def main() -> None:
    for name, build in FILES.items():
        text = json.dumps(build(), ensure_ascii=False, indent=1, sort_keys=True)
        (HERE / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
