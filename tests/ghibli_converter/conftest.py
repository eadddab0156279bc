import pytest

from apps.ghibli_converter.models import Style
from tests.chat.conftest import (  # noqa: F401
    _database_for_threads,
    bob,
    bob_client,
    media,
    new_pool,
    transactional_db,
)


@pytest.fixture(autouse=True)
def _model(settings):
    settings.IMAGE_MODEL = "parlor-demo-image"


@pytest.fixture
def styles(transactional_db):  # noqa: F811
    """Two styles; those of the migration go with the rows of the test before."""
    Style.objects.all().delete()
    return [
        Style.objects.create(name="Ghibli-inspired", prompt="Look: hand-painted.", position=1),
        Style.objects.create(name="Pencil drawing", prompt="Look: graphite.", position=2),
    ]
