"""What other services' files hold is here afterwards, or counted by its kind."""

import base64
import io
import json
import re

import pytest
from PIL import Image

from tests.chat.transfers.test_imports import archive, bring, chatgpt, node, page_of, shown

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def _media(media):
    pass


def png(colour="red"):
    made = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(made, "PNG")
    return made.getvalue()


def line_of(*messages):
    """Return ChatGPT's nodes along one line: role, content, and more fields."""
    parent, nodes = None, []
    for number, (role, content, fields) in enumerate(messages):
        if isinstance(content, str):
            content = {"content_type": "text", "parts": [content]}
        name = f"n{number}"
        nodes.append(node(name, parent, role, time=number + 1, content=content, **fields))
        parent = name
    return chatgpt(*nodes, current_node=parent)


def turns(client, user, data, name="conversations.json"):
    transfer = bring(client, user, data if isinstance(data, bytes) else [data], name)
    assert transfer.state == "done"
    return shown(user.conversations.get()), page_of(client, transfer)


POINTER = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_0001"}
CALL = {"content_type": "code", "language": "json", "text": '{"prompt": "A lighthouse"}'}

MARKS = {
    '\ue200entity\ue202["people","Mary Shelley","English novelist"]\ue201 wrote it in 1818.'
    "\ue200cite\ue202turn0search1\ue202turn0search4\ue201 See \ue200url\ue202the museum page"
    "\ue202turn0search2\ue201.": "Mary Shelley wrote it in 1818. See the museum page.",
    "Tides \ue200cite\ue202turn0search0\ue201.": "Tides.",
    "A \ue200filecite\ue202turn0file1\ue202L10-L20\ue201 b": "A b",
    "\ue200navlist\ue202More about tides\ue202turn0news1,turn0news2\ue201": "More about tides",
    "\ue200hologram\ue202Ada Lovelace\ue202turn3x1\ue201 speaks": "Ada Lovelace speaks",
    '\ue200panel\ue202{"heading":"Two words","id":"x","ref":"turn0a1"}\ue201': "Two words",
    '\ue200image_group\ue202{"layout":"row","query":["a cat","a dog"]}\ue201': (
        "[Pictures: a cat, a dog]"
    ),
    "\ue200url\ue202here\ue202https://example.org/a\ue201": "[here](<https://example.org/a>)",
    "Cut \ue200url\ue202the words": "Cut the words",
    "\ue203A span\ue204\ue200cite\ue202turn0search1\ue201 goes on": "A span goes on",
    "In 1818【12†source】, he said【3:1†report.pdf】.": "In 1818, he said (report.pdf).",
}


@pytest.mark.parametrize("written", MARKS)
def test_words_in_chatgpts_marks_stay(ada_client, ada, written):
    found, _ = turns(ada_client, ada, line_of(("user", "Q", {}), ("assistant", written, {})))
    assert found == [("user", "Q"), ("assistant", MARKS[written])]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("High.\ue202turn0search0 Low \ue202turn0search0.", "High. Low."),
        ("High \ue200\ue202turn0search0\ue202turn1news2\ue201, low", "High, low"),
        ("\ue203High\ue204 \ue202turn0search1 \ue202turn0search2\n\nLow", "High\n\nLow"),
        (r"\ue203High\ue204 \ue202turn0search1, low", "High, low"),
        (r"In JavaScript, \ue202 is an escape", r"In JavaScript, \ue202 is an escape"),
    ],
)
def test_marks_of_sources_in_librechat_go(ada_client, ada, written, words):
    reply = {"messageId": "2", "parentMessageId": "1", "text": written}
    question = {"messageId": "1", "text": "Q", "isCreatedByUser": True}
    data = {"conversationId": "l", "title": "T", "messages": [question, reply]}
    found, page = turns(ada_client, ada, data)
    assert found == [("user", "Q"), ("assistant", words)]
    assert "left out" not in page


@pytest.mark.row("O-137")
@pytest.mark.parametrize(
    ("content", "words", "told"),
    [
        ([{"type": "text", "text": "One"}, "Two"], "One\n\nTwo", ""),
        ([{"type": "text", "text": "One"}, {"type": "hologram"}], "One", "1 part of kind hologram"),
        ([{"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}], "[Picture]", ""),
        ({"hologram": "x"}, "[Empty message]", "1 part of kind words as dict"),
    ],
)
def test_words_in_parts_are_read_or_counted(ada_client, ada, content, words, told):
    node = {"id": "1", "role": "user", "content": content}
    history = {"messages": {"1": node}, "currentId": "1"}
    found, page = turns(ada_client, ada, {"id": "o", "chat": {"history": history}})
    assert found == [("user", words)]
    assert told in page


@pytest.mark.row("O-137")
def test_a_mark_without_words_is_counted(ada_client, ada):
    written = "Look: \ue200finance\ue202turn0finance0\ue201"
    _, page = turns(ada_client, ada, line_of(("assistant", written, {})))
    assert "1 part of kind mark finance left out" in page


def quote_of(text):
    return {
        "content_type": "tether_quote",
        "title": "The title",
        "url": "https://example.org/x",
        "text": text,
    }


ENDS = {
    "a picture that did not come": (
        [
            ("user", "Draw a lighthouse", {}),
            ("assistant", CALL, {"recipient": "dalle.text2im"}),
            ("tool", {"content_type": "multimodal_text", "parts": [POINTER]}, {}),
            ("assistant", "", {}),
        ],
        [("user", "Draw a lighthouse"), ("assistant", "[Picture]")],
    ),
    "a report of a tool": (
        [
            ("user", "Research", {}),
            (
                "tool",
                "The final report\n\n# Report\n\nFindings.",
                {"author": {"role": "tool", "name": "research_kickoff_tool.start_research_task"}},
            ),
        ],
        [("user", "Research"), ("assistant", "The final report\n\n# Report\n\nFindings.")],
    ),
    "a quotation and an error": (
        [
            ("user", "Look", {}),
            ("assistant", {"content_type": "code", "text": "open(1)"}, {"recipient": "web"}),
            ("tool", quote_of("Quoted words"), {}),
            ("tool", {"content_type": "system_error", "name": "E", "text": "timed out"}, {}),
        ],
        [
            ("user", "Look"),
            (
                "assistant",
                "[The title](<https://example.org/x>)\n\n> Quoted words\n\n[Error: timed out]",
            ),
        ],
    ),
    "only a call": (
        [
            ("user", "Run", {}),
            ("assistant", {"content_type": "code", "text": "1+1"}, {"recipient": "python"}),
        ],
        [("user", "Run"), ("assistant", "```\n1+1\n```")],
    ),
    "only thoughts": (
        [
            ("user", "Think", {}),
            ("assistant", {"content_type": "thoughts", "thoughts": [{"content": "Hm"}]}, {}),
        ],
        [("user", "Think"), ("assistant", "[Empty reply]")],
    ),
    "nothing": (
        [
            ("user", "Hello", {}),
            ("assistant", "", {}),
            ("user", "Again", {}),
            ("assistant", "Hi", {}),
        ],
        [("user", "Hello"), ("assistant", "[Empty reply]"), ("user", "Again"), ("assistant", "Hi")],
    ),
    "work, then the next question": (
        [
            ("user", "Draw", {}),
            ("tool", {"content_type": "multimodal_text", "parts": [POINTER]}, {}),
            ("user", "Thanks", {}),
        ],
        [("user", "Draw"), ("assistant", "[Picture]"), ("user", "Thanks")],
    ),
    "words, then work": (
        [
            ("user", "Go", {}),
            ("assistant", "I look.", {}),
            ("assistant", {"content_type": "code", "text": "x"}, {"recipient": "web"}),
            ("tool", "Found it", {}),
        ],
        [("user", "Go"), ("assistant", "I look."), ("assistant", "Found it")],
    ),
    "a picture above words": (
        [
            ("user", "Draw", {}),
            ("tool", {"content_type": "multimodal_text", "parts": [POINTER]}, {}),
            ("assistant", "Here it is.", {}),
        ],
        [("user", "Draw"), ("assistant", "[Picture]\n\nHere it is.")],
    ),
    "only a file": (
        [
            ("user", "", {"metadata": {"attachments": [{"name": "report.pdf"}]}}),
            ("assistant", "Read.", {}),
        ],
        [("user", "[File: report.pdf]"), ("assistant", "Read.")],
    ),
    "a file and words": (
        [
            ("user", "Summarise this", {"metadata": {"attachments": [{"name": "plan.docx"}]}}),
            ("assistant", "Done.", {}),
        ],
        [("user", "Summarise this\n\n[File: plan.docx]"), ("assistant", "Done.")],
    ),
    "a question of nothing": (
        [("user", "", {}), ("assistant", "Yes?", {})],
        [("user", "[Empty message]"), ("assistant", "Yes?")],
    ),
    "a hidden message": (
        [
            ("system", "You are", {}),
            ("user", "Secret", {"metadata": {"is_visually_hidden_from_conversation": True}}),
            ("user", "Hi", {}),
            ("assistant", "Hello", {}),
        ],
        [("user", "Hi"), ("assistant", "Hello")],
    ),
    "a document beside the conversation": (
        [
            ("user", "Write", {}),
            (
                "assistant",
                '{"name": "Poem", "type": "document", "content": "The sea is wide."}',
                {"recipient": "canmore.create_textdoc"},
            ),
            ("tool", "Successfully created", {}),
            (
                "assistant",
                '{"updates": [{"pattern": "wide", "multiple": false, "replacement": "deep"}]}',
                {"recipient": "canmore.update_textdoc"},
            ),
            ("assistant", "There.", {}),
        ],
        [
            ("user", "Write"),
            ("assistant", "**Poem**\n\nThe sea is wide.\n\n**Poem**\n\nThe sea is deep.\n\nThere."),
        ],
    ),
    "voice": (
        [
            (
                "user",
                {
                    "content_type": "multimodal_text",
                    "parts": [
                        {"content_type": "audio_transcription", "text": "Spoken words"},
                        {
                            "content_type": "audio_asset_pointer",
                            "asset_pointer": "file-service://a",
                        },
                    ],
                },
                {},
            ),
            ("assistant", "Heard.", {}),
        ],
        [("user", "Spoken words"), ("assistant", "Heard.")],
    ),
    "sources": (
        [
            ("user", "Q", {}),
            (
                "assistant",
                "Yes.",
                {
                    "metadata": {
                        "content_references": [
                            {
                                "type": "grouped_webpages",
                                "items": [{"title": "A", "url": "https://a.example/"}],
                            }
                        ],
                        "citations": [{"metadata": {"title": "B", "url": "https://b.example/"}}],
                    }
                },
            ),
        ],
        [
            ("user", "Q"),
            (
                "assistant",
                "Yes.\n\nSources:\n\n- [A](<https://a.example/>)\n- [B](<https://b.example/>)",
            ),
        ],
    ),
}


@pytest.mark.row("O-137")
@pytest.mark.parametrize("what", ENDS)
def test_no_turn_of_chatgpt_is_lost(ada_client, ada, what):
    messages, expected = ENDS[what]
    found, _ = turns(ada_client, ada, line_of(*messages))
    assert found == expected


def test_what_a_tool_said_on_two_branches_is_there_once_on_each(ada_client, ada):
    data = chatgpt(
        node("q", None, time=1),
        node("t", "q", "tool", ["Found"], 2),
        node("a", "t", "user", ["One"], 3),
        node("b", "t", "user", ["Two"], 4),
        current_node="b",
    )
    found, _ = turns(ada_client, ada, data)
    assert found == [("user", "Words"), ("assistant", "Found"), ("user", "Two")]
    assert ada.conversations.get().messages.filter(content="Found").count() == 1


@pytest.mark.row("O-137")
def test_pictures_and_files_in_the_zip_go_with_their_messages(ada_client, ada):
    shot = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-AbC1"}
    question = {"content_type": "multimodal_text", "parts": [shot, "See"]}
    attachments = [
        {"id": "file-AbC1", "name": "shot.png"},
        {"id": "file-Txt2", "name": "a\nnote.txt"},
        {"id": "file-Gone", "name": "gone.txt"},
        {"id": "file-Bad3", "name": "bad.png"},
    ]
    data = line_of(
        ("user", question, {"metadata": {"attachments": attachments}}),
        ("tool", {"content_type": "multimodal_text", "parts": [POINTER]}, {}),
        ("assistant", "Drawn.", {}),
    )
    file = archive(
        **{
            "conversations.json": [data],
            "file-AbC1-shot.png": png(),
            "file-Txt2-note.txt": b"Its words",
            "file-Bad3-bad.png": b"no picture",
            "user-x/file_0001-sanitized.dat": png("blue"),
            "dalle-generations/file-Other.webp": b"never named",
        }
    )
    found, page = turns(ada_client, ada, file, "export.zip")
    assert found == [
        ("user", "See\n\n[File: gone.txt]\n\n[File: bad.png]"),
        ("assistant", "Drawn."),
    ]
    reply = ada.conversations.get().tip
    asked = [(each.kind, each.name) for each in reply.parent.attachments.all()]
    assert asked == [("picture", "file-AbC1-shot.png"), ("text", "a note.txt")]
    [picture] = reply.attachments.all()
    assert picture.kind == "picture"
    assert (picture.width, picture.height) == (40, 30)
    html = ada_client.get(reply.conversation.get_absolute_url()).content.decode()
    assert html.count("attachment__picture") == 2
    assert "1 file was not taken: This is not a picture we can use" in page
    assert "1 file or picture is not in the export" in page
    assert "1 file belongs to no message" in page


def test_the_storage_of_a_person_is_not_exceeded_by_an_import(ada_client, ada, settings):
    settings.STORAGE_PER_PERSON = 10
    data = line_of(("user", {"content_type": "multimodal_text", "parts": [POINTER]}, {}))
    file = archive(**{"conversations.json": [data], "file_0001.png": png()})
    found, page = turns(ada_client, ada, file, "export.zip")
    assert found == [("user", "[Picture]")]
    assert "Your files and pictures take up" in page
    assert not ada.attachments.exists()


def claude(*contents, **fields):
    messages = [
        {"uuid": f"m{n}", "sender": sender, "content": content, **more}
        for n, (sender, content, more) in enumerate(contents)
    ]
    return {"uuid": "c-1", "name": "From Claude", "chat_messages": messages, **fields}


def artifact(command, **given):
    given = {"id": "poem", "command": command, **given}
    return {"type": "tool_use", "name": "artifacts", "input": given}


POEM = artifact("create", type="text/markdown", title="Poem", content="# Poem\n\nThe sea is wide.")
CODE = artifact(
    "create", type="application/vnd.ant.code", language="python", title="It", content="print(1)"
)
RESULT = {"type": "tool_result", "content": [{"type": "text", "text": "OK"}]}
FILE = {"path": "/a.md", "file_text": "# The file\n\nIts words."}


def said(text):
    return {"type": "text", "text": text}


CLAUDE = {
    "an artifact between words": (
        [said("Here it is:"), POEM, RESULT, said("Enjoy!")],
        "Here it is:\n\n**Poem**\n\n# Poem\n\nThe sea is wide.\n\nEnjoy!",
    ),
    "code": ([CODE], "**It**\n\n```python\nprint(1)\n```"),
    "an update": (
        [POEM, artifact("update", old_str="wide", new_str="deep")],
        "**Poem**\n\n# Poem\n\nThe sea is wide.\n\n**Poem**\n\n# Poem\n\nThe sea is deep.",
    ),
    "a rewrite": (
        [
            CODE,
            artifact(
                "rewrite", content="print(2)", type="application/vnd.ant.code", language="python"
            ),
        ],
        "**It**\n\n```python\nprint(1)\n```\n\n**It**\n\n```python\nprint(2)\n```",
    ),
    "a file alone": (
        [{"type": "tool_use", "name": "create_file", "input": FILE}, said(""), RESULT],
        "**/a.md**\n\n# The file\n\nIts words.",
    ),
    "a change of a file that is not here": (
        [
            {
                "type": "tool_use",
                "name": "str_replace",
                "input": {"path": "/b.py", "old_str": "a", "new_str": "b"},
            }
        ],
        "**/b.py**\n\n```diff\n- a\n+ b\n```",
    ),
    "a result alone": ([{"type": "tool_use", "name": "x", "input": {}}, RESULT], "OK"),
    "an error": ([{**RESULT, "is_error": True}], "[Error: OK]"),
    "thoughts alone": ([{"type": "thinking", "thinking": "Hm"}], "[Empty reply]"),
    "a voice note": (
        [{"type": "voice_note", "title": "Note", "text": "Spoken"}],
        "**Note**\n\nSpoken",
    ),
    "sources": (
        [
            {
                "type": "text",
                "text": "Yes.",
                "citations": [{"details": {"url": "https://a.example/"}, "title": "A"}],
            }
        ],
        "Yes.\n\nSources:\n\n- [A](<https://a.example/>)",
    ),
    "older tags": (
        [said('<antThinking>Hm</antThinking>So: <antArtifact title="T">words</antArtifact>')],
        "So: \n\n\n**T**\n\nwords",
    ),
    "nothing": ([], "[Empty reply]"),
}


@pytest.mark.row("O-137")
@pytest.mark.parametrize("what", CLAUDE)
def test_no_block_of_claude_is_lost(ada_client, ada, what):
    blocks, expected = CLAUDE[what]
    found, _ = turns(ada_client, ada, claude(("human", [said("Q")], {}), ("assistant", blocks, {})))
    assert [re.sub("\n{3,}", "\n\n", each) for _, each in found] == [
        "Q",
        re.sub("\n{3,}", "\n\n", expected),
    ]


def test_projects_of_claude_are_counted(ada_client, ada):
    file = archive(
        **{
            "conversations.json": [claude(("human", [said("Q")], {}))],
            "projects.json": [{"uuid": "p", "name": "P", "docs": [{"filename": "a"}, {}]}],
        }
    )
    _, page = turns(ada_client, ada, file, "export.zip")
    assert "2 parts of kind project document left out" in page


DEEPSEEK = {
    "id": "d1",
    "title": "DS chat",
    "mapping": {
        "root": {"id": "root", "parent": None, "children": ["1"], "message": None},
        "1": {
            "parent": "root",
            "message": {"fragments": [{"type": "REQUEST", "content": "Hi deepseek"}]},
        },
        "2": {
            "parent": "1",
            "message": {
                "model": "deepseek-chat",
                "fragments": [
                    {"type": "THINK", "content": "Hmm"},
                    {"type": "SEARCH", "results": [{"url": "https://a.example/", "title": "A"}]},
                    {"type": "RESPONSE", "content": "Hello"},
                ],
            },
        },
    },
}
OPENWEBUI = {
    "id": "o1",
    "title": "OW chat",
    "pinned": True,
    "meta": {"tags": ["sea"]},
    "chat": {
        "params": {"system": "Speak."},
        "history": {
            "currentId": "a2",
            "messages": {
                "q": {
                    "id": "q",
                    "parentId": None,
                    "role": "user",
                    "content": "Hi",
                    "timestamp": 1e9,
                },
                "a1": {"id": "a1", "parentId": "q", "role": "assistant", "content": "One"},
                "a2": {
                    "id": "a2",
                    "parentId": "q",
                    "role": "assistant",
                    "model": "m",
                    "content": '<details type="reasoning" done="true">\n<summary>T</summary>\n'
                    "> Hmm\n> a &lt; b\n</details>\nHello",
                    "sources": [
                        {"source": {"name": "A"}, "metadata": [{"source": "https://a.example/"}]}
                    ],
                },
            },
        },
    },
}
LIBRECHAT = {
    "conversationId": "l1",
    "title": "LC chat",
    "recursive": True,
    "messages": [
        {
            "messageId": "q",
            "text": "Hi",
            "isCreatedByUser": True,
            "children": [
                {"messageId": "a1", "parentMessageId": "q", "text": "One", "children": []},
                {
                    "messageId": "a2",
                    "model": "m",
                    "content": [
                        {"type": "think", "think": "Hmm"},
                        {
                            "type": "tool_call",
                            "tool_call": {"name": "t", "args": "{}", "output": "O"},
                        },
                        {"type": "text", "text": {"value": "Hello"}},
                    ],
                },
            ],
        }
    ],
}
FLAT = {
    **LIBRECHAT,
    "messages": [
        {"messageId": "a2", "parentMessageId": "q", "text": "<think>Hmm</think>Hello"},
        {"messageId": "q", "parentMessageId": "0", "text": "Hi", "isCreatedByUser": True},
    ],
}
AISTUDIO = {
    "runSettings": {"model": "models/gemini-x"},
    "chunkedPrompt": {
        "chunks": [
            {"role": "user", "text": "Hi"},
            {"role": "model", "text": "Hmm", "isThought": True},
            {"role": "model", "text": "Hello"},
        ]
    },
}
GEMINI = {
    "header": "Gemini Apps",
    "title": "Prompted Hi",
    "time": "2025-05-05T10:00:00.123Z",
    "products": ["Gemini Apps"],
    "safeHtmlItem": [{"html": "<p>Hello <b>there</b></p><ul><li>one</li></ul>"}],
}
PAGE = (
    '<html><body><div class="outer-cell mdl-cell"><div class="mdl-grid"><div class="header-cell">'
    '<p>Gemini Apps</p></div><div class="content-cell mdl-cell mdl-typography--body-1">'
    "Prompted\xa0Hi<br>May 5, 2025, 10:00:00\u202fAM CEST<br><p>Hello <b>there</b></p>"
    '<ul><li>one</li></ul></div><div class="content-cell">Products</div></div></div></body></html>'
)
SOURCES = "Sources:\n\n- [A](<https://a.example/>)"
FORMS = {
    "DeepSeek": (DEEPSEEK, f"{SOURCES}\n\nHello", "Hmm"),
    "Open WebUI": ([OPENWEBUI][0], f"Hello\n\n{SOURCES}", "Hmm\na < b"),
    "LibreChat": (LIBRECHAT, "Hello", "Hmm\n\nt\n\n```\n{}\n```\n\nO"),
    "LibreChat, flat": (FLAT, "Hello", "Hmm"),
    "AI Studio": (AISTUDIO, "Hello", "Hmm"),
    "Gemini": (GEMINI, "Hello **there**\n\n- one", ""),
    "Gemini's page": (PAGE.encode(), "Hello **there**\n\n- one", ""),
}


@pytest.mark.row("O-138")
@pytest.mark.parametrize("service", FORMS)
def test_other_services_come_in(ada_client, ada, service):
    data, words, thoughts = FORMS[service]
    asked = "Hi deepseek" if service == "DeepSeek" else "Hi"
    found, page = turns(ada_client, ada, data)
    assert found == [("user", asked), ("assistant", words)]
    assert ada.conversations.get().tip.reasoning == thoughts
    assert "Left out" not in page


def test_branches_and_settings_of_open_webui_come_along(ada_client, ada):
    bring(ada_client, ada, [OPENWEBUI])
    brought = ada.conversations.get()
    assert brought.is_pinned
    assert brought.system_prompt == "Speak."
    assert [tag.name for tag in brought.tags.all()] == ["sea"]
    assert brought.tip.parent.children.count() == 2


def test_a_picture_as_letters_comes_along(ada_client, ada):
    letters = base64.b64encode(png()).decode()
    chat = json.loads(json.dumps(OPENWEBUI))
    question = chat["chat"]["history"]["messages"]["q"]
    question["files"] = [{"type": "image", "url": f"data:image/png;base64,{letters}"}]
    turns(ada_client, ada, chat)
    [picture] = ada.attachments.all()
    assert (picture.kind, picture.message.content) == ("picture", "Hi")


UNKNOWN = [
    {"id": "x", "title": "T", "mapping": {"1": {"message": {"body": "Hi"}}}},
    {"title": "T", "turns": [{"say": "Hi"}]},
    {"title": "T", "messages": [{"role": "user", "content": "Hi"}]},
    {"version": 3, "history": []},
]


@pytest.mark.row("O-138")
@pytest.mark.parametrize("number", range(len(UNKNOWN)))
def test_an_unknown_form_is_said_to_be_unknown(ada_client, ada, number):
    transfer = bring(ada_client, ada, [UNKNOWN[number]])
    page = page_of(ada_client, transfer)
    assert "It is no conversation in a form that Parlor knows." in page
    assert "It has no messages" not in page
    assert "No conversation was imported." in page
    assert not ada.conversations.exists()


# One of everything that ChatGPT is known to write, and of what nobody knows.
PARTS = {
    "image_asset_pointer": {"asset_pointer": "sediment://file_9"},
    "audio_transcription": {"text": "Spoken words"},
    "audio_asset_pointer": {"asset_pointer": "file-service://a"},
    "real_time_user_audio_video_asset_pointer": {"frames_asset_pointers": [{"a": 1}]},
    "video_container_asset_pointer": {},
    "hologram": {"shape": "cube"},
    "worded": {"text": "Words of a part"},
}
CONTENTS = {
    "text": ({"parts": ["Plain words"]}, "Plain words"),
    "multimodal_text": ({"parts": ["Words and more"]}, "Words and more"),
    "code": ({"text": "code_here()"}, "code_here()"),
    "execution_output": ({"text": "an output"}, "an output"),
    "thoughts": ({"thoughts": [{"summary": "In short", "content": "At length"}]}, "At length"),
    "reasoning_recap": ({"content": "Thought for 5 s"}, "Thought for 5 s"),
    "tether_quote": ({"text": "Quoted", "url": "https://q.example/"}, "https://q.example/"),
    "tether_browsing_display": ({"result": "Found there"}, "Found there"),
    "tether_browsing_code": ({"text": "click(1)"}, "click(1)"),
    "system_error": ({"text": "timed out"}, "timed out"),
    "sonic_webpage": ({"title": "A page", "url": "https://s.example/", "text": "W"}, "A page"),
    "citable_code_output": ({"output_str": "It ran"}, "It ran"),
    "computer_output": ({"state": {"url": "https://c.example/"}}, "https://c.example/"),
    "super_widget": ({"widget": "w"}, None),
    "hologram": ({}, None),
}


@pytest.mark.row("O-137")
@pytest.mark.parametrize("kind", PARTS)
def test_each_type_of_part_is_shown_or_counted(ada_client, ada, kind):
    part = {"content_type": kind, **PARTS[kind]}
    content = {"content_type": "multimodal_text", "parts": [part]}
    found, page = turns(ada_client, ada, line_of(("user", content, {})))
    words = found[0][1]
    is_told = PARTS[kind].get("text", "[Picture]") in words
    assert is_told or re.search(rf"\d part of kind {kind} left out", page)


@pytest.mark.row("O-137")
@pytest.mark.parametrize("role", ["user", "assistant", "tool"])
@pytest.mark.parametrize("kind", CONTENTS)
def test_each_type_of_content_is_shown_or_counted(ada_client, ada, role, kind):
    more, words = CONTENTS[kind]
    data = line_of(
        ("user", "Q", {}),
        (role, {"content_type": kind, **more}, {}),
        ("assistant", "Last words", {}),
    )
    _, page = turns(ada_client, ada, data)
    kept = [f"{each.content}\n{each.reasoning}" for each in ada.conversations.get().messages.all()]
    if words is None:
        assert re.search(rf"\d parts? of kind {kind}", page)
    else:
        assert any(words in each for each in kept)


@pytest.mark.row("O-137")
def test_parts_of_unknown_kinds_are_counted_together(ada_client, ada):
    part = {"content_type": "hologram", "shape": "cube"}
    content = {"content_type": "multimodal_text", "parts": [part, part, "Words"]}
    data = line_of(
        ("user", content, {"poll": {"q": 1}}),
        ("assistant", "Yes", {"metadata": {"novelty": ["x"], "request_id": "r"}}),
        ("critic", "No", {}),
    )
    other = {**line_of(("user", content, {})), "id": "c-2", "title": "Second"}
    page = page_of(ada_client, bring(ada_client, ada, [data, other]))
    assert "From ChatGPT · Second: 4 parts of kind hologram left out." in page
    assert "1 part of kind message.poll left out" in page
    assert "1 part of kind metadata.novelty left out" in page
    assert "1 part of kind role critic left out" in page
    assert "request_id" not in page


OTHERS = {
    "claude": claude(("assistant", [{"type": "hologram"}, said("W")], {"poll": "x"})),
    "deepseek": {
        "id": "d",
        "mapping": {"1": {"message": {"fragments": [{"type": "HOLOGRAM"}], "poll": "x"}}},
    },
    "openwebui": {
        "id": "o",
        "chat": {
            "history": {
                "messages": {
                    "q": {
                        "role": "assistant",
                        "content": "W",
                        "files": [{"type": "hologram"}],
                        "poll": "x",
                    }
                }
            }
        },
    },
    "librechat": {
        "conversationId": "l",
        "messages": [{"messageId": "1", "content": [{"type": "hologram"}], "poll": "x"}],
    },
    "aistudio": {"chunkedPrompt": {"chunks": [{"role": "user", "text": "W", "hologram": [1]}]}},
    "gemini": {"header": "Gemini Apps", "title": "Asked W", "time": "2025", "hologram": [1]},
    "parlor": {
        "format": "parlor-conversation",
        "version": 1,
        "id": "7b0f3f4e-6a57-4c1b-9d0c-4f0a5a2b8f12",
        "messages": [{"role": "user", "content": "W", "hologram": "x"}],
    },
}


@pytest.mark.row("O-137")
@pytest.mark.parametrize("service", OTHERS)
def test_what_no_service_is_known_to_write_is_counted(ada_client, ada, service):
    page = page_of(ada_client, bring(ada_client, ada, [OTHERS[service]]))
    assert "1 conversation was imported." in page
    assert re.search(r"1 part of kind (\w+\.)?hologram left out", page, re.IGNORECASE)
    if "poll" in json.dumps(OTHERS[service]):
        assert "1 part of kind message.poll left out" in page


NAMES = {
    "line one\nline two": "line one line two",
    "a\u2028b\x85c": "a b c",
    "tab\there": "tab here",
    "bell\x07\x9b and \u202eback": "bell and back",
    "  around ": "around",
}


@pytest.mark.row("O-138")
@pytest.mark.parametrize("name", NAMES)
def test_imported_names_are_on_one_line(ada_client, ada, name):
    parlor = {
        **OTHERS["parlor"],
        "title": name,
        "model": name,
        "messages": [
            {"role": "user", "content": "Q", "attachments": [name + ".txt"]},
            {"role": "assistant", "parent": 0, "content": "A", "model": name},
        ],
        "tip": 1,
    }
    bring(ada_client, ada, [parlor])
    brought = ada.conversations.get()
    assert brought.title == brought.model == brought.tip.model == NAMES[name]
    assert len(brought.tip.parent.content.splitlines()) == 3


@pytest.mark.parametrize("letter", ["👩‍👩‍👧‍👦", "🇩🇪", "e\u0301\u0302", "👍🏽", "❤️"])
def test_a_long_title_is_cut_between_letters(ada_client, ada, letter):
    data = line_of(("user", "Q", {}))
    for start in ("", "a", "ab"):
        bring(ada_client, ada, [{**data, "id": f"c{start}", "title": start + letter * 3000}])
    for conversation in ada.conversations.all():
        rest = conversation.title.lstrip("ab")
        assert rest == letter * (len(rest) // len(letter))
        assert len(conversation.title) > 200 - len(letter) - 1


def test_files_of_an_account_come_back_from_its_archive(ada_client, ada, bob_client, bob):
    from tests.chat.talk import Pieces, ended_transfer
    from tests.chat.transfers.test_imports import export

    question = {"content_type": "multimodal_text", "parts": [POINTER, "See"]}
    attachments = [{"id": f"file-{n}", "name": "my note (1).txt"} for n in "AB"]
    data = line_of(("user", question, {"metadata": {"attachments": attachments}}))
    members = {"conversations.json": [data], "file_0001.png": png()}
    members |= {"file-A.txt": b"First words", "file-B.txt": b"Second words"}
    bring(ada_client, ada, archive(**members))
    ada_client.post("/chat/export/")
    made = ended_transfer(ada)
    file = Pieces(ada_client.get(f"/chat/transfers/{made.pk}/file/")).rest_of_bytes()
    _, page = turns(bob_client, bob, file, "parlor.zip")
    mine, theirs = ada.conversations.get(), bob.conversations.get()
    assert export(ada_client, mine) == export(bob_client, theirs)
    for one, other in zip(mine.tip.attachments.all(), theirs.tip.attachments.all(), strict=True):
        assert (one.name, one.text, one.width) == (other.name, other.text, other.width)
    assert "Left out" not in page


def test_a_report_about_many_conversations_stays_short(ada_client, ada):
    parts = [
        {"id": f"c{n}", "title": f"T{n}", "mapping": {"1": {"message": {"body": "x"}}}}
        for n in range(300)
    ]
    transfer = bring(ada_client, ada, parts)
    assert len(transfer.report) <= 210
    assert sum(note["n"] for note in transfer.report) == 300
    assert "Other conversations" in page_of(ada_client, transfer)


def test_what_an_assistant_drew_is_words_to_the_model(ada_client, ada, demo, settings):
    from tests.chat.talk import answered

    settings.CHAT_VISION_MODELS = ["*"]
    data = line_of(
        ("user", "Draw", {}),
        ("tool", {"content_type": "multimodal_text", "parts": [POINTER]}, {}),
    )
    bring(ada_client, ada, archive(**{"conversations.json": [data], "file_0001.png": png()}))
    reply = answered(ada_client, "And on?", ada.conversations.get())
    assert reply.state == "done"
    sent = [each["content"] for each in demo.requests[-1]["body"]["messages"]]
    assert sent == ["Draw", "[picture: file_0001]", "And on?"]


@pytest.mark.row("O-137")
def test_branches_cannot_multiply_what_was_done_without_end(ada_client, ada):
    nodes, parent = [], None
    for n in range(3_000):
        nodes.append(node(f"t{n}", parent, "tool", ["x" * 1_000], n + 1))
        nodes.append(node(f"u{n}", f"t{n}", "user", ["Q"], n + 1))
        parent = f"t{n}"
    transfer = bring(ada_client, ada, [chatgpt(*nodes)])
    assert "It cannot be read, or is too large." in page_of(ada_client, transfer)


@pytest.mark.row("O-137")
def test_versions_of_a_document_cannot_grow_without_end(ada_client, ada):
    document = artifact("create", type="text/markdown", title="T", content="a" * 100_000)
    update = artifact("update", old_str="a", new_str="b")
    data = claude(("human", [said("Q")], {}), ("assistant", [document, *[update] * 2_000], {}))
    transfer = bring(ada_client, ada, [data])
    assert "It cannot be read, or is too large." in page_of(ada_client, transfer)


THINKING = {
    "<think>Hmm</think>\n\nHello": ("Hello", "Hmm"),
    "Hmm.\n</think>\n\nHello": ("Hello", "Hmm."),
    "<think>Hmm</think>": ("[Empty reply]", "Hmm"),
    "Write `<think>` before it": ("Write `<think>` before it", ""),
}


@pytest.mark.parametrize("written", THINKING)
def test_thoughts_in_the_text_of_another_services_reply_become_reasoning(ada_client, ada, written):
    words, thoughts = THINKING[written]
    for data in (
        line_of(("user", "Q", {}), ("assistant", written, {})),
        claude(("human", [said("Q")], {}), ("assistant", [said(written)], {})),
        {**LIBRECHAT, "messages": [{"messageId": "a", "text": written}]},
    ):
        bring(ada_client, ada, [data])
        reply = ada.conversations.latest("pk").tip
        assert (reply.content, reply.reasoning) == (words, thoughts)
