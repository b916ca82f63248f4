"""The help page has a sentence of its own for each finding of the bridge that it may be told."""

from __future__ import annotations

import re

from cectrust_bridge.doctor.registry import CHECKS
from cectrust_bridge.doctor.sentences import SENTENCES

from tests.web.support import Browser


def test_every_finding_that_a_page_may_be_told_has_a_sentence_of_the_pages_own_with_the_same_state(
    browser: Browser,
) -> None:
    page = browser.get("/help/bridge").text
    shown = dict(re.findall(r'<template data-finding="([^"]+)" data-state="(\w+)" data-claim>', page))
    told = {check.name for check in CHECKS if check.for_pages} | {"check"}
    assert shown == {code: state for code, (state, *_) in SENTENCES.items() if code.partition(".")[0] in told}
