from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0016_recalls"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="sources",
            field=models.JSONField(
                blank=True, db_default=Value([], models.JSONField()), default=list
            ),
        ),
    ]
