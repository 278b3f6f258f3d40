"""The pages of tracked links. The fixed word comes before the code of a link."""

from __future__ import annotations

from django.urls import path

from fadeout.console.links import views

urlpatterns = [
    path("", views.links, name="links"),
    path("new/", views.new, name="link_new"),
    path("<str:code>/", views.link, name="link"),
    path("<str:code>/qr.<str:form>", views.qr_code, name="link_qr"),
    path("<str:code>/retire/", views.retire, name="link_retire"),
    path("<str:code>/restore/", views.restore, name="link_restore"),
]
