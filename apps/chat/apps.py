from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, pre_delete, pre_migrate


class ChatConfig(AppConfig):
    name = "apps.chat"

    def ready(self) -> None:
        from apps.chat.replies import queue
        from apps.chat.search import words
        from apps.chat.usage import pricing
        from apps.core.db.sqlite import base as sqlite
        from apps.core.monitoring import metrics

        sqlite.register_function("owned_words", 2, words.owned_words)  # Triggers call it.
        checks.register(pricing.check_prices)
        metrics.on_scrape(
            "parlor_replies_in_progress",
            "Replies that wait, or are being written, in all processes.",
            ("state",),
            queue.in_progress,
        )
        self._register_start_and_stop()
        self._register_periodic_tasks()
        self._register_callbacks()
        self._connect_signals()

    def _register_start_and_stop(self) -> None:
        from apps.chat.replies import recovery
        from apps.chat.replies.streaming import follow, redis_relay
        from apps.chat.summaries import completions
        from apps.chat.transfers import job as transfer_job
        from apps.server import lifecycle

        lifecycle.on_start(redis_relay.start)
        lifecycle.on_start(transfer_job.remove_orphans)
        lifecycle.on_stop(follow.close_all)  # Pages come back by themselves, to the next process.
        lifecycle.on_stop(completions.cancel_all)
        lifecycle.on_stop(recovery.drain)
        lifecycle.on_stop(transfer_job.drain)

    def _register_periodic_tasks(self) -> None:
        from apps.chat.attachments import services as attachments
        from apps.chat.conversations import trash
        from apps.chat.replies import checkpoint, recovery
        from apps.chat.summaries import job as summary_job
        from apps.chat.transfers import job as transfer_job
        from apps.chat.usage import gate, limits, records
        from apps.jobs import runner, scheduler

        for task in (checkpoint.save, checkpoint.drop_waiting, checkpoint.sync):
            scheduler.every(0, task, while_stopping=True)
        for task in (checkpoint.renew_waiting, summary_job.renew):
            scheduler.every(scheduler.heartbeat, task, while_stopping=True)
        scheduler.every(runner.RECOVER_SECONDS, recovery.sweep)
        for slow in (trash.remove_due, attachments.sweep, transfer_job.remove_due):
            scheduler.every(scheduler.HOUR, slow, slow=True)
        for daily in (records.prune, limits.prune, gate.prune):
            scheduler.every(scheduler.DAY, daily)

    def _register_callbacks(self) -> None:
        from apps.catalog import listing
        from apps.chat.attachments import services as attachments
        from apps.chat.context import model_retirement
        from apps.chat.replies import writer
        from apps.chat.summaries import job as summary_job
        from apps.chat.summaries import titles
        from apps.core.files import quota

        quota.count_by(attachments.bytes_of)
        writer.on_end(summary_job.begin)
        writer.on_end(titles.begin)
        listing.on_list(model_retirement.log_endings)

    def _connect_signals(self) -> None:
        from apps.chat.replies import image_replies
        from apps.chat.search import services as search
        from apps.chat.usage import gate, limits, pictures, records, text_quota
        from apps.core.db import statement_timeout
        from apps.ghibli_converter import signals

        signals.picture_wanted.connect(limits.check_picture)
        signals.picture_begins.connect(gate.let_picture_pass)
        signals.picture_changed.connect(image_replies.sync)
        signals.picture_ended.connect(pictures.book)
        pre_delete.connect(text_quota.forget, sender="chat.Conversation")
        pre_delete.connect(records.keep_without_name, sender="users.User")
        pre_migrate.connect(statement_timeout.lift_time_limit, sender=self)
        pre_migrate.connect(search.before_migrations, sender=self)
        post_migrate.connect(search.after_migrations, sender=self)
        post_migrate.connect(statement_timeout.restore_time_limit, sender=self)
