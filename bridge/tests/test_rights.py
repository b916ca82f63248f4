"""Who may change a library that would see the PIN: everybody, or the members of a foreign group, are too many."""

from __future__ import annotations

import grp
import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cectrust_bridge.tokens.rights import readable_by_others, writable_by_others

FOREIGN = 65534
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="gives files to other users and groups")


def user_with_a_group_of_his_own() -> pwd.struct_passwd:
    """As distributions make users."""
    for user in pwd.getpwall():
        group = grp.getgrgid(user.pw_gid)
        if user.pw_uid and group.gr_name == user.pw_name and not group.gr_mem:
            return user
    pytest.skip("no user here has a group of his own")


def says(user: pwd.struct_passwd, question: Callable[[Path], bool], path: Path) -> bool:
    """The answer in a process of that user."""
    if (child := os.fork()) == 0:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os._exit(10 + question(path))
    answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert answer in (10, 11)
    return answer == 11


@pytest.fixture
def folder() -> Iterator[Path]:
    """pytest's own folders let nobody in."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("changed", ["folder", "file"])
@pytest.mark.parametrize(
    ("group", "mode", "loose"),
    [
        ("root", 0o775, False),
        ("own", 0o775, False),
        ("foreign", 0o775, True),
        ("foreign", 0o755, False),
        ("own", 0o777, True),
    ],
)
def test_a_group_may_write_only_if_it_is_roots_or_the_users_own(
    folder: Path, changed: str, group: str, mode: int, loose: bool
) -> None:
    user = user_with_a_group_of_his_own()
    place, module = folder / "place", folder / "place" / "module.so"
    place.mkdir()
    module.touch(0o644)
    for each in (place, module):
        os.chown(each, user.pw_uid, {"root": 0, "own": user.pw_gid, "foreign": FOREIGN}[group])
    (place if changed == "folder" else module).chmod(mode)
    assert says(user, writable_by_others, module) is loose


@pytest.mark.parametrize("mode", [0o1775, 0o1777])
def test_in_a_sticky_folder_nobody_replaces_anothers_file(folder: Path, mode: int) -> None:
    user = user_with_a_group_of_his_own()
    module = folder / "module.so"
    module.touch(0o644)
    os.chown(folder, 0, FOREIGN)
    folder.chmod(mode)
    assert not says(user, writable_by_others, module)


@pytest.mark.parametrize(("group", "open_to_others"), [("own", False), ("foreign", True)])
def test_a_foreign_group_that_may_read_is_others(folder: Path, group: str, open_to_others: bool) -> None:
    user = user_with_a_group_of_his_own()
    file = folder / "cert.p12"
    file.touch()
    os.chown(file, user.pw_uid, user.pw_gid if group == "own" else FOREIGN)
    file.chmod(0o640)
    assert says(user, readable_by_others, file) is open_to_others
