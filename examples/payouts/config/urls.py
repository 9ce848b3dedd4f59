"""Paths."""

from django.urls import path
from payouts import views

urlpatterns = [
    path("healthz/", views.healthz),
    path("api/payouts/", views.create),
    path("api/payouts/<int:number>/", views.look),
]
