"""Who takes part: fictitious, with names that programs stumble over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Participant:
    """One company with one user ID, its company ID, and the person who signs."""

    key: str
    """Folder and login prefix: ``a`` or ``b``."""
    company: str
    department: str
    person: str
    romanised: str
    key_kind: str
    """As ``cectrust cecsign issue --kind`` says it."""
    bridge_port: int

    @property
    def user_login(self) -> str:
        return f"user-{self.key}"

    @property
    def company_login(self) -> str:
        return f"company-{self.key}"

    @property
    def user_mail(self) -> str:
        return f"{self.user_login}@example.jp"

    @property
    def company_mail(self) -> str:
        return f"{self.company_login}@example.jp"


PARTICIPANTS = (
    Participant(
        "a",
        "株式会社山田太郎建設工業北海道東北支店営業第一部",
        "営業第一部",
        "山田 太郎",
        "Yamada Taro",
        "rsa2048",
        48710,
    ),
    Participant("b", "株式会社北辰建設工業 関東支店", "購買部", "髙﨑 𠮷乃", "Takasaki Yoshino", "p256", 48711),
)
