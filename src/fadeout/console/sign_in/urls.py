"""The pages of signing in: those of the library that a house needs, and no more."""

from __future__ import annotations

from allauth.account import views as account
from allauth.socialaccount import views as social
from django.urls import include, path, re_path

from fadeout.console.sign_in import views

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", views.no_signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("2fa/", include("allauth.mfa.urls")),
    path("house/error/", social.login_error, name="socialaccount_login_error"),
    path("house/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("house/signup/", views.no_signup, name="socialaccount_signup"),
    path("house/connections/", views.no_signup, name="socialaccount_connections"),
    path(
        "house/oidc/<slug:provider_id>/login/", views.to_house_account, name="openid_connect_login"
    ),
    path(
        "house/oidc/<slug:provider_id>/login/callback/",
        views.from_house_account,
        name="openid_connect_callback",
    ),
]
