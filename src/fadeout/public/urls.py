"""The pages for everybody."""

from __future__ import annotations

from django.urls import path

from fadeout.public import branding, own, subscribing, unsubscribing, views

urlpatterns = [
    path("u/<str:token>", unsubscribing.unsubscribe, name="unsubscribe"),
    path("r/<path:text>", views.tracked_link, name="tracked_link"),
    path("p/<str:token>", own.preferences, name="own_preferences"),
    path("p/<str:token>/forget", own.forget, name="own_forget"),
    path("s/", own.stay_of_anybody, name="stay_of_anybody"),
    path("s/<str:token>", own.stay, name="own_stay"),
    path("subscribe/", subscribing.subscribe, name="subscribe"),
    path("subscribe/<str:token>", subscribing.confirm, name="confirm"),
    path("brand.css", branding.stylesheet, name="brand_stylesheet"),
    path("brand.png", branding.logo, name="public_logo"),
]
