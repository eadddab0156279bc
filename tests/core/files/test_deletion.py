"""Files go with the rows that name them."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection, models, transaction
from django.test.utils import isolate_apps

from apps.core.files.deletion import delete_with_files


@pytest.fixture
def model(transactional_db, settings, tmp_path):
    """A table of rows that have files."""
    settings.MEDIA_ROOT = tmp_path
    with isolate_apps("apps.core"):

        class Paper(models.Model):  # noqa: DJ008
            file = models.FileField(blank=True)

            class Meta:
                app_label = "core"

        with connection.schema_editor() as editor:
            editor.create_model(Paper)
        yield Paper
        with connection.schema_editor() as editor:
            editor.delete_model(Paper)


def make(model, name):
    paper = model()
    paper.file.save(name, ContentFile(b"Words"))
    return paper


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_goes_with_its_row_and_others_stay(model, tmp_path):
    one, _other, _none = make(model, "one"), make(model, "other"), model.objects.create()
    delete_with_files(model.objects.filter(pk=one.pk))
    assert names(tmp_path) == ["other"]
    delete_with_files(model.objects.all())
    assert names(tmp_path) == []
    assert not model.objects.exists()


def test_a_file_that_another_row_names_stays(model, tmp_path):
    one = make(model, "one")
    copy = model.objects.create(file=one.file.name)
    delete_with_files(model.objects.filter(pk=one.pk))
    assert names(tmp_path) == ["one"]
    delete_with_files(model.objects.filter(pk=copy.pk))
    assert names(tmp_path) == []


def test_a_file_stays_when_its_row_does(model, tmp_path):
    make(model, "one")
    with transaction.atomic():
        delete_with_files(model.objects.all())
        transaction.set_rollback(True)
    assert names(tmp_path) == ["one"]
    assert model.objects.exists()
