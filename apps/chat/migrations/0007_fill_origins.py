import uuid
from typing import Any

from django.db import migrations

BATCH = 500


def fill(apps: Any, schema_editor: Any) -> None:
    Conversation = apps.get_model("chat", "Conversation")
    conversations = Conversation.objects.filter(origin=None).order_by("pk").only("pk")
    while batch := list(conversations[:BATCH]):
        for conversation in batch:
            conversation.origin = uuid.uuid4()
        Conversation.objects.bulk_update(batch, ["origin"])


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_taking_away")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
