"""What the buttons of the gallery do, told apart by their names: HTML 4 has one address a form."""

from typing import Any

from django.views.decorators.http import require_POST

from apps.core.text import read_number
from apps.ghibli_converter.views.pictures import mark_picture
from apps.ghibli_converter.views.trash import delete_pictures
from apps.users.http import UserRequest

MARKS = {"favourite": True, "unfavourite": False}


@require_POST
def act_on_pictures(request: UserRequest) -> Any:
    """Mark the picture whose button was pressed; else delete the chosen ones."""
    for name, is_favourite in MARKS.items():
        if name in request.POST:
            pk = read_number(request.POST[name])
            return mark_picture(request, pk=pk, is_favourite=is_favourite)
    return delete_pictures(request)
