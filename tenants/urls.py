"""The start page and the settings of an organization."""

from django.urls import path

from tenants.views import home, invitation, members, settings

app_name = "tenants"

MEMBERS = "o/<slug:organization>/settings/members/"

urlpatterns = [
    path("", home.home, name="home"),
    path("o/<slug:organization>/settings/", settings.settings, name="settings"),
    path("o/<slug:organization>/settings/edit/", settings.edit, name="settings_edit"),
    path(MEMBERS, members.members, name="members"),
    path(f"{MEMBERS}invite/", members.invite, name="invite"),
    path(
        f"{MEMBERS}invitations/<uuid:invitation_id>/withdraw/",
        members.withdraw,
        name="withdraw_invitation",
    ),
    path(f"{MEMBERS}<uuid:membership_id>/role/", members.change_role, name="change_role"),
    path(f"{MEMBERS}<uuid:membership_id>/remove/", members.remove, name="remove_member"),
    path("invitations/<str:token>/", invitation.invitation, name="invitation"),
]
