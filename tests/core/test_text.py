import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.text import TextCleaner, boundary, clean_name, clean_text, shortened

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


FAMILY, FLAG, ACCENT = "👩‍👩‍👧‍👦", "🇩🇪", "e\u0301"


@pytest.mark.parametrize(
    "cluster", [FAMILY, FLAG, ACCENT, "👍🏽", "ก็", "한", "\u1112\u1161\u11ab", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
)
@pytest.mark.parametrize("most", range(1, 40))
def test_nothing_is_cut_within_what_is_seen_as_one_character(cluster, most):
    cut = shortened(cluster * 100, most)
    assert len(cut) <= most
    whole, rest = divmod(len(cut) - 1, len(cluster))
    assert (cut, rest) == (cluster * whole + "…", 0) or most <= len(cluster)


def test_what_is_short_enough_is_left_alone():
    assert shortened("short", 5) == "short"
    assert shortened("a longer text", 9) == "a longer…"


def test_a_cluster_that_is_made_to_be_long_is_cut_all_the_same():
    cut = shortened("a" + "\u0301" * 5000, 60)
    assert len(cut) == 60
    assert boundary("\u0301" * 5000, 4000) <= 4000


def test_a_name_keeps_its_suffix_and_its_last_character_whole():
    assert clean_name(FAMILY * 50 + ".png", 30) == FAMILY * 3 + "….png"
