"""What the model is told."""

from apps.ghibli_converter.models import Picture, Style

SIZES = {  # Pixels, as the images API names them.
    Picture.Size.SQUARE: "1024x1024",
    Picture.Size.PORTRAIT: "1024x1536",
    Picture.Size.LANDSCAPE: "1536x1024",
}
SQUARISH = 0.87  # Of the shorter side to the longer: above it, a square loses least.

CONVERSION = "Redraw this picture. Keep who and what is in it, where it is, and the light."


def prompt_for(kind: str, style: Style | None, words: str) -> str:
    """Return the instructions: what to do, what the person says, and how it should look."""
    task = CONVERSION if kind == Picture.Kind.CONVERT else ""
    parts = (task, words.strip(), style.prompt.strip() if style else "")
    return "\n\n".join(part for part in parts if part)


def size_like(width: int, height: int) -> Picture.Size:
    """Return the size that comes closest to the shape of a photo."""
    if min(width, height) > SQUARISH * max(width, height):
        return Picture.Size.SQUARE
    return Picture.Size.LANDSCAPE if width > height else Picture.Size.PORTRAIT
