import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.text import TextCleaner, clean_text

AWKWARD = st.text(st.sampled_from("aé\r\n\t\x00\x1b\u2028\ud83d\ude00\ud800\udfff\U0001f600"))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("a\r\nb\rc\r\r\nd", "a\nb\nc\n\nd"),
        ("a\x00b\x1b[31m\x08\x0b\x0c", "ab[31m"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\ud83d \ude00", "\ufffd \ufffd"),
        ("\ud83d\x00\ude00", "\U0001f600"),
        ("a\u2028b\ufffd\x7f", "a\u2028b\ufffd\x7f"),
        ("", ""),
    ],
)
def test_text_is_cleaned_of_what_breaks_storage(text, cleaned):
    assert clean_text(text) == cleaned


@given(AWKWARD)
def test_clean_text_can_be_encoded_and_is_left_alone(text):
    cleaned = clean_text(text)
    assert cleaned.encode().decode() == cleaned
    assert clean_text(cleaned) == cleaned


@given(st.lists(AWKWARD))
def test_the_cuts_between_pieces_leave_no_trace(pieces):
    cleaner = TextCleaner()
    cleaned = "".join(map(cleaner.feed, pieces)) + cleaner.flush()
    assert cleaned == clean_text("".join(pieces))


def test_nothing_but_half_a_character_is_kept_back():
    cleaner = TextCleaner()
    assert cleaner.feed("a\r") == "a\n"
    assert cleaner.feed("\nb\ud83d") == "b"
    assert cleaner.feed("\ude00") == "\U0001f600"
