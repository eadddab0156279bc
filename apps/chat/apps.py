from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, pre_delete, pre_migrate


class ChatConfig(AppConfig):
    name = "apps.chat"

    def ready(self) -> None:
        from apps.catalog import listing
        from apps.chat.attachments import services as attachments
        from apps.chat.context import model_retirement
        from apps.chat.replies import image_replies, queue, recovery, writer
        from apps.chat.replies.streaming import redis_relay
        from apps.chat.search import services as search
        from apps.chat.search import words
        from apps.chat.summaries import job as summarising
        from apps.chat.summaries import titles
        from apps.chat.transfers import job
        from apps.chat.usage import gate, limits, pictures, pricing, records, text_quota
        from apps.core.db import statement_timeout
        from apps.core.db.sqlite import base as sqlite
        from apps.core.files import quota
        from apps.core.monitoring import metrics
        from apps.ghibli_converter.signals import (
            picture_begins,
            picture_changed,
            picture_ended,
            picture_wanted,
        )
        from apps.server import lifecycle

        sqlite.register_function("owned_words", 2, words.owned_words)  # Triggers call it.
        checks.register(pricing.check_prices)
        metrics.on_scrape(
            "parlor_replies_in_progress",
            "Replies that wait, or are being written, in all processes.",
            ("state",),
            queue.in_progress,
        )
        lifecycle.on_start(recovery.start_serving)
        lifecycle.on_start(redis_relay.start)
        lifecycle.on_start(listing.current)  # Asks the service, before anybody wants to know.
        lifecycle.on_start(job.remove_orphans)
        lifecycle.on_stop(recovery.drain)
        lifecycle.on_stop(job.drain)
        quota.count_by(attachments.bytes_of)
        writer.on_end(summarising.begin)
        writer.on_end(titles.begin)
        listing.on_list(model_retirement.log_endings)
        picture_wanted.connect(limits.check_picture)
        picture_begins.connect(gate.let_picture_pass)
        picture_changed.connect(image_replies.keep_up)
        picture_ended.connect(pictures.book)
        pre_delete.connect(text_quota.forget, sender="chat.Conversation")
        pre_delete.connect(records.keep_without_name, sender="users.User")
        pre_migrate.connect(statement_timeout.lift_time_limit, sender=self)
        pre_migrate.connect(search.before_migrations, sender=self)
        post_migrate.connect(search.after_migrations, sender=self)
        post_migrate.connect(statement_timeout.restore_time_limit, sender=self)
