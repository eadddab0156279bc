from django.db import migrations


def make_index(apps, schema_editor):
    from apps.chat.search import services as search

    search.make_index(schema_editor.connection)


def drop_index(apps, schema_editor):
    from apps.chat.search import services as search

    search.drop_index(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0004_finding"),
    ]

    operations = [
        migrations.RunPython(make_index, drop_index),
    ]
