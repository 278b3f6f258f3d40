"""The pages of campaigns. Fixed words come before the id of a campaign."""

from __future__ import annotations

from django.urls import path

from fadeout.console.campaigns import sending, views, writing

ONE = "<uuid:public_id>/"
TEXT = f"{ONE}texts/<str:language>/"

urlpatterns = [
    path("", views.campaigns, name="campaigns"),
    path("new/", views.new, name="campaign_new"),
    path(ONE, views.campaign, name="campaign"),
    path(f"{ONE}change/", views.change, name="campaign_change"),
    path(f"{ONE}remove/", views.remove, name="campaign_remove"),
    path(f"{ONE}audience/", views.audience, name="campaign_audience"),
    path(f"{ONE}live/", views.live, name="campaign_live"),
    path(f"{ONE}as/", writing.as_contact, name="campaign_as"),
    path(f"{ONE}test/", writing.test, name="campaign_test"),
    path(TEXT, writing.text, name="campaign_text"),
    path(f"{TEXT}remove/", writing.remove, name="campaign_text_remove"),
    path(f"{TEXT}preview/", writing.preview, name="campaign_preview"),
    path(f"{ONE}send/", sending.send, name="campaign_send"),
    path(f"{ONE}back/", sending.back, name="campaign_back"),
    path(f"{ONE}pause/", sending.pause, name="campaign_pause"),
    path(f"{ONE}resume/", sending.resume, name="campaign_resume"),
    path(f"{ONE}cancel/", sending.cancel, name="campaign_cancel"),
    path(f"{ONE}doubt/", sending.doubt, name="campaign_doubt"),
]
