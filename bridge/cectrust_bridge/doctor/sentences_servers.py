"""Sentences about paired servers, the way to them, and what browsers may do."""

from __future__ import annotations

from .sentences_computer import HELP_EN, HELP_JA

SERVERS = {
    "pairing.some": (
        "good",
        "登録したサーバーは {count} 件です。",
        "{count} servers are paired.",
        "",
        "",
    ),
    "pairing.none": (
        "bad",
        "登録したサーバーがありません。",
        "No server is paired.",
        "CECTRUST の「署名に使うパソコン」で登録コードを作り、"
        "署名ブリッジの「サーバーを登録する」に貼り付けてください。",
        "Make a code on the page “Computers for signing” of CECTRUST, and paste it into “Pair with a server”.",
    ),
    "pairing.broken": (
        "bad",
        "登録の記録に誤りがあり、どのページにも応答できません（{reason}）。",
        "The record of pairings is wrong, so that no page is served ({reason}).",
        "署名ブリッジの画面の「診断」で「壊れた登録」を選ぶと、誤ったファイルを移して、登録し直せます"
        "（コマンドでは cectrust-bridge doctor --repair pairing）。",
        "“pairing” under Check in the bridge's window, or `cectrust-bridge doctor --repair pairing`, "
        "moves the wrong file away, so that you can pair anew.",
    ),
    "server.same": (
        "good",
        "{origin} は、登録したサーバーです。",
        "{origin} is the server that was paired.",
        "",
        "",
    ),
    "server.other": (
        "bad",
        "{origin} の身元の鍵が、登録したときと違います。なりすましのおそれがあります。",
        "The identity key of {origin} is not the one that was paired. It may be an impostor.",
        "署名せずに、ヘルプデスクへお問い合わせください。鍵の変更が確かなときだけ、登録を消して登録し直します。",
        "Do not sign; ask your help desk. Only if the change is confirmed: unpair, then pair anew.",
    ),
    "server.strange": (
        "bad",
        "{origin} から、CECTRUST のものではない応答がありました（{reason}）。",
        "What answers at {origin} is no CECTRUST ({reason}).",
        "Wi-Fi のログイン画面や社内プロキシーが応答していないか、確かめてください。",
        "Look whether a Wi-Fi log-in page or a proxy answers instead.",
    ),
    "server.unreachable": (
        "bad",
        "{origin} に接続できません（{reason}）。",
        "{origin} cannot be reached ({reason}).",
        "ネットワークを確かめてください。プロキシーが必要な会社では、config.toml の [network] proxy に設定します。",
        "Check the network. Where a proxy is needed, set it in config.toml, [network] proxy.",
    ),
    "tls.trusted": (
        "good",
        "{origin} の証明書は正しく、OS に標準で入っている認証局のものです。",
        "The certificate of {origin} is right, by an authority that came with the system.",
        "",
        "",
    ),
    "tls.private": (
        "doubtful",
        "{origin} との通信は、会社などが追加した認証局（{issuer}）の証明書によるものです。"
        "通信を検査する機器が間にあるか、社内の認証局を使っています。",
        "The certificate of {origin} is by an authority that somebody added to this computer ({issuer}): "
        "a device inspects the traffic, or the office has an authority of its own.",
        "会社が置いたものか、管理者に確かめてください。署名は、登録した鍵で別に守られています。",
        "Ask your administrator whether it is the company's. Signing is guarded by the paired key all the same.",
    ),
    "tls.untrusted": (
        "bad",
        "{origin} の証明書を、このパソコンは信頼していません（発行者 {issuer}）。"
        "通信を検査する機器が間にあることがあります。",
        "This computer does not trust the certificate of {origin} (issuer {issuer}). A device may inspect the traffic.",
        "管理者に、この発行者が会社のものか確かめてください。"
        "会社のものなら、その証明書を OS か config.toml の [network] ca_file に入れてもらってください。",
        "Ask your administrator whether this issuer is the company's. If so, have its certificate put into "
        "the system's trust or config.toml, [network] ca_file.",
    ),
    "tls.dates": (
        "bad",
        "{origin} の証明書が、このパソコンの時計では有効期間の外です。",
        "By this computer's clock, the certificate of {origin} is out of its dates.",
        "パソコンの日付と時刻を確かめてください。正しいときは、ヘルプデスクへお問い合わせください。",
        "Check this computer's date and time. If they are right, ask your help desk.",
    ),
    "tls.name": (
        "bad",
        "{origin} の証明書は、別の名前のものです。",
        "The certificate of {origin} is for another name.",
        HELP_JA,
        HELP_EN,
    ),
    "tls.loopback": (
        "good",
        "{origin} はこのパソコンの中にあり、暗号化はいりません。",
        "{origin} is on this computer and needs no encryption.",
        "",
        "",
    ),
    "clock.right": (
        "good",
        "時計は合っています（サーバーとの差 {seconds} 秒）。",
        "The clock is right ({seconds} s from the server's).",
        "",
        "",
    ),
    "clock.wrong": (
        "doubtful",
        "パソコンの時計が、サーバーと {seconds} 秒ずれています。",
        "This computer's clock is {seconds} s away from the server's.",
        "日付と時刻の設定で「自動で合わせる」をオンにしてください。",
        "Turn on automatic time in the date settings.",
    ),
    "clock.far": (
        "bad",
        "パソコンの時計が、サーバーと 1 日以上ずれています（{seconds} 秒）。署名できません。",
        "This computer's clock is more than a day off ({seconds} s). Signing fails.",
        "日付と時刻の設定で「自動で合わせる」をオンにしてください。",
        "Turn on automatic time in the date settings.",
    ),
    "proxy.direct": (
        "good",
        "プロキシーは使わずに接続します。",
        "Servers are reached without a proxy.",
        "",
        "",
    ),
    "proxy.set": (
        "good",
        "設定にあるプロキシーを通して接続します。",
        "Servers are reached through the proxy of the configuration.",
        "",
        "",
    ),
    "proxy.unused": (
        "doubtful",
        "OS にはプロキシーの設定（{variable}）がありますが、署名ブリッジは使いません。",
        "The system names a proxy ({variable}), which the bridge does not use.",
        "サーバーに接続できないときは、config.toml の [network] proxy に host:port の形で設定してください。",
        'If a server cannot be reached, set [network] proxy = "host:port" in config.toml.',
    ),
    "policy.allows": (
        "good",
        "{browser} は、管理者の設定により、たずねずに {origin} を署名ブリッジへ接続させます。",
        "An administrator's policy lets {origin} reach the bridge in {browser} unasked.",
        "",
        "",
    ),
    "policy.asks": (
        "good",
        "{browser} は、はじめて接続するときに許可をたずねます。",
        "{browser} asks once whether the page may reach the bridge.",
        "たずねられたら「許可」を選んでください。",
        "Choose “Allow” when it asks.",
    ),
    "policy.blocks": (
        "bad",
        "{browser} の管理者の設定（{policy}）が、{origin} から署名ブリッジへの接続を止めています。",
        "An administrator's policy ({policy}) in {browser} forbids {origin} to reach the bridge.",
        "管理者に、CECTRUST の「PC環境設定ツール」にあるポリシーの設定を依頼してください。",
        "Ask your administrator to set the policy that the page “PC environment” of CECTRUST offers.",
    ),
    "policy.unexamined": (
        "doubtful",
        "この OS では、ブラウザのポリシーを調べられません。",
        "Browser policies cannot be examined on this system.",
        "",
        "",
    ),
    "policy.unreadable": (
        "doubtful",
        "{browser} のポリシーのファイル {file} を読み取れません。",
        "The policy file {file} of {browser} cannot be read.",
        HELP_JA,
        HELP_EN,
    ),
}
