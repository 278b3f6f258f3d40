"""Routes about contacts; a contact is named by its public id alone."""

from __future__ import annotations

from django.urls import path

from fadeout.console.contacts import finding, forgetting, holds, labels, links, notes, sheets

urlpatterns = [
    path("", finding.find, name="contacts"),
    path("forgetting/<int:plan>/", forgetting.under_way, name="forgetting"),
    path("<uuid:public_id>/", sheets.contact, name="contact"),
    path("<uuid:public_id>/authorisations/", labels.authorisations, name="authorisations"),
    path("<uuid:public_id>/criteria/", labels.criteria, name="criteria"),
    path("<uuid:public_id>/holds/", holds.put_up, name="hold_put_up"),
    path("<uuid:public_id>/holds/<int:hold>/", holds.change, name="hold"),
    path("<uuid:public_id>/notes/", notes.add, name="note_add"),
    path("<uuid:public_id>/notes/<int:note>/", notes.edit, name="note"),
    path("<uuid:public_id>/links/", links.end, name="contact_links"),
    path("<uuid:public_id>/forget/", forgetting.forget, name="forget"),
]
