"""Puts five screens side by side for the README: ``python -m docs.pictures.make_journey``, after make_pictures."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PICTURES = Path(__file__).parent
FONT = Path("/usr/share/fonts/truetype/bizud-gothic/BIZUDPGothic-Bold.ttf")
STEPS = (
    ("contract-draft-1280", "1 登録する  register"),
    ("consent-1280", "2 承諾を得る  consent"),
    ("window-consent-ja", "3 手元で確かめて署名する  see and sign"),
    ("contract-received-1280", "4 相手が署名して返す  countersign"),
    ("contract-concluded-1280", "5 締結し、原本を証明する  conclude, prove"),
)
WIDTH, HEIGHT, GAP, CAPTION = 420, 360, 16, 40
PAPER, LINE, INK = "#ffffff", "#c9c9c4", "#1b1b18"


def main() -> None:
    """Three above, two below, each with its caption."""
    size = (3 * (WIDTH + GAP) + GAP, 2 * (HEIGHT + CAPTION + GAP) + GAP)
    canvas = Image.new("RGB", size, PAPER)
    for number, (name, caption) in enumerate(STEPS):
        row, column = divmod(number, 3)
        left = GAP + column * (WIDTH + GAP) + row * (WIDTH + GAP) // 2
        _place(canvas, name, caption, (left, GAP + row * (HEIGHT + CAPTION + GAP)))
    canvas.quantize(128, dither=Image.Dither.NONE).save(PICTURES / "journey.png", optimize=True)


def _place(canvas: Image.Image, name: str, caption: str, corner: tuple[int, int]) -> None:
    left, top = corner
    screen = Image.open(PICTURES / f"{name}.png").convert("RGB")
    screen = screen.resize((WIDTH, screen.height * WIDTH // screen.width), Image.Resampling.LANCZOS)
    canvas.paste(screen.crop((0, 0, WIDTH, min(HEIGHT, screen.height))), (left, top + CAPTION))
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((left, top + CAPTION, left + WIDTH - 1, top + CAPTION + HEIGHT - 1), outline=LINE)
    draw.text((left, top + 10), caption, fill=INK, font=ImageFont.truetype(FONT, 19))


if __name__ == "__main__":
    main()
