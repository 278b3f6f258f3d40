"""Every page of the console with an address to look at: found by its routes, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice

from django.conf import settings

from fadeout.accounts import operations as accounts
from fadeout.accounts.permissions import Role
from tests.browser.house import Furnished
from tests.console import examples
from tests.console.test_access import routes

#: Pages of the library whose addresses are made by it, or that show something only after something else.
BY_NAME: dict[str, Callable[[Furnished], str]] = {
    "account_reset_password_from_key": lambda house: accounts.invitation_path(
        house.users[Role.OPERATOR]
    ),
}
#: Looked at by somebody who is not signed in.
OF_VISITORS = {
    "account_login", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "account_inactive",
    "socialaccount_login_error", "socialaccount_login_cancelled", "tracked_link",
    "unsubscribe", "own_preferences", "own_stay", "own_forget", "stay_of_anybody", "subscribe",
    "confirm",
}  # fmt: skip
#: In the language of the contact, unless another one is asked for.
IN_THEIR_OWN = {"own_preferences", "own_stay", "own_forget", "confirm"}
#: Looked at by somebody who has an authenticator app.
OF_THE_SECURED = {
    "mfa_reauthenticate", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
}  # fmt: skip
#: Where there is nothing to look at without a passkey or a provider of identities, outside of signing in
#: with a second factor, or at all: nobody signs up.
ELSEWHERE = {
    "mfa_authenticate", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn",
    "mfa_edit_webauthn", "mfa_login_webauthn",
    "openid_connect_login", "openid_connect_callback", "account_set_password", "account_signup",
    "socialaccount_signup", "socialaccount_connections",
}  # fmt: skip
#: Files, parts of pages, and what is only sent to.
NO_PAGES = {
    "set_language", "preferences", "health", "metrics",
    "plans_being_made", "plan_standing", "plan_csv", "plan_xlsx", "withdraw_run",
    "run_progress", "pause_run", "certificate_json", "batch_schedule", "batch_simulate",
    "plan_changes_counted", "mfa_download_recovery_codes", "simulate_today", "simulating_today",
    "brand_stylesheet", "public_logo", "public_logo_change", "renewal_steps", "renewal_go_on",
    "renewal_compare",
    "operator_role", "operator_invite", "link_qr", "link_restore", "target_draft", "target_csv",
    "campaign_remove", "campaign_live", "campaign_as", "campaign_test", "campaign_text_remove",
    "campaign_preview", "campaign_back", "campaign_pause", "campaign_resume",
}  # fmt: skip
#: Pages that say what did not go well.
ANSWERS = {"socialaccount_login_error": 401, "tracked_link": 404}
#: One after the other, from page to page; at a desk and on a phone from another one on.
LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)


def in_languages(first: int) -> list[tuple[str, str]]:
    """The route of every page, and the language that it is looked at in."""
    return list(zip(sorted(names()), islice(cycle(LANGUAGES), first, None), strict=False))


def names() -> Iterator[str]:
    """The route of every page."""
    return (str(route.name) for _, route in routes() if route.name not in ELSEWHERE | NO_PAGES)


def address(name: str, house: Furnished) -> str:
    """Where a page is, in this house."""
    if name in BY_NAME:
        return BY_NAME[name](house)
    place = next(place for place, route in routes() if route.name == name)
    return examples.address(place, name, house)


def is_page(headers: Mapping[str, str], text: str) -> bool:
    """Whether an answer is something to look at: not a file, not a part of a page, nothing to send to."""
    is_html = headers["content-type"].startswith("text/html")
    return is_html and text.lstrip().lower().startswith("<!doctype html>")
