import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_cache_table"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelQuirk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("service", models.CharField(blank=True, max_length=500, verbose_name="service")),
                ("model", models.CharField(max_length=200, verbose_name="model")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("value", models.JSONField(null=True, verbose_name="value")),
                (
                    "learned_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="learned at",
                    ),
                ),
            ],
            options={
                "verbose_name": "quirk of a model",
                "verbose_name_plural": "quirks of models",
                "ordering": ["service", "model", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("service", "model", "name"), name="one_quirk_by_name"
                    )
                ],
            },
        ),
    ]
