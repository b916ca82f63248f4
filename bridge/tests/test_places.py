"""Who makes room when all places are taken, with a clock that the test moves."""

from __future__ import annotations

from cectrust_bridge.transport.places import IN_ALL, PATIENCE, PER_ORIGIN, Places

ORIGIN, OTHERS = "https://keiyaku.example.jp", [f"https://{n}.example.jp" for n in range(IN_ALL)]


class Guest:
    def __init__(self, *, greeted: bool = False) -> None:
        self.greeted, self.is_out = greeted, False

    def has_greeted(self) -> bool:
        return self.greeted

    def make_room(self) -> None:
        self.is_out = True


class Hall:
    """Places on a clock of their own."""

    def __init__(self) -> None:
        self.now = 100.0
        self.places = Places(lambda: self.now)

    def fill(self, *, greeted: bool) -> list[Guest]:
        guests = [Guest(greeted=greeted) for _ in range(PER_ORIGIN)]
        assert all(self.places.enter(guest, ORIGIN) for guest in guests)
        return guests


def test_the_longest_silent_makes_room_once_its_patience_is_over() -> None:
    hall = Hall()
    first, *others = hall.fill(greeted=False)
    assert not hall.places.has_room(ORIGIN)
    assert not hall.places.enter(Guest(), ORIGIN)
    hall.now += PATIENCE
    assert hall.places.has_room(ORIGIN)
    assert hall.places.enter(Guest(), ORIGIN)
    assert (first.is_out, [each.is_out for each in others]) == (True, [False] * 3)


def test_who_has_said_hello_keeps_the_place() -> None:
    hall = Hall()
    guests = hall.fill(greeted=True)
    hall.now += 3600
    assert not hall.places.enter(Guest(), ORIGIN)
    guests[2].greeted = False
    assert hall.places.enter(Guest(), ORIGIN)
    assert [each.is_out for each in guests] == [False, False, True, False]


def test_a_newcomer_is_not_pushed_out_by_the_next_one() -> None:
    hall = Hall()
    hall.fill(greeted=False)
    hall.now += PATIENCE
    newcomers = [Guest() for _ in range(PER_ORIGIN)]
    assert all(hall.places.enter(each, ORIGIN) for each in newcomers)
    assert not hall.places.enter(Guest(), ORIGIN)
    assert [each.is_out for each in newcomers] == [False] * PER_ORIGIN


def test_when_the_whole_house_is_full_any_silent_one_makes_room() -> None:
    hall = Hall()
    strangers = [Guest() for _ in OTHERS]
    assert all(hall.places.enter(guest, origin) for guest, origin in zip(strangers, OTHERS, strict=True))
    assert not hall.places.enter(Guest(), ORIGIN)
    hall.now += PATIENCE
    assert hall.places.enter(Guest(), ORIGIN)
    assert strangers[0].is_out


def test_a_place_is_free_again_when_its_page_leaves() -> None:
    hall = Hall()
    guests = hall.fill(greeted=True)
    hall.places.leave(guests[0])
    assert hall.places.enter(Guest(), ORIGIN)
    hall.places.leave(guests[0])  # once more does no harm
    assert not hall.places.enter(Guest(), ORIGIN)
