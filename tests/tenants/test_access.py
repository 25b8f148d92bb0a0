"""Who may pass `requires`, and in which state the view then runs."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.template import engines
from django.template.response import TemplateResponse
from django.test import RequestFactory

from billing.models import Customer
from tenants.access import requires
from tenants.errors import OutsideOrganization
from tenants.models import Organization, Role
from tenants.scope import current_organization_id
from tests import factories


def visit(view: Any, user: Any) -> HttpResponseBase:
    request = RequestFactory().get("/o/northwind/customers/")
    request.user = user
    return view(request, "northwind")


@requires(Role.STAFF)
def staff_only(request: Any, organization: str) -> HttpResponse:
    assert current_organization_id() == request.organization.pk
    return HttpResponse(request.membership.role)


def test_a_stranger_is_sent_to_log_in(northwind: Organization) -> None:
    response = visit(staff_only, AnonymousUser())
    assert response.status_code == 302
    assert response.headers["Location"].endswith("?next=/o/northwind/customers/")


def test_who_is_no_member_finds_nothing(northwind: Organization, contoso: Organization) -> None:
    charlie = factories.member(contoso, "charlie@example.com")
    with pytest.raises(Http404):
        visit(staff_only, charlie)


@pytest.mark.parametrize(
    ("role", "admitted"),
    [(Role.OWNER, True), (Role.ADMIN, True), (Role.STAFF, True), (Role.READ_ONLY, False)],
)
def test_a_role_must_be_high_enough(northwind: Organization, role: Role, admitted: bool) -> None:
    bob = factories.member(northwind, "bob@example.com", role)
    if admitted:
        assert visit(staff_only, bob).content.decode() == role
        return
    with pytest.raises(PermissionDenied, match="role Staff or higher"):
        visit(staff_only, bob)


def test_a_page_is_rendered_while_the_organization_is_in_force(northwind: Organization) -> None:
    template = engines["django"].from_string("{{ customers.count }} of {{ organization }}")

    @requires(Role.READ_ONLY)
    def page(request: Any, organization: str) -> TemplateResponse:
        return TemplateResponse(
            request, template, {"customers": Customer.objects, "organization": organization}
        )

    alice = factories.member(northwind)
    assert visit(page, alice).content.decode() == "0 of northwind"


def test_a_view_that_calls_out_opens_the_door_itself(northwind: Organization) -> None:
    @requires(Role.ADMIN, transaction=False)
    def calls_a_vendor(request: Any, organization: str) -> HttpResponse:
        with pytest.raises(OutsideOrganization):
            current_organization_id()
        return HttpResponse(request.organization.slug)

    alice = factories.member(northwind)
    assert visit(calls_a_vendor, alice).content.decode() == "northwind"


def test_roles_include_those_below() -> None:
    order = [Role.READ_ONLY, Role.STAFF, Role.ADMIN, Role.OWNER]
    for place, role in enumerate(order):
        assert [role.allows(each) for each in order] == [each <= place for each in range(4)]
