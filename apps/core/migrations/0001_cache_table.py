from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of Django's DatabaseCache, as `createcachetable` would."""

    initial = True

    operations = [
        migrations.SeparateDatabaseAndState(  # It is nobody's model.
            database_operations=[
                migrations.CreateModel(
                    name="Cache",
                    fields=[
                        ("cache_key", models.CharField(max_length=255, primary_key=True)),
                        ("value", models.TextField()),
                        ("expires", models.DateTimeField(db_index=True)),
                    ],
                ),
            ]
        )
    ]
