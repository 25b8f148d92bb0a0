"""Where vendors post."""

from django.urls import path

from webhooks import views

app_name = "webhooks"

urlpatterns = [
    path("webhooks/quickbooks/", views.quickbooks, name="quickbooks"),
    path("webhooks/quickbooks/<str:token>/", views.own_quickbooks, name="own_quickbooks"),
]
