"""Rule (f): what a hostile document can do to us through its parser. Real processes, real kernel limits."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cectrust.parsing import Limits, ParserPool, ParserStopped
from cectrust.parsing.landlock import version
from cectrust.parsing.limits import apply_limits
from cectrust.sdk.errors import InputRefused
from tests.parsing import hostile

FREE = Limits()
SHORT = Limits(seconds=0.5)
needs_landlock = pytest.mark.skipif(version() < 1, reason="this kernel has no Landlock")


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    pool = ParserPool(["tests.parsing.hostile"], workers=2)
    yield pool
    pool.close()


def test_a_result_comes_back_with_its_type(pool: ParserPool) -> None:
    assert pool.run(hostile.double, FREE, 21) == 42


def test_every_task_has_a_process_of_its_own(pool: ParserPool) -> None:
    ids = {pool.run(hostile.process_id, FREE) for _ in range(3)}
    assert len(ids) == 3
    assert os.getpid() not in ids


def test_an_error_of_our_tree_comes_back_as_itself(pool: ParserPool) -> None:
    with pytest.raises(InputRefused) as refused:
        pool.run(hostile.refuse, FREE, "悪い言葉")
    assert refused.value.code == "bad_word"
    assert refused.value.ja == "悪い言葉は使えません。"


def test_a_parser_cannot_reach_the_network(pool: ParserPool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert hostile.connect(port) == "connected"
        assert pool.run(hostile.connect, FREE, port) == "PermissionError"


def test_a_parser_cannot_start_programs(pool: ParserPool) -> None:
    assert pool.run(hostile.start_program, FREE) == "PermissionError"


@pytest.mark.parametrize("function", [hostile.spin, hostile.sleep_long])
def test_a_parser_that_never_ends_is_ended(pool: ParserPool, function: object) -> None:
    with pytest.raises(ParserStopped):
        pool.run(function, SHORT)  # type: ignore[arg-type]


def test_who_sends_a_file_is_not_told_that_it_is_to_blame(pool: ParserPool) -> None:
    with pytest.raises(ParserStopped) as late:
        pool.run(hostile.sleep_long, SHORT)
    with pytest.raises(ParserStopped) as crashed:
        pool.run(hostile.crash, FREE)
    assert (late.value.code, crashed.value.code) == ("parser_late", "parser_stopped")
    for stopped in (late.value, crashed.value):
        assert "ファイルに問題があるとは限りません" in stopped.ja
        assert "もう一度" in stopped.ja
        assert "may be in order" in stopped.en
        assert "細工" not in stopped.ja


def test_a_parser_that_takes_too_much_memory_is_ended(pool: ParserPool) -> None:
    small = Limits(memory=64 << 20)
    assert pool.run(hostile.eat_memory, small, 1 << 20) == 1 << 20
    with pytest.raises(ParserStopped):
        pool.run(hostile.eat_memory, small, 128 << 20)


@pytest.mark.parametrize("function", [hostile.crash, hostile.unexpected, hostile.lie])
def test_a_parser_that_crashes_or_lies_is_an_error_of_ours(pool: ParserPool, function: object) -> None:
    with pytest.raises(ParserStopped):
        pool.run(function, FREE)  # type: ignore[arg-type]


def test_a_parser_cannot_answer_without_end(pool: ParserPool) -> None:
    with pytest.raises(ParserStopped):
        pool.run(hostile.talk, Limits(answer=1000), 2000)


def test_a_parser_writes_files_only_up_to_its_limit(pool: ParserPool, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert pool.run(hostile.write_file, Limits(written=100), target, 100) == 100
    with pytest.raises(ParserStopped):
        pool.run(hostile.write_file, Limits(written=100), target, 101)
    with pytest.raises(ParserStopped):
        pool.run(hostile.write_file, FREE, tmp_path / "other", 1)


@pytest.mark.parametrize(
    "act", [hostile.unlink, hostile.rename, hostile.kill, hostile.fork, hostile.disarm, hostile.raise_limit]
)
def test_a_parser_reaches_no_file_s_name_no_process_and_no_limit(
    pool: ParserPool, tmp_path: Path, act: Callable[[Path, str], str]
) -> None:
    victim = tmp_path / "original.pdf"
    victim.write_bytes(b"kept")
    assert pool.run(act, FREE, tmp_path / "own.pdf", str(victim)) in {"PermissionError", "ValueError", "itimer_error"}
    assert victim.read_bytes() == b"kept"


@needs_landlock
@pytest.mark.parametrize("act", [hostile.read_another, hostile.overwrite])
def test_a_parser_has_no_file_but_those_of_its_task(
    pool: ParserPool, tmp_path: Path, act: Callable[[Path, str], str]
) -> None:
    victim = tmp_path / "original.pdf"
    victim.write_bytes(b"kept")
    assert pool.run(act, Limits(written=100), tmp_path / "own.pdf", str(victim)) == "PermissionError"
    assert victim.read_bytes() == b"kept"


def test_a_parser_reads_what_it_is_given(pool: ParserPool, tmp_path: Path) -> None:
    given = tmp_path / "given.pdf"
    given.write_bytes(b"read")
    assert pool.run(hostile.read_given, FREE, given) == b"read"


def test_only_functions_of_the_named_modules_can_be_called(pool: ParserPool) -> None:
    with pytest.raises(ParserStopped):
        pool.run(apply_limits, FREE, FREE)


def test_threads_share_one_pool(pool: ParserPool) -> None:
    results: list[int] = []

    def task(number: int) -> None:
        results.append(pool.run(hostile.double, FREE, number))

    threads = [threading.Thread(target=task, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 2, 4, 6, 8, 10, 12, 14]


def test_a_dead_warm_process_is_replaced() -> None:
    pool = ParserPool(["tests.parsing.hostile"])
    assert pool.run(hostile.double, FREE, 1) == 2
    assert pool._process is not None
    pool._process.kill()
    pool._process.wait()
    assert pool.run(hostile.double, FREE, 2) == 4
    pool.close()
