"""A page of the gallery: found by where it begins, so that the last is as quick as the first."""

from dataclasses import dataclass

from apps.ghibli_converter.models import Picture, PictureQuerySet

PAGE_SIZE = 24  # Fills rows of two, three, four and six.


@dataclass(frozen=True, slots=True)
class GalleryPage:
    pictures: list[Picture]  # Newest first.
    newer: int | None  # The id after which the page above begins, if there is one,
    older: int | None  # and the id before which the page below does.


def list_pictures(pictures: PictureQuerySet, before: int = 0, after: int = 0) -> GalleryPage:
    """Return the page that begins before a picture, or ends after one; else the newest."""
    if after:
        return _page_above(pictures, after)
    rows = pictures.newest_first().filter(pk__lt=before) if before else pictures.newest_first()
    found = list(rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    if before and not found:
        return list_pictures(pictures)
    newer = shown[0].pk if before else None
    return GalleryPage(shown, newer, shown[-1].pk if len(found) > PAGE_SIZE else None)


def _page_above(pictures: PictureQuerySet, after: int) -> GalleryPage:
    found = list(pictures.filter(pk__gt=after).order_by("pk")[: PAGE_SIZE + 1])
    if len(found) <= PAGE_SIZE:
        return list_pictures(pictures)  # The newest page, full as it may be.
    shown = found[PAGE_SIZE - 1 :: -1]
    return GalleryPage(shown, shown[0].pk, shown[-1].pk)
