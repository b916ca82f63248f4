"""Sentences of intake: why a file is refused, and what an accepted one is warned about."""

from __future__ import annotations

REFUSALS: dict[str, tuple[str, str]] = {
    "empty": (
        "ファイルが空（0バイト）です。PDFを選び直してください。",
        "The file is empty; choose a PDF.",
    ),
    "too_large": (
        "ファイルが大きすぎます。登録できるのは {most} MB までです。"
        "画像の解像度を下げるか、文書を分けて登録してください。",
        "The file exceeds {most} MB, the limit here. Lower the resolution of its images, or register it in parts.",
    ),
    "too_many_pages": (
        "ページ数が上限（{most}ページ）を超えているため登録できません。文書を分けて登録してください。",
        "The PDF has more than {most} pages, the limit here; register it in parts.",
    ),
    "page_too_large": (
        "用紙が大きすぎるページ（9平方メートルを超えるもの）があるため登録できません。縮小してPDFを作り直してください。",
        "A page is larger than nine square metres; produce the PDF again at a smaller scale.",
    ),
    "not_pdf": (
        "PDFではないファイルです。契約書はPDFで登録してください。",
        "The file is not a PDF; contract documents are PDF only.",
    ),
    "encrypted": (
        "パスワードや権限設定で暗号化されたPDFは登録できません。暗号化を解除してから登録してください。",
        "Encrypted PDFs are refused; remove password and permissions first.",
    ),
    "xfa": (
        "XFAフォームを含むPDFは、表示内容が変わり得るため登録できません。通常のPDFとして保存し直してください。",
        "PDFs with XFA forms are refused: what they show can change. Save as a plain PDF.",
    ),
    "javascript": (
        "JavaScriptを含むPDFは登録できません。スクリプトを取り除いて作り直してください。",
        "PDFs with JavaScript are refused; produce it without scripts.",
    ),
    "signature_traces": (
        "署名欄にない電子署名の跡があるPDF（署名済みのPDFを埋め込んだもの等）は、契約の電子署名を検証できなくなるため登録できません。"
        "埋め込まれたファイルを取り除くか、PDFを作り直してください。取り除いたファイルは添付書類として登録できます。",
        "PDFs with traces of a signature that is in none of their fields, such as embedded signed PDFs, are refused: "
        "signatures on the contract could not be verified. Remove the embedded file, or produce the PDF again; the "
        "file can be registered as an attachment.",
    ),
    "launch": (
        "外部プログラムを起動する指示を含むPDFは登録できません。その指示を取り除くか、印刷と同じ手順でPDFを作り直してください。",
        "PDFs that start other programs are refused; remove that action, or produce the PDF again by printing.",
    ),
}

WARNINGS: dict[str, tuple[str, str]] = {
    "submit_action": (
        "入力内容を外部に送信・取り込みする指示が含まれています。",
        "The PDF holds an action that submits or imports form data.",
    ),
    "external_reference": (
        "外部のファイルへの参照が含まれており、表示が変わることがあります。",
        "The PDF refers to external files; what it shows may change.",
    ),
    "embedded_file": (
        "別のファイルが埋め込まれています。埋め込まれたファイルも署名の対象になります。",
        "Other files are embedded; they would be signed too.",
    ),
    "optional_content": (
        "表示・非表示を切り替えられるレイヤーが含まれています。見えていない内容がある可能性があります。",
        "The PDF holds layers that can be switched; some content may be hidden.",
    ),
    "overlay_annotation": (
        "本文の上に重ねて表示される注釈が含まれています。本文が隠れていないか確認してください。",
        "Annotations lie over the page; check what is below them.",
    ),
    "orphan_widget": (
        "フォームに登録されていない入力欄が含まれています。署名後に表示が変わる細工に使われることがあります。",
        "The PDF holds input fields that its form doesn't list, a known preparation for changing it later.",
    ),
    "unreferenced_page": (
        "どこからも使われていないページの情報が含まれています。署名後の差し替えに使われることがあります。",
        "The PDF holds pages that nothing refers to, a known preparation for replacing content later.",
    ),
    "unreadable_object": (
        "参照先と内容が一致しない情報が含まれています。作成元で作り直すことをお勧めします。",
        "The cross-reference table points at something else than it says; better produce it again.",
    ),
    "odd_font": (
        "通常と異なる埋め込みフォントが含まれています。文字の見え方が変わる細工に使われることがあります。",
        "The PDF embeds fonts in an unusual way, a known preparation for changing what text looks like.",
    ),
    "media": (
        "動画・音声・3Dなどの内容が含まれています。",
        "The PDF holds video, sound or 3D content.",
    ),
}
