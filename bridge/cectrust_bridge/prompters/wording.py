"""The words of the windows: Japanese, or English when the user's locale is not Japanese but says English."""

from __future__ import annotations

import os

JAPANESE = {
    "title": "CECTRUST 署名ブリッジ",
    "working": "処理しています。そのままお待ちください。",
    "decline": "取り消す",
    "allow": "見せる",
    "sign": "署名する",
    "give_pin": "PINを渡して署名",
    "list_question": "このページに、トークンと電子証明書の一覧を見せますか。",
    "sign_question": "次の {count} 件の書類に、あなたの電子証明書で署名しますか。",
    "pin_question": "トークン「{token}」のPINを入力してください。",
    "pin_low": "PINの入力間違いが続いています。",
    "pin_final": "PINの入力はあと1回です。間違えるとトークンがロックされます。",
    "type_last": "それでも続けるときは、LAST と入力してください。",
    "claims": "サーバーの申告（確かめていません）",
    "facts": "このブリッジが確かめた事実",
    "asker": "依頼しているページ",
    "certificate": "使う電子証明書",
    "origin": "オリジン",
    "host": "ホスト",
    "server": "登録サーバー",
    "user": "登録の利用者",
    "claim_title": "件名",
    "partner": "取引先",
    "amount": "金額",
    "pages": "ページ数",
    "size": "大きさ（バイト）",
    "sha256": "SHA-256",
    "earlier_signatures": "すでにある署名",
    "subject": "名義人",
    "issuer": "発行者",
    "until": "有効期限",
    "token": "トークン",
    "page": "{page} / {pages} ページ",
    "previous": "前のページ",
    "next": "次のページ",
    "unseen": "最後のページまで表示すると署名できます（未確認 {count} 件）",
}
ENGLISH = {
    "title": "CECTRUST signing bridge",
    "working": "Working. Please wait.",
    "decline": "Cancel",
    "allow": "Allow",
    "sign": "Sign",
    "give_pin": "Use this PIN and sign",
    "list_question": "Let this page see the list of tokens and certificates?",
    "sign_question": "Sign these {count} document(s) with your certificate?",
    "pin_question": "Enter the PIN of the token “{token}”.",
    "pin_low": "Wrong PINs have been entered recently.",
    "pin_final": "One try is left. A wrong PIN locks the token.",
    "type_last": "To go on all the same, type LAST.",
    "claims": "What the server claims (not checked)",
    "facts": "What this bridge checked itself",
    "asker": "The page that asks",
    "certificate": "Certificate to be used",
    "origin": "Origin",
    "host": "Host",
    "server": "Paired server",
    "user": "Paired for",
    "claim_title": "Title",
    "partner": "Partner",
    "amount": "Amount",
    "pages": "Pages",
    "size": "Size (bytes)",
    "sha256": "SHA-256",
    "earlier_signatures": "Signatures inside",
    "subject": "Holder",
    "issuer": "Issuer",
    "until": "Valid until",
    "token": "Token",
    "page": "page {page} / {pages}",
    "previous": "Previous",
    "next": "Next",
    "unseen": "Show each document to its last page to sign ({count} left)",
}


def _is_english() -> bool:
    """LC_ALL, LC_MESSAGES, LANG in that order (POSIX); Japanese unless the first that is set says English."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in named if value), "ja").startswith("en")


WORDS = ENGLISH if _is_english() else JAPANESE
