"""What the name of a model says: whether it can chat, makes pictures, is a general one.

Patterns of families and of words, never of single models: those come and go. Services often say
more; see openai_models. A guess that was wrong is learned from the answer; see listing.note_unfit.
"""

import re

WORD = r"(?<![a-z]){}(?![a-z])"


def _words(*patterns: str) -> re.Pattern[str]:
    """Return what finds one of the words, which end where letters end."""
    return re.compile(WORD.format(f"(?:{'|'.join(patterns)})"), re.IGNORECASE)


# What takes or gives something else than text, whatever its service says of it.
_OTHER = _words(
    # Vectors and marks.
    r"embed(der)?s?", r"embedding\w*", "bge", "gte", "e5", "minilm", "mxbai", "rerank(er)?",
    "colbert",
    # Judges.
    r"moderations?", r"\w*guard(ian)?", r"shield\w*", r"safeguard", r"safety", "classifier",
    "reward", "nemoguard", "wildguard",
    # Sound.
    "whisper", r"transcri(be|ption)", "diarize", "asr", "stt", "tts", "speech", "audio", "voice",
    "realtime", "live", "parakeet", "canary", "orpheus", "kokoro", "sonic", "lyria", "music",
    "musicgen", "playai", "scribe", "eleven", "translate-audio",
    # Moving pictures.
    r"sora", r"veo", "video", r"t2v", r"i2v", r"ti2v", "kling", "hailuo", "vidu", "pixverse",
    "seedance", "ltx", "cogvideox?", "hunyuanvideo", "mochi",
    # Documents, screens, and what answers by other rules.
    r"\w*ocr", r"computer-use", "aqa", "layout", "ui-tars",
    # From before there was chat.
    "babbage", "davinci", "curie", r"text-ada", r"gpt-3\.5-turbo-instruct",
)  # fmt: skip

_PICTURES = _words(
    r"gpt-image", r"chatgpt-image", r"dall-?e", "imagen", "imagine-image", "flux", "sdxl", r"sd3",
    r"sd-?turbo", r"stable-?(diffusion|image|cascade)", "seedream", "seededit", "hidream",
    "ideogram", "recraft\\w*", "playground-v", "kolors", "nano-banana", "cogview", "kandinsky",
    "photon", "pixart", "sana", "bria", "juggernaut", "dreamshaper", "auraflow", "midjourney",
    "riverflow", "titan-image", "nova-canvas", "janus", "firefly", "images?", "text-to-image",
    "t2i", "krea", "reve", "diffusion", "animagine", "pony",
)  # fmt: skip
_CHANGES_ONLY = _words(
    "edit", "editing", "inpaint(ing)?", "outpaint(ing)?", "fill", "canny", "depth", "redux",
    r"lora", "upscale[rd]?", "kontext", "control(net)?", "variation", "background", "refiner",
)  # fmt: skip

# OpenAI serves these by its newer protocol alone; other vendors' of such names chat.
_OTHER_PROTOCOL = re.compile(
    r"^(openai/)?(gpt-.*codex|codex-|(o\d|gpt-\d)[\w.]*-pro(?![a-z])|o\d.*deep-research)"
    r"|^(models/)?deep-research",
    re.IGNORECASE,
)

# What is made for one purpose, or for finding out: nobody's default.
_SPECIAL = _words(
    "codex", r"code", r"coder\w*", "codestral", "codegemma", "codellama", "starcoder", "devstral",
    "leanstral", "math", "mathstral", "prover", "search", "online", "research", r"deep-research",
    "sonar", "browser", "chatgpt", r"chat-latest", "vision", "vl", "ocr", "omni", "robotics",
    "er", "med\\w*", "bio\\w*", "finance", "legal", "law", "translat\\w*", r"ft", "lora", "base",
    "pt", "completions?", "roleplay", "rp", "story\\w*", "uncensored", "abliterated", "dolphin",
    "euryale", "lumimaid", "mythomax", "distill\\w*", "draft", "compound", "router", "auto",
    "fusion", "tool-?use", "function\\w*", "test", "dummy", "fake", "learnlm", "antigravity",
    "agent", "image", "pro-vision", "voxtral", "saba", "free", "thinking", "reasoning", "beta-\\w+",
)  # fmt: skip
_PREVIEW = _words("preview", "exp", "experimental", "beta", "alpha", "rc", "nightly", "dev")
_SMALL = _words(
    "mini", "nano", "tiny", "small", "lite", "micro", "instant", "haiku", r"ministral", "smol\\w*",
    r"(?<![\d.])\d(\.\d+)?b", "air", "edge", "e[24]b",
)  # fmt: skip
_LARGE = _words("large", "max", "ultra", "opus", "pro", "plus")
# What follows the name of which it is a variant.
_SUFFIX = re.compile(
    r"(-latest|-chat-latest|-preview|-exp|-mini|-nano|-turbo|-fast|:[a-z]+|@\w+"
    r"|[-@]20\d\d-?\d\d-?\d\d|-\d\d-20\d\d|-\d\d-\d\d|-\d{4}|-00\d|-(non-)?reasoning)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\d.])(\d{1,2})(?:\.(\d{1,2}))?(?![\d.]*(?:b|\d))", re.IGNORECASE)
_SIZE = re.compile(r"\db(?![a-z])", re.IGNORECASE)


def is_name(name: str) -> bool:
    """Return whether the name, which nobody has checked, can be shown and sent."""
    return 0 < len(name) <= 200 and name.isprintable() and not name.isspace()


def can_chat(name: str, said: bool | None = None) -> bool:
    """Return whether it may be able to chat; `said` is what its service says of that."""
    if not is_name(name) or said is False or _OTHER.search(name):
        return False
    return bool(said) or not (_PICTURES.search(name) or _OTHER_PROTOCOL.search(name))


def makes_pictures(name: str, said: bool | None = None) -> bool:
    """Return whether it looks like one that makes pictures of words."""
    if not is_name(name) or _OTHER.search(name):
        return False
    return bool(said) or bool(_PICTURES.search(name) and not _CHANGES_ONLY.search(name))


def rank(name: str, names: frozenset[str]) -> tuple[int, ...]:
    """Return how far it is from a general model: the least is the most general of the names."""
    return (
        len(_SPECIAL.findall(name)),
        int(is_variant(name, names)),
        len(_PREVIEW.findall(name)),
        len(_SMALL.findall(name)),
    )


def is_variant(name: str, names: frozenset[str]) -> bool:
    """Return whether the names hold the one of which this is a snapshot, or a smaller sister."""
    base = name
    while shorter := _SUFFIX.sub("", base):
        if shorter == base:
            return False
        base = shorter
        if base in names or (f"{base}-latest" != name and f"{base}-latest" in names):
            return True
    return False


def version(name: str) -> tuple[bool, tuple[int, ...], bool]:
    """Return what tells the newer of two models where their service does not; the more the newer.

    The numbers of a name count before its size: 3.1 is newer than 2.5.
    """
    numbers = _NUMBER.findall(name)
    first = tuple(int(part or 0) for part in numbers[0]) if numbers else ()
    return not _SIZE.search(name), first, bool(_LARGE.search(name))
