"""The keys: a page that lists them, and where those lead that need htmx."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.core.decorators import login_required
from apps.core.htmx import wants_fragment
from apps.users.http import UserRequest


@require_safe
@login_required
def keys(request: UserRequest) -> HttpResponse:
    return render(request, "chat/keys.html")


@require_safe
@login_required
def go(request: UserRequest) -> HttpResponse:
    """Lead htmx to where a key leads: it can answer a key only with a request."""
    places = {"message": "#message", "new": reverse("new_conversation"), "keys": reverse("keys")}
    place = places.get(request.GET.get("to", ""))
    if place is None or not wants_fragment(request):
        return redirect("keys")
    return HttpResponse(headers={"HX-Redirect": place})
