from django.db import migrations

from apps.users.login import encryption


def encrypt(apps, schema_editor):
    encryption.encrypt_stored(apps.get_model("mfa", "Authenticator"))


def decrypt(apps, schema_editor):
    encryption.decrypt_stored(apps.get_model("mfa", "Authenticator"))


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0004_shortcuts"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt, decrypt)]
