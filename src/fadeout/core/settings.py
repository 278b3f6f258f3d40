"""Django's settings. What differs from house to house comes from the environment.

``DATABASES`` is filled by :mod:`fadeout.core.database` when a command opens the database: the
embedded PostgreSQL has no address before it runs. The secret key of a process that signs nothing
lasts as long as the process; :mod:`fadeout.accounts.secret` puts the lasting one in its place.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from csp.constants import NONE, SELF

from fadeout.core import environment, mail

SECRET_KEY = os.environ.get("FADEOUT_SECRET_KEY") or secrets.token_urlsafe(50)
DEBUG = False

INSTALLED_APPS = [
    "fadeout.core.apps.CoreConfig",
    "fadeout.institution.apps.InstitutionConfig",
    "fadeout.ledger.apps.LedgerConfig",
    "fadeout.accounts.apps.AccountsConfig",
    "fadeout.contacts.apps.ContactsConfig",
    "fadeout.sales.apps.SalesConfig",
    "fadeout.links.apps.LinksConfig",
    "fadeout.rights.apps.RightsConfig",
    "fadeout.recency.apps.RecencyConfig",
    "fadeout.vault.apps.VaultConfig",
    "fadeout.residue.apps.ResidueConfig",
    "fadeout.plans.apps.PlansConfig",
    "fadeout.runs.apps.RunsConfig",
    "fadeout.targets.apps.TargetsConfig",
    "fadeout.campaigns.apps.CampaignsConfig",
    "fadeout.renewal.apps.RenewalConfig",
    "fadeout.batches.apps.BatchesConfig",
    "procrastinate.contrib.django",
    "fadeout.worker.apps.WorkerConfig",
    "fadeout.public.apps.PublicConfig",
    # The console's own templates come before those of the sign-in that they replace.
    "fadeout.console.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # the library's page of passkeys says how long ago with it
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

DATABASES = {
    "default": {"ENGINE": "fadeout.core.backend", "NAME": "fadeout"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rows carry instants; days are made in SQL in the institution's own time zone.
USE_TZ = True
TIME_ZONE = "UTC"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("de", "Deutsch")]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = "fadeout.console.formats"
LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "locale"]

# --- The web server -------------------------------------------------------------------------------
PUBLIC_URL = environment.public_url()
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.hosts(PUBLIC_URL)]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
ROOT_URLCONF = "fadeout.console.urls"
MIDDLEWARE = [
    "fadeout.console.frame.requests.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fadeout.console.frame.middleware.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "fadeout.console.watched.views.AnyHost",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fadeout.console.frame.middleware.HouseMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fadeout.console.frame.context.frame",
            ],
            "builtins": ["fadeout.console.frame.filters"],
        },
    }
]
FORM_RENDERER = "fadeout.console.frame.forms.Renderer"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # out of the installed packages; nothing is collected
WHITENOISE_MAX_AGE = 300
#: Whoever asks for figures has it; without it they are told to this machine alone.
METRICS_TOKEN = environment.secret("FADEOUT_METRICS_TOKEN")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
    }
}

# Nothing from another host, nothing inline. Pictures within a page are the codes of a second factor.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *environment.oidc_origins()],
        "frame-src": [SELF],  # a mail that is being written, in a frame of its own policy
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
IS_ENCRYPTED = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_ENCRYPTED
SECURE_HSTS_SECONDS = 31_536_000 if IS_ENCRYPTED else 0
if environment.trusted_proxies():
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = environment.trusted_proxies()

# --- Signing in -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "fadeout.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator adds operators and vouches for their address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {
    "login": "fadeout.accounts.forms.SignInForm",
    "reset_password": "fadeout.accounts.forms.ForgottenPasswordForm",
}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/15m/key"}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email",)}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
SESSION_SERIALIZER = "fadeout.accounts.sessions.SealedSerializer"
SESSION_COOKIE_AGE = environment.minutes("FADEOUT_SESSION_MINUTES", 60) * 60
SESSION_SAVE_EVERY_REQUEST = True  # the time counts from the last page
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
#: However busy somebody is: a new sign-in after this long.
SESSION_LONGEST_SECONDS = 12 * 3600

MFA_ADAPTER = "fadeout.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Fadeout"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_ENCRYPTED
#: Whether nobody gets in without a second factor.
MFA_IS_REQUIRED = environment.is_set("FADEOUT_REQUIRE_MFA")

SOCIALACCOUNT_ADAPTER = "fadeout.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": environment.oidc_apps()}}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False

EMAIL_BACKEND = mail.backend()
ANYMAIL = mail.anymail_settings()
DEFAULT_FROM_EMAIL = mail.sender()
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
