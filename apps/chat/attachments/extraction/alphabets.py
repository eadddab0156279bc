"""The letters that languages have beside a to z: what a text in a wrong encoding breaks."""

_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"

# Languages in one group often stand in one text, as names do.
_GROUPS = (
    (  # Western Europe.
        *("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü¿¡", "ãáàâçéêíóôõúü", "àéèìòùóî", "åäöé"),
        *("æøåéü", "àçèéíïòóúü·", "ëïéèöüó", "áðéíóúýþæö", "áéíóú", "áéíóúâêîôûŵŷäëïöẁẃỳ"),
    ),
    (  # Central Europe.
        *("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű"),
        *("čćđšžé", "ăâîșț", "ăâîşţ", "çë"),
    ),
    ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),  # The Baltic.
    ("çğıöşüâîiİ", "əğıöüçşİi"),
    ("ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵ\u0300\u0301\u0303\u0309\u0323",),
    ("ċġħżàèìòù",),
    ("ĉĝĥĵŝŭ",),
    (  # Cyrillic.
        *(_RUSSIAN, "абвгдежзийклмнопрстуфхцчшщьюяєіїґ", "абвгдежзийклмнопрстуфхцчшщъьюя"),
        *("абвгдђежзијклљмнњопрстћуфхцчџш", "абвгдѓежзѕијклљмнњопрстќуфхцчџш"),
        "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    ),
    ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",),
    ("".join(map(chr, [*range(0x05D0, 0x05EB), *range(0x05B0, 0x05C3)])),),
    (
        "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوى\u0640\u064aًٌٍَُِّْ،؛؟",
        "ءآأؤئابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھهیے\u0649\u064aك،؛؟\u0640",
    ),
    ("".join(map(chr, [*range(0x0E01, 0x0E3B), *range(0x0E3F, 0x0E5C)])),),
)
_OF_A_NEIGHBOUR = 0.3  # How odd a letter is that only another language of the group has.


def _both_cases(letters: str) -> frozenset[str]:
    return frozenset(letters) | frozenset(letters.upper())


_ALPHABETS = [
    (_both_cases(letters), _both_cases("".join(group))) for group in _GROUPS for letters in group
]


def count_foreign(letters: list[str]) -> float:
    """Return how many of the letters the alphabet that fits best does not have."""
    return min(
        sum(
            0.0 if letter in own else _OF_A_NEIGHBOUR if letter in near else 1.0
            for letter in letters
        )
        for own, near in _ALPHABETS
    )
