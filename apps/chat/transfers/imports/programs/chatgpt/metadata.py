"""What stands beside a message of ChatGPT's export: files, sources, pictures, quotations."""

import re
from typing import Any

from apps.chat.transfers.imports.conversation import Conversation, Turn
from apps.chat.transfers.imports.markup import quoted, sources
from apps.chat.transfers.imports.programs.chatgpt.marks import linked, results
from apps.chat.transfers.imports.programs.chatgpt.parts import Fields, marked
from apps.chat.transfers.imports.values import items, mapping, names, paragraphs, text

# What is read here or elsewhere, and what has nothing for people; besides those of _TECHNICAL.
_KNOWN = names(
    "attachments citations content_references search_result_groups image_results aggregate_result"
    " targeted_reply targeted_reply_label canvas model_slug reasoning_title finished_text"
    " initial_text search_queries searched_display_string search_display_string safe_urls"
    " user_context_message_data serialization_metadata message_source message_type finish_details"
    " kwargs invoked_plugin command args status selected_github_repos selected_sources"
    " selected_mcp_sources search_source client_reported_search_source timestamp_ system_hints"
    " paragen_variants_info paragen_variant_choice pad sonic_classification_result permissions"
    " caterpillar_selected_sources reasoning_status thinking_effort dictation"
    " dictation_asr_content jit_plugin_data ada_visualizations cloud_doc_urls mclick_ref"
    " commands voice_mode_message image_gen_title async_task_title async_task_type"
    " async_task_status_messages deepresearch_title message_locale summarization_headline"
    " classifier_response conversation_mode cite_metadata _cite_metadata developer_mode_connector"
    " requested_apps connector_source debug_data developer_mode_connector_ids"
    " rebase_developer_message rebase_system_message filter_out_for_training exclusive_key"
    " chatgpt_sdk content_generation_metadata message_flags skip_reasoning_title"
    " model_switcher_deny model_adjustments augmented_paragen_prompt_label n7jupd_schema"
)
_TECHNICAL = re.compile(r".*_(ids?|slug|time|at|type|version|uuid|hash|token|key|sec)|is_.*|.*_ms")


def is_hidden(metadata: Fields) -> bool:
    return metadata.get("is_visually_hidden_from_conversation") is True


def read_before(conversation: Conversation, metadata: Fields, turn: Turn) -> None:
    """Add what stands above the words of a message: what it answers to."""
    reply_to = metadata.get("targeted_reply")
    turn.words.append(quoted(marked(conversation, reply_to)))


def read_after(conversation: Conversation, metadata: Fields, turn: Turn, seen: str) -> None:
    """Add what stands beside the words; `seen` holds the names of pictures among them."""
    for each in items(metadata.get("attachments")):
        file = mapping(each)
        name = text(file.get("id"))
        if name and name in seen:
            continue
        if file:
            conversation.file(turn, file.get("name"), name)
    _output(conversation, mapping(metadata.get("aggregate_result")), turn)
    references = metadata.get("content_references")
    links = linked(references, metadata.get("citations"))
    turn.words.append(sources(linked(metadata.get("image_results"), None) | links))
    turn.thoughts += _searched(metadata, links)
    _check(conversation, metadata)


def _output(conversation: Conversation, result: Fields, turn: Turn) -> None:
    """Add the pictures that a program has drawn; its words are the message's own."""
    for each in map(mapping, items(result.get("messages"))):
        kind = text(each.get("message_type"))
        if kind == "image":
            conversation.picture(turn, each.get("image_url"))
        elif kind != "stream":
            conversation.leave_out(f"aggregate_result {kind}")
    error = text(mapping(result.get("in_kernel_exception")).get("exc_type"))
    if error and not any(turn.words):
        turn.words.append(f"[Error: {error}]")


def _searched(metadata: Fields, links: dict[str, str]) -> list[str]:
    """Return what was searched for and found, as far as it is not a source anyway."""
    found = results(metadata.get("search_result_groups"))
    rest = {url: name for url, name in found.items() if url not in links}
    asked = [text(mapping(each).get("q")) for each in items(metadata.get("search_queries"))]
    lines = [f"{name} {url}".strip() for url, name in rest.items()]
    return [paragraphs(["\n".join(filter(None, asked)), "\n".join(lines)])]


def _check(conversation: Conversation, metadata: Fields) -> None:
    unknown = {name: value for name, value in metadata.items() if not _TECHNICAL.fullmatch(name)}
    conversation.check("metadata", unknown, _KNOWN)


def pointers(content: Fields) -> str:
    """Return the names of the files among the parts of a message, in one text."""
    parts = map(mapping, items(content.get("parts")))
    names: list[Any] = [part.get("asset_pointer") for part in parts]
    return "\n".join(map(text, names))
