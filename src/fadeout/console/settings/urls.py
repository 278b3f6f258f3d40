"""The pages of the settings: house, policy, organisations, operators."""

from __future__ import annotations

from django.urls import path

from fadeout.console.settings import operators, views

urlpatterns = [
    path("", views.settings, name="settings"),
    path("policy/", views.policy, name="policy_change"),
    path("operators/", operators.operators, name="operators"),
    path("operators/new/", operators.new, name="operator_new"),
    path("operators/<uuid:public_id>/", operators.operator, name="operator"),
    path("operators/<uuid:public_id>/role/", operators.role, name="operator_role"),
    path("operators/<uuid:public_id>/invite/", operators.invite, name="operator_invite"),
    path("operators/<uuid:public_id>/go/", operators.let_go, name="operator_let_go"),
]
