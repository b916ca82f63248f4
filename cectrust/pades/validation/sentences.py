"""What a verdict says to a contract clerk. One place, so that the wording is read as a whole."""

from __future__ import annotations

from cectrust.pades.model import Reason

_SENTENCES: dict[str, tuple[str, str]] = {
    "valid": (
        "すべての電子署名は有効で、署名後に文書は変更されていません。",
        "Every signature is valid and the document was not changed after signing.",
    ),
    "valid_signature": (
        "この電子署名は有効で、署名後に文書は変更されていません。",
        "This signature is valid and the document was not changed after it.",
    ),
    "no_signature": (
        "このPDFには電子署名がありません。契約書として確定した文書かどうかは判断できません。",
        "The PDF holds no signature, so nothing can be said about it.",
    ),
    "not_pdf": (
        "PDFとして読み取れないファイルです。電子署名を確認できません。",
        "The file can't be read as a PDF.",
    ),
    "broken": (
        "PDFの構造が壊れているか、規格に反する細工があります。この文書を契約書として扱わないでください。",
        "The structure of the PDF is damaged or tampered with; don't rely on it.",
    ),
    "hash_mismatch": (
        "署名された範囲の内容が署名後に書き換えられています。この文書は改ざんされています。",
        "Bytes inside the signed range were changed after signing: the document was tampered with.",
    ),
    "signature_wrong": (
        "電子署名の値が正しくありません。署名が偽造されたか、壊れています。",
        "The signature value is wrong: forged or damaged.",
    ),
    "signature_unreadable": (
        "電子署名のデータが壊れているか、規格に反しています。",
        "The signature data is damaged or breaks the standard.",
    ),
    "byte_range": (
        "電子署名が文書の一部しか対象にしていません。署名の範囲が細工されています。",
        "The signature leaves out parts of its revision: its byte range was tampered with.",
    ),
    "appended": (
        "最後の電子署名・タイムスタンプの後に内容が追加されています。追加された部分は誰も署名していません。",
        "Something was appended after the last signature or timestamp that nobody signed.",
    ),
    "changed_after_signing": (
        "署名の後に、電子署名・検証情報・タイムスタンプ以外の変更が加えられています。",
        "After this signature something other than signatures, validation data or timestamps was changed.",
    ),
    "looks_different": (
        "署名した時点の表示と現在の表示が異なります。署名した人が見た文書ではありません。",
        "The document looks different from what was signed.",
    ),
    "text_different": (
        "署名した時点の文章と現在の文章が異なります。署名した人が読んだ文書ではありません。",
        "The text differs from what was signed.",
    ),
    "signature_removed": (
        "電子署名が取り除かれた跡があります。この文書は改ざんされています。",
        "A signature was removed from this document.",
    ),
    "signature_traces": (
        "この文書の署名欄にない電子署名の跡が見つかりました。署名済みのPDFなどが埋め込まれているためか、電子署名が取り除かれたためかを"
        "区別できないので、判定できません。作成した人に、埋め込みのない文書をもらってください。",
        "There are traces of a signature that is in none of this document's fields. Whether another signed file "
        "is embedded or a signature was removed can't be told apart; ask its maker for one without embedded files.",
    ),
    "incomplete": (
        "署名されていない署名欄が残っています。締結前の途中の版です。",
        "Signature fields are still empty: an earlier revision, not the concluded contract.",
    ),
    "cut_back": (
        "締結時にあった電子署名が欠けています。途中の版に切り戻された文書です。",
        "Signatures that the concluded contract holds are missing: the file was cut back.",
    ),
    "not_the_concluded": (
        "原本として保管された文書と内容が一致しません。",
        "The file is not the document that was concluded and archived.",
    ),
    "untrusted": (
        "署名者の電子証明書を、登録された認証局まで確認できません。認証局の証明書を登録して検証し直してください。",
        "The signer's certificate doesn't chain to a configured trust anchor.",
    ),
    "no_revocation": (
        "電子証明書が失効していないことを確認する情報が足りません。",
        "Revocation data is missing or too old.",
    ),
    "revoked": (
        "署名に使われた電子証明書は失効しています。署名が失効前に行われたことを確認できません。",
        "The signer's certificate is revoked and nothing proves that the signature is older.",
    ),
    "expired": (
        "電子証明書の有効期間内に署名されたことを確認できません。",
        "Nothing proves that the signature was made while the certificate was valid.",
    ),
    "weak": (
        "古く安全でない暗号方式（SHA-1、2048ビット未満のRSA等）で署名されています。",
        "The signature uses an algorithm or key that is no longer safe.",
    ),
    "timestamp_untrusted": (
        "タイムスタンプを、登録された時刻認証局まで確認できません。",
        "The timestamp doesn't chain to a configured time-stamping authority.",
    ),
    "timestamp_wrong": (
        "タイムスタンプの値が正しくありません。文書が書き換えられたか、タイムスタンプが壊れています。",
        "The timestamp is wrong: changed document or damaged timestamp.",
    ),
    "timestamp_ahead": (
        "タイムスタンプの時刻が、検証に使った時計より先の時刻です。時計が遅れているか、時刻認証局の時刻が進んでいるため、"
        "まだ判定できません。時計（日付・時刻・時差）を合わせてから、もう一度検証してください。",
        "The timestamp's time is ahead of the clock that was used here: either this clock is slow or the authority's "
        "is fast, so nothing is decided yet. Set the clock (date, time, time zone) and verify again.",
    ),
    "indeterminate": (
        "電子署名が有効かどうかを判断するための情報が足りません。",
        "There isn't enough information to judge this signature.",
    ),
    "parser_stopped": (
        "このファイルの解析が、制限（時間・メモリ）に達したか、途中で止まったため、有効か無効かを判定できませんでした。"
        "しばらくしてから、もう一度検証してください。くり返す場合は、壊れているか、細工されたファイルの可能性があります。",
        "Parsing stopped or reached its limits of time or memory, so that nothing was judged. Try again later; if it "
        "happens again the file may be damaged or malicious.",
    ),
}


def reason(code: str, subject: str = "") -> Reason:
    """Return the sentence for `code`, headed by whom or what it is about."""
    ja, en = _SENTENCES[code]
    return Reason(code, f"{subject}：{ja}" if subject else ja, f"{subject}: {en}" if subject else en)


_SUB_INDICATIONS = {
    "HASH_FAILURE": "hash_mismatch",
    "SIG_CRYPTO_FAILURE": "signature_wrong",
    "FORMAT_FAILURE": "signature_unreadable",
    "NO_CERTIFICATE_CHAIN_FOUND": "untrusted",
    "CHAIN_CONSTRAINTS_FAILURE": "untrusted",
    "NO_SIGNING_CERTIFICATE_FOUND": "signature_unreadable",
    "CERTIFICATE_CHAIN_GENERAL_FAILURE": "no_revocation",
    "TRY_LATER": "no_revocation",
    "REVOCATION_OUT_OF_BOUNDS_NO_POE": "no_revocation",
    "REVOKED": "revoked",
    "REVOKED_NO_POE": "revoked",
    "REVOKED_CA_NO_POE": "revoked",
    "OUT_OF_BOUNDS_NO_POE": "expired",
    "OUT_OF_BOUNDS_NOT_REVOKED": "expired",
    "NOT_YET_VALID": "expired",
    "EXPIRED": "expired",
    "CRYPTO_CONSTRAINTS_FAILURE": "weak",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "weak",
}


def reason_for(sub_indication: str, subject: str = "") -> Reason:
    """Return the sentence for a sub-indication of ETSI EN 319 102-1 section 5.1.3."""
    return reason(_SUB_INDICATIONS.get(sub_indication, "indeterminate"), subject)
