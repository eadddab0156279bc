import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0007_fill_origins")]

    operations = [
        migrations.AlterField(
            model_name="conversation",
            name="origin",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                fields=("user", "origin"), name="one_conversation_per_origin"
            ),
        ),
    ]
