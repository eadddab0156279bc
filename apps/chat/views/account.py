from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.chat.conversations import trash
from apps.core.decorators import login_required
from apps.core.form_recovery import render_form
from apps.core.htmx import see_other
from apps.server.admission.view_needs import hashes_password
from apps.users.forms import ReauthenticateForm
from apps.users.http import UserRequest, posted


@hashes_password
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@login_required
def delete_account(request: UserRequest) -> HttpResponse:
    """Delete the person with everything, after asking for the password."""
    user = request.user
    if request.method == "POST":
        too_many: HttpResponse | None = ratelimit.consume_or_429(
            request, action="reauthenticate", user=user
        )
        if too_many:
            return too_many
    form = ReauthenticateForm(posted(request), user=user)
    if form.is_valid():
        trash.delete_account(user)
        logout(request)
        messages.success(request, _("Your account is deleted, with everything that was in it."))
        return see_other("home")
    return render_form(request, "chat/delete_account.html", form)
