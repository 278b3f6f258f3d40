"""The pages of the settings: house, policy, organisations, operators, public pages."""

from __future__ import annotations

from django.urls import path

from fadeout.console.settings import operators, public, views

urlpatterns = [
    path("", views.settings, name="settings"),
    path("policy/", views.policy, name="policy_change"),
    path("public/", public.public, name="public_pages"),
    path("public/look/", public.look, name="public_look"),
    path("public/logo/", public.logo, name="public_logo_change"),
    path("public/authorisations/new/", public.authorisation, name="offered_authorisation_new"),
    path("public/authorisations/<int:place>/", public.authorisation, name="offered_authorisation"),
    path("public/criteria/new/", public.criterion, name="offered_criterion_new"),
    path("public/criteria/<int:place>/", public.criterion, name="offered_criterion"),
    path("operators/", operators.operators, name="operators"),
    path("operators/new/", operators.new, name="operator_new"),
    path("operators/<uuid:public_id>/", operators.operator, name="operator"),
    path("operators/<uuid:public_id>/role/", operators.role, name="operator_role"),
    path("operators/<uuid:public_id>/invite/", operators.invite, name="operator_invite"),
    path("operators/<uuid:public_id>/go/", operators.let_go, name="operator_let_go"),
]
