from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0015_attachment_reading"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="recalls",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
