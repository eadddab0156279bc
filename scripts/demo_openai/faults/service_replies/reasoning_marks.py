"""Replies with the model's thoughts between marks in the text."""

from __future__ import annotations

from scripts.demo_openai.faults.service_replies.chunks import HMM, TEXT, Answer, said

CHANNEL = "<|channel|>{}<|message|>"

HARMONY = f"{CHANNEL.format('analysis')}{HMM}<|end|><|start|>assistant{CHANNEL.format('final')}"

REASONING_MARKS = {
    name: Answer(about, said(text.format(hmm=HMM, text=TEXT)))
    for name, about, text in (
        ("marks-no-start", "thoughts whose beginning is missing", "{hmm}\n</think>\n\n{text}"),
        ("marks-empty", "thoughts without a word", "<think>\n\n</think>\n\n{text}"),
        ("marks-twice", "marks that stand twice", "<think><think>{hmm}</think></think>{text}"),
        ("marks-blank", "a blank in the closing mark", "<think>{hmm}</think >\n{text}"),
        ("marks-closed", "one mark that opens and closes", "<think/>\n{text}"),
        ("marks-harmony", "the channels of Harmony", HARMONY + "{text}<|return|>"),
        ("marks-gemma", "the channel of Gemma", "<|channel>thought\n{hmm}<channel|>{text}"),
        ("marks-mistral", "[THINK] and [/THINK]", "[THINK]{hmm}[/THINK]{text}"),
        ("marks-kimi", "◁think▷ and ◁/think▷", "◁think▷{hmm}◁/think▷{text}"),
        (
            "marks-hunyuan",
            "thoughts and the answer, each in its tag",
            "<think>\n{hmm}\n</think>\n<answer>\n{text}\n</answer>",
        ),
        (
            "marks-granite",
            "thoughts between plain words",
            "Here is my thought process: {hmm}\n\nHere is my response: {text}",
        ),
    )
}
