"""Sentences about the computer and the bridge on it."""

from __future__ import annotations

HELP_JA = "この結果を添えて、ヘルプデスクへお問い合わせください。"
HELP_EN = "Ask your help desk and hand in this result."

COMPUTER = {
    "os.supported": (
        "good",
        "{name} は対応しています（{as_of} 現在）。",
        "{name} is supported (as of {as_of}).",
        "",
        "",
    ),
    "os.old": (
        "bad",
        "{name} は古く、対応していません（{as_of} 現在）。",
        "{name} is too old to be supported (as of {as_of}).",
        "管理者に、{wanted} 以降への更新を依頼してください。",
        "Ask your administrator to upgrade to {wanted} or later.",
    ),
    "os.untried": (
        "doubtful",
        "{name} では、署名ブリッジの動作を確かめていません（{as_of} 現在）。",
        "Nobody has tried this bridge on {name} (as of {as_of}).",
        "署名できないときは、対応している OS のパソコンをお使いください。",
        "If signing fails, use a computer with a supported system.",
    ),
    "screen.enough": (
        "good",
        "画面の大きさは {width}×{height} です。",
        "The screen has {width}×{height} pixels.",
        "",
        "",
    ),
    "screen.small": (
        "doubtful",
        "画面の大きさが {width}×{height} しかなく、確認の窓がはみ出すことがあります。",
        "The screen has only {width}×{height} pixels: windows may not fit.",
        "ディスプレーの設定で、1024×768 以上にしてください。",
        "Choose at least 1024×768 in the display settings.",
    ),
    "screen.none": (
        "doubtful",
        "画面がないため、署名の確認の窓を出せません。",
        "There is no screen to ask for consent on.",
        "デスクトップにログインして、署名ブリッジを起動してください。",
        "Log in to a desktop and start the bridge there.",
    ),
    "version.installed": (
        "good",
        "署名ブリッジの版は {version} です。",
        "The bridge's version is {version}.",
        "",
        "",
    ),
    "version.newest": (
        "good",
        "署名ブリッジは最新の版（{version}）です。",
        "The bridge's version, {version}, is the newest.",
        "",
        "",
    ),
    "version.newer": (
        "doubtful",
        "署名ブリッジ {version} より新しい版（{offered}）があります。",
        "There is a newer bridge ({offered}) than this one ({version}).",
        "管理者に、新しい版への更新を依頼してください。",
        "Ask your administrator to update it.",
    ),
    "version.ended": (
        "bad",
        "署名ブリッジの版 {version} は使用を終えました。",
        "Version {version} of the bridge must be replaced.",
        "管理者に、新しい版（{offered}）への更新を依頼してください。",
        "Ask your administrator to install version {offered}.",
    ),
    "version.unknown": (
        "doubtful",
        "新しい版があるかどうか、確かめられませんでした（{reason}）。",
        "Whether there is a newer version could not be found out ({reason}).",
        "接続を確かめて、もう一度お試しください。",
        "Check the connection and try again.",
    ),
    "port.listening": (
        "good",
        "署名ブリッジは動いています（ポート {port}）。",
        "The bridge is running (port {port}).",
        "",
        "",
    ),
    "port.squatted": (
        "doubtful",
        "署名ブリッジはポート {port} で動いていますが、ほかのプログラム（{holder}）もブリッジのポートを使っています。",
        "The bridge is running on port {port}, but another program ({holder}) holds one of its ports, too.",
        "心当たりのないプログラムなら、管理者に知らせてください。",
        "If you do not know that program, tell your administrator.",
    ),
    "port.stopped": (
        "bad",
        "署名ブリッジが動いていません。",
        "The bridge is not running.",
        "メニューから「CECTRUST 署名ブリッジ」を起動してください。",
        "Start “CECTRUST Signing Bridge” from the menu.",
    ),
    "port.taken": (
        "bad",
        "署名ブリッジのポート（{ports}）を、ほかのプログラム（{holder}）がすべて使っています。",
        "Another program ({holder}) holds all ports of the bridge ({ports}).",
        "そのプログラムを終了してください。ほかの利用者のブリッジなら、その人にログアウトしてもらってください。",
        "End that program. If it is another user's bridge, have that user log out.",
    ),
    "port.unreadable": (
        "doubtful",
        "この OS では、だれがポートを使っているか調べられません。",
        "Who holds the ports cannot be found out on this system.",
        "",
        "",
    ),
    "autostart.on": (
        "good",
        "パソコンにログインすると、署名ブリッジが自動で起動します。",
        "The bridge starts by itself when you log in.",
        "",
        "",
    ),
    "autostart.off": (
        "doubtful",
        "パソコンにログインしても、署名ブリッジは自動で起動しません。",
        "The bridge does not start by itself when you log in.",
        "自動で起動するには、署名ブリッジの画面の「診断」で「自動起動をオンにする」を選んでください"
        "（コマンドでは cectrust-bridge doctor --repair autostart）。",
        "To have it start, choose “autostart on” under Check in the bridge's window, "
        "or run `cectrust-bridge doctor --repair autostart`.",
    ),
    "autostart.broken": (
        "doubtful",
        "自動起動の設定はありますが、起動するプログラムが見つかりません。",
        "Autostart is on, but the program that it names is not there.",
        "署名ブリッジの画面の「診断」で「自動起動をオンにする」を選ぶと直せます"
        "（コマンドでは cectrust-bridge doctor --repair autostart）。",
        "“autostart on” under Check in the bridge's window mends it, as does "
        "`cectrust-bridge doctor --repair autostart`.",
    ),
    "autostart.unknown": (
        "doubtful",
        "この OS では、自動起動の設定を調べられません。",
        "Autostart cannot be examined on this system.",
        "",
        "",
    ),
    "browser.supported": (
        "good",
        "{browser} {version} で署名できます（{as_of} 現在）。",
        "{browser} {version} can sign (as of {as_of}).",
        "",
        "",
    ),
    "browser.outdated": (
        "doubtful",
        "{browser} {version} は古く、署名できることを確かめていません（{as_of} 現在）。",
        "{browser} {version} is old: nobody has tried to sign with it (as of {as_of}).",
        "{wanted} 以降に更新してください。",
        "Upgrade to {wanted} or later.",
    ),
    "browser.unversioned": (
        "doubtful",
        "{browser} の版を読み取れません。",
        "The version of {browser} cannot be read.",
        "署名できないときは、{wanted} 以降かどうか、ブラウザの「ヘルプ」で確かめてください。",
        "If signing fails, look under “Help” whether it is {wanted} or later.",
    ),
    "browser.none": (
        "doubtful",
        "署名に使えるブラウザ（Chromium、Chrome、Edge、Firefox）が見つかりません。",
        "No browser that can sign was found (Chromium, Chrome, Edge, Firefox).",
        "いつものブラウザで署名できないときは、このどれかを入れてください。",
        "If yours does not sign, install one of these.",
    ),
    "browser.unexamined": (
        "doubtful",
        "この OS では、ブラウザの版を調べられません。",
        "The versions of browsers cannot be examined on this system.",
        "",
        "",
    ),
    "config.broken": (
        "bad",
        "署名ブリッジの設定に誤りがあります（{reason}）。",
        "The bridge's configuration is wrong ({reason}).",
        "config.toml を直すか、管理者に相談してください。",
        "Mend config.toml, or ask your administrator.",
    ),
    "check.failed": (
        "doubtful",
        "「{check}」を調べられませんでした（{reason}）。",
        "“{check}” could not be examined ({reason}).",
        HELP_JA,
        HELP_EN,
    ),
    "check.late": (
        "doubtful",
        "「{check}」の応答が {seconds} 秒以内にありませんでした。",
        "“{check}” did not answer within {seconds} seconds.",
        "トークンを抜き差ししてもう一度お試しください。続くときは、ヘルプデスクへお問い合わせください。",
        "Take the token out and in and try again. If it goes on, ask your help desk.",
    ),
}
