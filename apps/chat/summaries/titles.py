"""Titles made by a model, after the first reply; until then the first words are the title."""

import logging
import re

from django.conf import settings

from apps.chat.models import Conversation, Message, make_title
from apps.chat.replies.runs import Run
from apps.chat.summaries import completions
from apps.core.text import clean_text
from apps.gateway.client import GatewayError, split_reasoning
from apps.jobs import registry

logger = logging.getLogger(__name__)

CHARS = 2_000  # Of the question and of the reply: enough to tell what they are about.
MARKS = " \t.#*_~`'\"“”„«»‘’"
FORMATTING = re.compile(r"\*\*|__|`|^title:\s*|</?[a-z][^<>]*>", re.IGNORECASE)
ECHO_CHARS = 20  # So much of our own words in a title is no chance.

PROMPT = (
    "You write the title of a conversation: a few words, at most 60 characters, in its language,"
    " without quotation marks or formatting. Answer with the title only."
)
REQUEST = "Write the title of this conversation."
ECHOES = ("title of a conversation", "answer with the title", "at most 60 characters")


def begin(run: Run) -> None:
    """See to the title of a conversation in which a reply has just ended."""
    if run.result and run.result.state == Message.State.DONE and is_awaited(run.reply):
        completions.submit(run.reply.conversation.user_id, write_title, run.reply.pk)


def is_awaited(reply: Message) -> bool:
    """Return whether the conversation gets a title when this reply has ended, as its first whole.

    Those before it may have been stopped, or have failed.
    """
    if not settings.CHAT_TITLE_MODEL or reply.conversation.named_by_person:
        return False
    question = reply.parent
    if question is None:
        return False
    messages = reply.conversation.messages
    first = messages.order_by("pk").first() if question.parent_id else question
    if first is None or reply.conversation.title != make_title(first.content):
        return False
    earlier = messages.filter(
        role=Message.Role.ASSISTANT, state=Message.State.DONE, pk__lt=reply.pk
    )
    return question.parent_id is None or not earlier.exclude(content="").exists()


@registry.task("apps.chat.titles.write_title")
def write_title(reply_id: int) -> None:
    """Ask the model for a title and set it, unless the title has been changed meanwhile."""
    replies = Message.objects.select_related("conversation", "parent")
    reply = replies.filter(pk=reply_id).first()
    if reply is None or reply.parent is None or not is_awaited(reply):
        return
    if not reply.content.strip():  # It has only thought, or shown a picture.
        return
    said = [("user", reply.parent.content[:CHARS]), ("assistant", reply.content[:CHARS])]
    messages = [("system", PROMPT), *said, ("user", REQUEST)]
    sent = [{"role": role, "content": content} for role, content in messages]
    conversation = reply.conversation
    try:
        answer = completions.ask(conversation, "title", settings.CHAT_TITLE_MODEL, sent)
    except GatewayError as error:
        logger.warning("no title for conversation %s: %s", conversation.pk, error.code)
        return
    unnamed = Conversation.objects.filter(named_by_person=False, title=conversation.title)
    if title := tidied(answer):
        unnamed.filter(pk=conversation.pk).update(title=title)


def tidied(answer: str) -> str:
    """Return the first line of the answer without quotation marks and Markdown, cut to a title.

    Return "" where nothing is left, or where it only says our own instruction back.
    """
    text = split_reasoning(clean_text(answer))[0]
    lines = (FORMATTING.sub("", line.strip(MARKS)).strip(MARKS) for line in text.splitlines())
    title = make_title(next((line for line in lines if line), "")).strip(MARKS)
    return "" if is_echo(title) else title


def is_echo(title: str) -> bool:
    """Return whether the title is our own instruction, or holds much of it."""
    said, asked = _plain(title), _plain(f"{PROMPT} {REQUEST}")
    if _plain(REQUEST) in said or (len(said) >= ECHO_CHARS and said in asked):
        return True
    return any(part in said for part in ECHOES)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
