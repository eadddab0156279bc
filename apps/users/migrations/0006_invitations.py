import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.files.share_tokens
import apps.users.models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0005_encrypt_second_steps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="For whom it is.", max_length=200, verbose_name="note"
                    ),
                ),
                (
                    "nonce",
                    models.CharField(
                        default=apps.core.files.share_tokens.make_nonce,
                        editable=False,
                        max_length=32,
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "expires_at",
                    models.DateTimeField(
                        default=apps.users.models._in_two_weeks, verbose_name="works until"
                    ),
                ),
                (
                    "used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="used at"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "used_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="used by",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-pk"],
            },
        ),
    ]
