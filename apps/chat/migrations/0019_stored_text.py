import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0018_count_calls_beside_rows"),
        ("users", "0004_shortcuts"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredText",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("counted_at", models.DateTimeField()),
            ],
        ),
    ]
