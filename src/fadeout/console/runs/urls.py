"""Pages of runs."""

from __future__ import annotations

from django.urls import path

from fadeout.console.runs import control, proof, views

urlpatterns = [
    path("", views.runs, name="runs"),
    path("<int:number>/", views.run, name="run"),
    path("<int:number>/progress/", views.progress, name="run_progress"),
    path("<int:number>/pause/", control.pause, name="pause_run"),
    path("<int:number>/cancel/", control.cancel, name="cancel_run"),
    path("<int:number>/resume/", control.resume, name="resume_run"),
    path("<int:number>/residue/", proof.residue, name="run_residue"),
    path("<int:number>/certificate/", proof.certificate, name="certificate"),
    path("<int:number>/certificate.json", proof.certificate_json, name="certificate_json"),
]
