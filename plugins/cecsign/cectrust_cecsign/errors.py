"""What the certification service refuses, and why, in Japanese and English; leaves of the sdk's tree."""

from cectrust.sdk.errors import Conflict, InputRefused, IntegrityBroken, Misconfigured, Unavailable


class WeakKey(InputRefused):
    """Rule T18: key type or size that may not be certified."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.weak_key",
            "この鍵の種類または長さでは電子証明書を発行できません。"
            "RSA 2048・3072・4096ビット、P-256またはP-384の鍵をお使いください。",
            "No certificate is issued for this type or length of key. Use RSA-2048/3072/4096, P-256 or P-384.",
            detail,
        )


class ValidityTooLong(InputRefused):
    """Rule T4: more than five years from acceptance of the application."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.validity_too_long",
            "電子証明書の有効期間は、申請の受付から5年以内でなければなりません。有効期間を短くしてください。",
            "A certificate must end within five years of the acceptance of its application. Choose fewer years.",
            detail,
        )


class NameRefused(InputRefused):
    """A name that does not fit into a certificate: empty, too long, or with control characters."""

    def __init__(self, field: str, limit: int, detail: str = "") -> None:
        super().__init__(
            "cecsign.name_refused",
            f"電子証明書に記載できない名称です（項目：{field}）。1文字以上{limit}文字以内で、制御文字を含めずに入力してください。",
            f"This name cannot be put into a certificate (field {field}): "
            f"1 to {limit} characters, none of them control characters.",
            detail,
            field,
        )


class BadRequest(InputRefused):
    """A certificate signing request that cannot be read or does not prove possession of its key."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.bad_request",
            "証明書署名要求を確認できません。秘密鍵の所有が証明されていないか、データが壊れています。もう一度作成してください。",
            "The certificate signing request does not prove possession of its key, or is damaged. Make it again.",
            detail,
        )


class KeyAlreadyCertified(Conflict):
    """No key is ever certified twice."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.key_already_certified",
            "この鍵にはすでに電子証明書が発行されています。新しい鍵を作成してください。",
            "A certificate was already issued for this key. Make a new key.",
            detail,
        )


class UnfinishedEnrolment(Conflict):
    """The token holds the unfinished enrolment of somebody else."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.unfinished_enrolment",
            "このトークンには別の内容の発行手続きが途中まで残っています。先にその手続きを同じ内容で完了してください。",
            "This token holds an unfinished enrolment with other particulars. Finish that one first.",
            detail,
        )


class RevocationRefused(Conflict):
    """Already revoked, or a certificate that this CA did not issue."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.revocation_refused",
            "この電子証明書は失効できません。すでに失効しているか、この認証局が発行したものではありません。",
            "This certificate cannot be revoked: it already is, or this CA did not issue it.",
            detail,
        )


class RevocationIncomplete(InputRefused):
    """Rule T6: a revocation without requester or evidence is not accepted."""

    def __init__(self, field: str) -> None:
        super().__init__(
            "cecsign.revocation_incomplete",
            "失効の申出をした人と、その根拠（受付番号など）を入力してください。",
            "Say who asked for the revocation and on what evidence.",
            field=field,
        )


class LintFailed(IntegrityBroken):
    """What would be or was signed breaks the profile (RFC 5280, RFC 6960); it is not given out."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.lint_failed",
            "発行しようとした電子証明書または失効情報が規格に適合しないため、中止しました。システム管理者に連絡してください。",
            "The certificate or revocation data does not conform to its profile; nothing was given out.",
            detail,
        )


class RegisterBroken(IntegrityBroken):
    """Token, register and certificate do not belong together."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.register_broken",
            "トークン・台帳・電子証明書の内容が一致しません。処理を中止しました。システム管理者に連絡してください。",
            "Token, register and certificate do not match. Nothing more was done.",
            detail,
        )


class TokenUnavailable(Unavailable):
    """No such token or module, or the device failed."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.token_unavailable",
            "トークンが見つからないか、応答しません。接続とPKCS#11モジュールの設定を確認してください。",
            "The token was not found or does not answer. Check that it is connected and which module is set.",
            detail,
        )


class TokenRefused(Conflict):
    """The token refused the PIN, or is not one that may be enrolled on."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.token_refused",
            "トークンを使用できません。PINの誤り・ロック、または発行対象外の機種です。PINの再試行は自動では行いません。",
            "The token cannot be used: wrong or locked PIN, or a model that is not enrolled on. Nothing is retried.",
            detail,
        )


class NotInitialised(Conflict):
    """The CA does not exist yet."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.not_initialised",
            "認証局がまだ作成されていません。cectrust cecsign init-ca を実行してください。",
            "The certification authority does not exist yet. Run cectrust cecsign init-ca.",
            detail,
        )


class SecretFileRefused(Misconfigured):
    """A PIN or key file that is missing, empty, or readable by others."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.secret_file",
            "PINまたは鍵のファイルを使用できません。存在し、本人だけが読める権限（0600）であることを確認してください。",
            "The PIN or key file cannot be used. It must exist and be readable by its owner only (0600).",
            detail,
        )


class IssuerEndsTooSoon(Conflict):
    """A certificate may not outlive the CA that issues it (shell model)."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.issuer_ends_too_soon",
            "認証局の証明書の有効期間を超える電子証明書は発行できません。認証局の証明書を更新してください。",
            "A certificate may not outlive the CA that issues it. Renew the CA's certificate.",
            detail,
        )


class KeyOffline(Conflict):
    """The key that is needed is on a token that is not connected to this machine."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.key_offline",
            "必要な認証局の鍵がこの機器に接続されていません。鍵を保管している機器で操作してください。",
            "The CA key that is needed is not connected to this machine. Work where the key is kept.",
            detail,
        )


class EnrolmentFinished(Conflict):
    """Delivered or abandoned: there is nothing to give up."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.enrolment_finished",
            "この発行手続きはすでに終わっています。発行済みの電子証明書を止めるには、失効の操作をしてください。",
            "This enrolment is over. To stop a certificate that was issued, revoke it.",
            detail,
        )
