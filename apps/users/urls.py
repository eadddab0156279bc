from django.urls import path, re_path
from django.views.generic import RedirectView

from apps.users import views

# allauth reverses its own names, so pages that have a name of ours are listed under both.
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="profile")),
    path("profile/", views.profile, name="profile"),
    path("login/", views.login, name="login"),
    path("login/", views.login, name="account_login"),
    path("register/", views.register, name="register"),
    path("register/", views.register, name="account_signup"),
    path("register/sent/", views.register_sent, name="account_email_verification_sent"),
    path("logout/", views.logout, name="logout"),
    path("logout/", views.logout, name="account_logout"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("email/", views.email, name="account_email"),
    path("email/<str:key>/", views.confirm_email, name="account_confirm_email"),
    path("password/change/", views.change_password, name="account_change_password"),
    path("password/set/", views.set_password, name="account_set_password"),
    path("password/reset/", views.reset_password, name="account_reset_password"),
    path("password/reset/sent/", views.reset_password_done, name="account_reset_password_done"),
    re_path(  # The key holds a hyphen too.
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        views.reset_password_from_key,
        name="account_reset_password_from_key",
    ),
    path("mfa/", views.mfa_index, name="mfa_index"),
    path("mfa/authenticate/", views.mfa_authenticate, name="mfa_authenticate"),
    path("mfa/reauthenticate/", views.mfa_reauthenticate, name="mfa_reauthenticate"),
    path("mfa/totp/activate/", views.activate_totp, name="mfa_activate_totp"),
    path("mfa/totp/deactivate/", views.deactivate_totp, name="mfa_deactivate_totp"),
    path("mfa/recovery-codes/", views.recovery_codes_page, name="mfa_view_recovery_codes"),
    path(
        "mfa/recovery-codes/generate/",
        views.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "mfa/recovery-codes/download/",
        views.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
