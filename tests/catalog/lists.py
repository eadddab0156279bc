"""Lists of models as services give them: names and times of real ones, for the patterns to meet."""


def names(text):
    return text.split()


def rows(text, start=1_600_000_000):
    """Return a list with one model a line, each newer than the one above it."""
    return [
        {"id": name, "object": "model", "created": start + 1000 * number, "owned_by": "x"}
        for number, name in enumerate(text.split())
    ]


def untimed(*listed, **fields):
    return [{"id": name, "object": "model", **fields} for name in listed]


# OpenAI lists in no order; here it is that of `created`.
OPENAI_CHAT = names("""
    gpt-3.5-turbo gpt-3.5-turbo-16k gpt-4 gpt-4-0613 gpt-4-1106-preview gpt-3.5-turbo-1106
    gpt-4-0125-preview gpt-4-turbo-preview gpt-3.5-turbo-0125 gpt-4-turbo
    gpt-4-turbo-2024-04-09 gpt-4o gpt-4o-2024-05-13 gpt-4o-mini gpt-4o-mini-2024-07-18
    gpt-4o-2024-08-06 chatgpt-4o-latest o1 o1-2024-12-17 gpt-4o-2024-11-20 o3-mini
    o3-mini-2025-01-31 gpt-4o-search-preview gpt-4o-search-preview-2025-03-11
    gpt-4o-mini-search-preview gpt-4o-mini-search-preview-2025-03-11 o3-2025-04-16
    o4-mini-2025-04-16 o3 o4-mini gpt-4.1 gpt-4.1-2025-04-14 gpt-4.1-mini
    gpt-4.1-mini-2025-04-14 gpt-4.1-nano gpt-4.1-nano-2025-04-14 gpt-5-chat-latest gpt-5
    gpt-5-2025-08-07 gpt-5-mini gpt-5-mini-2025-08-07 gpt-5-nano gpt-5-nano-2025-08-07
    gpt-5-search-api gpt-5-search-api-2025-10-14 gpt-5.1-chat-latest gpt-5.1 gpt-5.1-2025-11-13
    gpt-5.2 gpt-5.2-2025-12-11 gpt-5.2-chat-latest ft:gpt-4.1-mini-2025-04-14:acme::AbCdEf12
""")
OPENAI_PICTURES = names("""
    dall-e-2 dall-e-3 gpt-image-1 gpt-image-1-mini gpt-image-1.5 chatgpt-image-latest
""")
OPENAI_OTHER = names("""
    text-embedding-ada-002 whisper-1 tts-1 davinci-002 babbage-002 gpt-3.5-turbo-instruct
    gpt-3.5-turbo-instruct-0914 tts-1-hd tts-1-1106 tts-1-hd-1106 text-embedding-3-small
    text-embedding-3-large omni-moderation-latest omni-moderation-2024-09-26
    text-moderation-stable gpt-4o-realtime-preview gpt-4o-realtime-preview-2024-12-17
    gpt-4o-mini-realtime-preview gpt-4o-audio-preview gpt-4o-audio-preview-2024-12-17
    gpt-4o-mini-audio-preview computer-use-preview computer-use-preview-2025-03-11
    gpt-4o-transcribe gpt-4o-mini-transcribe gpt-4o-mini-tts o1-pro o1-pro-2025-03-19
    codex-mini-latest o3-pro o3-pro-2025-06-10 o3-deep-research o3-deep-research-2025-06-26
    o4-mini-deep-research o4-mini-deep-research-2025-06-26 gpt-5-codex gpt-5-pro
    gpt-5-pro-2025-10-06 gpt-realtime gpt-realtime-2025-08-28 gpt-realtime-mini gpt-audio
    gpt-audio-2025-08-28 gpt-audio-mini sora-2 sora-2-pro gpt-4o-transcribe-diarize
    gpt-5.1-codex gpt-5.1-codex-mini gpt-5.1-codex-max gpt-4o-mini-tts-2025-12-15
    gpt-4o-mini-transcribe-2025-12-15 gpt-5.2-pro gpt-5.2-pro-2025-12-11 gpt-5.2-codex
    gpt-audio-1.5 gpt-realtime-1.5
""")

GROQ_CHAT = names("""
    llama-3.3-70b-versatile llama-3.1-8b-instant meta-llama/llama-4-scout-17b-16e-instruct
    meta-llama/llama-4-maverick-17b-128e-instruct qwen/qwen3-32b openai/gpt-oss-20b
    openai/gpt-oss-120b moonshotai/kimi-k2-instruct-0905 groq/compound groq/compound-mini
    allam-2-7b
""")
GROQ_OTHER = names("""
    whisper-large-v3 whisper-large-v3-turbo playai-tts playai-tts-arabic
    canopylabs/orpheus-v1-english meta-llama/llama-guard-4-12b
    meta-llama/llama-prompt-guard-2-22m meta-llama/llama-prompt-guard-2-86m
    openai/gpt-oss-safeguard-20b
""")

MISTRAL_CHAT = names("""
    mistral-large-2411 mistral-large-latest mistral-large-2512 mistral-medium-2508
    mistral-medium-latest mistral-small-2506 mistral-small-latest ministral-3b-2512
    ministral-8b-latest open-mistral-nemo open-mistral-7b magistral-medium-2509
    magistral-small-latest codestral-latest devstral-medium-latest pixtral-large-latest
    voxtral-small-2507 voxtral-small-latest
""")
MISTRAL_OTHER = names("""
    mistral-embed codestral-embed mistral-moderation-2411 mistral-moderation-latest
    mistral-ocr-2505 mistral-ocr-latest voxtral-mini-transcribe-2507
""")

GEMINI_CHAT = names("""
    models/gemini-2.5-flash models/gemini-2.5-pro models/gemini-2.0-flash
    models/gemini-2.0-flash-001 models/gemini-2.0-flash-lite models/gemini-2.5-flash-lite
    models/gemini-2.5-flash-preview-09-2025 models/gemini-3-pro-preview
    models/gemini-flash-latest models/gemma-3-1b-it models/gemma-3-27b-it
    models/gemma-3n-e4b-it models/gemini-robotics-er-1.5-preview models/gemini-exp-1206
""")
GEMINI_PICTURES = names("""
    models/gemini-2.5-flash-image models/gemini-3-pro-image-preview
    models/nano-banana-pro-preview models/imagen-4.0-generate-001
    models/imagen-4.0-ultra-generate-001
""")
GEMINI_OTHER = names("""
    models/embedding-001 models/gemini-embedding-001 models/text-embedding-004 models/aqa
    models/veo-3.0-generate-001 models/veo-3.1-fast-generate-preview models/lyria-002
    models/gemini-2.5-flash-preview-tts models/gemini-2.5-pro-preview-tts
    models/gemini-2.5-flash-native-audio-latest models/gemini-2.0-flash-live-001
    models/gemini-2.5-computer-use-preview-10-2025 models/deep-research-pro-preview-12-2025
""")

# Together answers with a bare list, and says of each what it is.
TOGETHER = [
    {"id": "meta-llama/Llama-3.3-70B-Instruct-Turbo", "type": "chat", "created": 1_733_466_629},
    {"id": "deepseek-ai/DeepSeek-V3.1", "type": "chat", "created": 1_755_800_000},
    {"id": "Qwen/Qwen3-235B-A22B-Instruct-2507-tput", "type": "chat", "created": 0},
    {"id": "meta-llama/Llama-2-70b-hf", "type": "language", "created": 0},
    {"id": "black-forest-labs/FLUX.1-schnell", "type": "image", "created": 0},
    {"id": "google/imagen-4.0-preview", "type": "image", "created": 0},
    {"id": "togethercomputer/m2-bert-80M-32k-retrieval", "type": "embedding", "created": 0},
    {"id": "Salesforce/Llama-Rank-V1", "type": "rerank", "created": 0},
    {"id": "Meta-Llama/Llama-Guard-7b", "type": "moderation", "created": 0},
    {"id": "cartesia/sonic-2", "type": "audio", "created": 0},
    {"id": "openai/whisper-large-v3", "type": "transcribe", "created": 0},
    {"id": "minimax/video-01-director", "type": "video", "created": 0},
]

OPENROUTER_CHAT = names("""
    openai/gpt-5 openai/gpt-5-codex openai/o3-pro openai/o3-deep-research
    openai/gpt-4o:extended anthropic/claude-sonnet-4.5 anthropic/claude-opus-4.1
    google/gemini-2.5-pro x-ai/grok-4 deepseek/deepseek-chat-v3.1:free
    deepseek/deepseek-r1-0528 qwen/qwen3-coder qwen/qwen3-vl-8b perplexity/sonar-deep-research
    mistralai/mistral-large-2411 openrouter/auto meta-llama/llama-3.3-70b-instruct:free
    nousresearch/hermes-4-405b cohere/command-a
""")


def openrouter(*listed, outputs=("text",), start=1_700_000_000):
    return [
        {
            "id": name,
            "created": start + number,
            "architecture": {"modality": "text->text", "output_modalities": list(outputs)},
            "expiration_date": None,
        }
        for number, name in enumerate(listed)
    ]


OLLAMA_CHAT = names("""
    llama3.2:latest llama3.1:8b llama3.1:70b gemma3:27b qwen2.5-coder:7b qwen3:30b-a3b
    mistral:latest deepseek-r1:14b phi4:latest llava:13b gpt-oss:20b
    hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M
""")
OLLAMA_OTHER = names("""
    nomic-embed-text:latest mxbai-embed-large:latest bge-m3:latest all-minilm:latest
    snowflake-arctic-embed2:latest llama-guard3:8b shieldgemma:2b granite3-guardian:8b
    deepseek-ocr:latest embeddinggemma:300m
""")

CHAT = {
    "openai": OPENAI_CHAT,
    "groq": GROQ_CHAT,
    "mistral": MISTRAL_CHAT,
    "gemini": GEMINI_CHAT,
    "ollama": OLLAMA_CHAT,
}
PICTURES = {"openai": OPENAI_PICTURES, "gemini": GEMINI_PICTURES}
OTHER = {
    "openai": OPENAI_OTHER,
    "groq": GROQ_OTHER,
    "mistral": MISTRAL_OTHER,
    "gemini": GEMINI_OTHER,
    "ollama": OLLAMA_OTHER,
}
