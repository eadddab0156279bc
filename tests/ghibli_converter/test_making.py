import io

from apps.ghibli_converter import pictures
from tests.ghibli_converter.talk import ended
from tests.uploads import sideways_photo


def test_smoke(ada, demo, media, settings):
    settings.IMAGE_MODEL = "parlor-demo-image"
    p = pictures.create(ada, "A hill")
    p = ended(p)
    assert p.state == "done", p.error
    q = ended(pictures.convert(ada, io.BytesIO(sideways_photo()), "a.jpg"))
    assert q.state == "done", q.error
    assert (q.width, q.height) == (1024, 1536)
