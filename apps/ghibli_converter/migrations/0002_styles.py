from django.db import migrations
from django.utils.translation import gettext_noop

STYLES = [
    (
        "ghibli",
        gettext_noop("Ghibli-inspired"),
        gettext_noop("Hand-painted and warm, with soft light and big skies."),
        "Look: a hand-painted Japanese animated film of the 1980s and 1990s. Gouache and watercolour"
        " backgrounds with visible brushwork, clear ink outlines on people, gentle rounded faces,"
        " towering cumulus clouds, lush greens, warm natural light, a calm sense of wonder.",
    ),
    (
        "watercolour",
        gettext_noop("Watercolour"),
        gettext_noop("Loose washes that bleed into rough paper."),
        "Look: a loose watercolour on cold-pressed paper. Wet-in-wet washes, blooms and granulation,"
        " few pencil lines, white of the paper left for the light.",
    ),
    (
        "picture-book",
        gettext_noop("Picture book"),
        gettext_noop("Crayon and cut paper, for a bedtime story."),
        "Look: an illustration of a children's picture book. Crayon and cut-paper textures, simple"
        " friendly shapes, a limited cheerful palette, plenty of quiet space.",
    ),
    (
        "woodblock",
        gettext_noop("Woodblock print"),
        gettext_noop("Flat colours and firm lines, as in old Japan."),
        "Look: a Japanese ukiyo-e woodblock print. Firm carved outlines, flat areas of indigo,"
        " vermilion and ochre, bokashi gradations in the sky, visible paper fibres.",
    ),
    (
        "pencil",
        gettext_noop("Pencil drawing"),
        gettext_noop("Graphite on paper, without colour."),
        "Look: a careful graphite drawing on smooth paper. Fine hatching, soft smudged shadows,"
        " highlights left white, no colour.",
    ),
    (
        "oil",
        gettext_noop("Oil painting"),
        gettext_noop("Thick paint and the light of evening."),
        "Look: an impressionist oil painting. Thick visible strokes of the brush, broken colour,"
        " warm evening light, edges that dissolve into air.",
    ),
    (
        "pixels",
        gettext_noop("Pixel art"),
        gettext_noop("Big pixels and few colours, from an old console."),
        "Look: 16-bit pixel art. A coarse visible grid of pixels, a palette of 32 colours, dithered"
        " shading, crisp edges without blur.",
    ),
]


def add_styles(apps, schema_editor):
    Style = apps.get_model("ghibli_converter", "Style")
    for position, (sample, name, description, prompt) in enumerate(STYLES, 1):
        fields = {"description": description, "prompt": prompt, "sample": sample}
        Style.objects.get_or_create(name=name, defaults={**fields, "position": position})


def remove_styles(apps, schema_editor):
    """Remove those that nobody has changed."""
    Style = apps.get_model("ghibli_converter", "Style")
    for _sample, name, description, prompt in STYLES:
        Style.objects.filter(name=name, description=description, prompt=prompt).delete()


class Migration(migrations.Migration):
    dependencies = [("ghibli_converter", "0001_initial")]
    operations = [migrations.RunPython(add_styles, remove_styles)]
