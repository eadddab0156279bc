"""The pictures of a person: found, marked, described, shared, deleted and restored."""

import zipfile
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from apps.chat.conversations.trash import delete_account
from apps.chat.models import UsageRecord
from apps.ghibli_converter import recovery
from apps.ghibli_converter.models import Picture, Style
from apps.users.models import User
from tests.chat.talk import HTMX, ended_transfer, post
from tests.ghibli_converter.talk import address, convert, converted, create, made, stored_files
from tests.live_server import wait_until
from tests.page import Page
from tests.uploads import SVG, sideways_photo

FILES = ("file", "original", "thumbnail")


def make_pictures(user, count, **fields):
    """Make finished pictures, without files."""
    fields = {"kind": "create", "prompt": "x", "size": "square", "model": "m", **fields}
    fields |= {"state": "done", "result": "pictures/x.png", "thumbnail": "pictures/x.webp"}
    rows = [Picture(user=user, alt=f"Picture {n}", **fields) for n in range(count)]
    return Picture.objects.bulk_create(rows)


def shown(response):
    """Return what the pictures of the page show."""
    return [image.get("alt") for image in Page(response).all("img")]


def delete(client, *pictures):
    return client.post("/gallery/delete/", {"picture": [each.pk for each in pictures]})


def test_an_empty_gallery_says_what_it_is_for(ada_client, styles):
    page = Page(ada_client.get("/gallery/"))
    assert "Here your pictures will be. Only you see them." in page.text
    chosen = [each for each in page.all("input[@name='style']") if "checked" in each.attrib]
    assert [each.get("value") for each in chosen] == [str(styles[0].pk)]


def test_without_styles_the_form_works(ada_client, demo):
    Style.objects.all().delete()
    assert made(ada_client).state == "done"


def test_pages_lead_from_the_newest_to_the_oldest_and_back(ada_client, ada, bob):
    make_pictures(bob, 3)
    make_pictures(ada, 60)
    first = ada_client.get("/gallery/")
    assert shown(first) == [f"Picture {n}" for n in range(59, 35, -1)]
    assert "Newer" not in Page(first).links
    second = ada_client.get("/gallery/" + Page(first).links["Older"])
    assert shown(second) == [f"Picture {n}" for n in range(35, 11, -1)]
    third = ada_client.get("/gallery/" + Page(second).links["Older"])
    assert shown(third) == [f"Picture {n}" for n in range(11, -1, -1)]
    assert "Older" not in Page(third).links
    back = ada_client.get("/gallery/" + Page(third).links["Newer"])
    assert shown(back) == shown(second)
    assert shown(ada_client.get("/gallery/" + Page(back).links["Newer"])) == shown(first)


@pytest.mark.parametrize("query", ["before=1", "after=999999999", "before=x", "after=" + "9" * 40])
def test_a_page_that_is_none_is_the_first(ada_client, ada, query):
    make_pictures(ada, 2)
    assert shown(ada_client.get(f"/gallery/?{query}")) == ["Picture 1", "Picture 0"]


def test_ten_thousand_pictures_take_no_more_queries_than_ten(
    ada_client, ada, styles, django_assert_num_queries, django_assert_max_num_queries
):
    make_pictures(ada, 30, style=styles[0])
    with django_assert_max_num_queries(12) as few:
        ada_client.get("/gallery/")
    make_pictures(ada, 10_000, style=styles[0])
    with django_assert_num_queries(len(few)):
        ada_client.get("/gallery/")
    oldest = Picture.objects.earliest("pk").pk
    with django_assert_num_queries(len(few)):
        response = ada_client.get(f"/gallery/?before={oldest + 5}")
    assert len(shown(response)) == 5


def test_thumbnails_keep_their_place_and_come_late(ada_client, demo, media):
    made(ada_client, size="portrait")
    image = Page(ada_client.get("/gallery/")).all("img")[0]
    assert (image.get("width"), image.get("height")) == ("1024", "1536")
    assert image.get("loading") == "lazy"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_favourites_are_found(ada_client, ada, headers):
    first, _ = make_pictures(ada, 2)
    response = post(ada_client, address(first, "favourite"), headers=headers)
    if headers:
        assert 'aria-pressed="true"' in response.content.decode()
    else:
        assert response["Location"] == address(first)
    assert shown(ada_client.get("/gallery/?favourites")) == ["Picture 0"]
    post(ada_client, address(first, "unfavourite"), headers=headers)
    assert shown(ada_client.get("/gallery/?favourites")) == []


def test_the_description_is_what_others_hear(ada_client, ada):
    (picture,) = make_pictures(ada, 1)
    response = post(ada_client, address(picture, "describe"), alt=" Two <b>foxes</b>\r\nat dusk ")
    assert response["Location"] == address(picture)
    assert shown(ada_client.get("/gallery/")) == ["Two <b>foxes</b> at dusk"]
    response = post(ada_client, address(picture, "describe"), alt="x" * 501)
    assert response.status_code == 422
    assert "500" in Page(response).alerts[0]


def test_files_go_to_their_owner_only(ada_client, bob_client, client, demo, media):
    picture = converted(ada_client)
    for name in FILES:
        response = ada_client.get(address(picture, name))
        assert response.status_code == 200
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "private" in response["Cache-Control"]
        etag = {"If-None-Match": response["ETag"]}
        assert ada_client.get(address(picture, name), headers=etag).status_code == 304
        part = ada_client.get(address(picture, name), headers={"Range": "bytes=0-9"})
        assert (part.status_code, len(part.content)) == (206, 10)
        assert bob_client.get(address(picture, name)).status_code == 404
        assert Client().get(address(picture, name)).status_code == 302
    saved = ada_client.get(address(picture, "file"), {"download": ""})
    assert saved["Content-Disposition"] == 'attachment; filename="photo.png"'


def test_a_server_in_front_sends_the_file_where_it_is_set_up(ada_client, demo, media, settings):
    picture = made(ada_client)
    settings.ACCEL_REDIRECT = "/private/"
    response = ada_client.get(address(picture, "file"))
    assert response["X-Accel-Redirect"] == f"/private/{picture.result}"


def test_several_are_deleted_and_restored_at_once(ada_client, ada, bob):
    pictures = make_pictures(ada, 3)
    (other,) = make_pictures(bob, 1)
    response = delete(ada_client, pictures[0], pictures[2], other)
    page = Page(ada_client.get(response["Location"]))
    assert "2 pictures are in the trash." in page.text
    assert page.buttons["Restore"] == "/gallery/restore/"
    assert shown(ada_client.get("/gallery/")) == ["Picture 1"]
    assert ada_client.get(address(pictures[0])).status_code == 404
    assert Picture.objects.filter(pk=other.pk).exists()
    assert len(shown(ada_client.get("/gallery/trash/"))) == 2
    ada_client.post("/gallery/restore/", {"picture": [pictures[0].pk, other.pk]})
    assert shown(ada_client.get("/gallery/")) == ["Picture 1", "Picture 0"]


def test_nothing_chosen_is_said(ada_client, ada):
    make_pictures(ada, 1)
    response = ada_client.post("/gallery/delete/", follow=True)
    assert "Choose the pictures to delete first." in Page(response).text
    response = ada_client.post("/gallery/restore/", follow=True)
    assert "Choose the pictures to restore first." in Page(response).text


def test_a_picture_that_is_being_made_is_cancelled_when_it_is_deleted(ada_client, demo):
    demo.fault = "image-silent"
    create(ada_client)
    picture = Picture.objects.get()
    delete(ada_client, picture)
    assert Picture.with_trash.get().state == "stopped"


def test_what_is_deleted_for_good_is_gone_from_the_disk(ada_client, demo, media):
    keep, gone = converted(ada_client), converted(ada_client)
    delete(ada_client, gone)
    path = f"/gallery/erase/?picture={gone.pk}"
    assert "Delete 1 picture for good?" in Page(ada_client.get(path)).text
    ada_client.post("/gallery/erase/", {"picture": [gone.pk, keep.pk]})
    wait_until(lambda: not Picture.with_trash.filter(pk=gone.pk).exists())
    wait_until(lambda: len(stored_files(media)) == 4)
    assert ada_client.get(address(keep, "file")).status_code == 200
    assert ada_client.get("/gallery/erase/", follow=True).status_code == 200


def test_the_trash_is_emptied_at_once_or_after_its_days(ada_client, ada, settings, capsys):
    pictures = make_pictures(ada, 3)
    delete(ada_client, *pictures[:2])
    ada_client.post("/gallery/erase/", {"all": "1"})
    wait_until(lambda: Picture.with_trash.count() == 1)
    delete(ada_client, pictures[2])
    call_command("empty_trash")
    assert Picture.with_trash.count() == 1
    Picture.with_trash.update(deleted_at=timezone.now() - timedelta(days=settings.TRASH_DAYS))
    assert shown(ada_client.get("/gallery/trash/")) == []
    call_command("empty_trash")
    assert not Picture.with_trash.exists()
    assert "Pictures deleted for good: 1" in capsys.readouterr().out


def shared_link(client, picture):
    post(client, address(picture, "share"))
    links = Page(client.get(address(picture))).links
    return next(href for href in links.values() if "/shared/" in href).partition("testserver")[2]


@pytest.mark.row("O-111")
def test_a_link_shows_the_picture_to_anybody_until_it_is_revoked(ada_client, ada, demo, media):
    picture = converted(ada_client, words="A lake")
    User.objects.update(username="lovelace")  # No nonce or token holds that by chance.
    link = shared_link(ada_client, picture)
    page = Client().get(link)
    assert shown(page) == ["A lake"]
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "lovelace" not in page.content.decode().lower()
    file = Client().get(f"{link}file/")
    assert file.status_code == 200
    assert file["X-Robots-Tag"] == "noindex, nofollow"
    assert shared_link(ada_client, picture) == link
    token = link.split("/")[-2]
    assert len(token) == 32
    assert token not in str(Picture.objects.values().get())
    post(ada_client, address(picture, "unshare"))
    assert Client().get(link).status_code == Client().get(f"{link}file/").status_code == 404
    assert shared_link(ada_client, picture) != link


@pytest.mark.parametrize("end", ["delete", "inactive", "setting"])
def test_a_link_ends_with_what_it_leads_to(ada_client, ada, demo, media, settings, end):
    picture = made(ada_client)
    link = shared_link(ada_client, picture)
    if end == "delete":
        delete(ada_client, picture)
    elif end == "inactive":
        ada.is_active = False
        ada.save()
    else:
        settings.SHARING = False
    assert Client().get(link).status_code == Client().get(f"{link}file/").status_code == 404


def test_so_many_pictures_a_day(ada_client, ada, demo, media, settings, noon):
    settings.IMAGES_PER_DAY = 2
    first = made(ada_client)
    delete(ada_client, first)
    recovery.empty(Picture.with_trash.all(), ada.pk)
    demo.fault = "500"
    made(ada_client)  # What the service did not make does not count.
    demo.fault = None
    made(ada_client)
    response = create(ada_client, "Keep my words")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    page = Page(response)
    assert "as many pictures as you may in a day" in page.alerts[0]
    assert "".join(page.all("textarea")[0].itertext()).strip() == "Keep my words"
    before = stored_files(media)
    assert convert(ada_client).status_code == 429
    assert stored_files(media) == before
    failed = Picture.objects.get(state="error")
    response = post(ada_client, address(failed, "retry"), tries=failed.tries)
    assert response.status_code == 429
    assert "as many pictures" in Page(response).text
    assert "Pictures a day" in Page(ada_client.get("/chat/limits/")).text


def test_pictures_are_paid_from_the_months_money(ada_client, demo, settings, noon):
    settings.IMAGE_PRICES = ["parlor-demo-image=0.04"]
    settings.CHAT_COST_PER_MONTH = Decimal("0.05")
    assert made(ada_client).state == "done"
    record = UsageRecord.objects.get()
    assert (record.purpose, record.model, float(record.cost)) == (
        "picture",
        "parlor-demo-image",
        0.04,
    )
    response = create(ada_client)
    assert response.status_code == 429
    assert "$0.01" in Page(response).alerts[0]
    assert "Pictures" in Page(ada_client.get("/chat/usage/")).text


def test_an_account_takes_its_pictures_along_and_leaves_none(ada_client, ada, demo, media):
    picture = converted(ada_client, words="Fog")
    post(ada_client, "/chat/export/")
    transfer = ended_transfer(ada)
    archive = zipfile.ZipFile(BytesIO(transfer.file.read()))
    names = {name for name in archive.namelist() if name.startswith("pictures/")}
    pk = picture.pk
    assert names == {f"pictures/{pk}{end}" for end in ("-picture.png", "-photo.jpeg", ".json")}
    assert archive.read(f"pictures/{pk}-picture.png") == (media / str(picture.result)).read_bytes()
    assert b'"words": "Fog"' in archive.read(f"pictures/{pk}.json")
    delete(ada_client, made(ada_client))
    delete_account(ada)
    assert not Picture.with_trash.exists()
    assert [name for name in stored_files(media) if name.startswith("pictures/")] == []


def test_staff_edit_styles(admin_client, ada_client, demo, media, styles):
    path = f"/admin/ghibli_converter/style/{styles[1].pk}/change/"
    form = {"name": "Ink", "prompt": "Look: ink.", "position": 0, "is_active": "on"}
    bad = {**form, "example": SimpleUploadedFile("a.svg", SVG)}
    assert "not a picture we can use" in admin_client.post(path, bad).content.decode()
    good = {**form, "example": SimpleUploadedFile("a.jpg", sideways_photo())}
    assert admin_client.post(path, good).status_code == 302
    (stored,) = stored_files(media)
    assert stored.startswith("styles/")
    page = Page(ada_client.get("/gallery/"))
    example = page.all("img")[0].get("src")
    assert ada_client.get(example).status_code == 200
    assert "Ink" in page.text


def test_the_admin_lists_pictures_in_a_few_queries(
    admin_client, ada, bob, django_assert_max_num_queries
):
    make_pictures(ada, 40)
    make_pictures(bob, 40)
    with django_assert_max_num_queries(14):
        page = admin_client.get("/admin/ghibli_converter/picture/")
    assert "Picture 1" not in page.content.decode()  # What they show is nobody's business.
    (picture,) = make_pictures(ada, 1)
    assert admin_client.get(f"/admin/ghibli_converter/picture/{picture.pk}/change/")
