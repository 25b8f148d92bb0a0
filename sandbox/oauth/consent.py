"""The page that asks which company to connect."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sandbox.messages import Request, Response
from sandbox.oauth import grants
from sandbox.oauth.endpoints import SCOPES
from sandbox.people.html import esc, hidden, page

if TYPE_CHECKING:
    from sandbox.core import Sandbox

ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state")


def handle(core: Sandbox, request: Request) -> Response:
    """GET shows the companies, POST is a press on Connect or Cancel."""
    asked = request.form() if request.method == "POST" else request.query
    wrong = problem(core, asked)
    if wrong is not None:
        return wrong
    if request.method != "POST":
        return framed(Response.html(form(core, asked)))
    return framed(answer(core, asked))


def framed(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
    response.headers["X-Frame-Options"] = "DENY"
    return response


def problem(core: Sandbox, asked: dict[str, str]) -> Response | None:
    """What is wrong with the request. Without a sure address there is no way back: a page."""
    app = core.apps.get(asked.get("client_id", ""))
    if app is None:
        return sorry("The app that sent you here is not known: client_id is missing or wrong.")
    uri = asked.get("redirect_uri", "")
    if uri not in app.redirect_uris:
        return sorry("The redirect_uri query parameter value is invalid. Make sure it is listed in "
                     "the Redirect URIs section on your app's keys tab and matches it exactly.")  # fmt: skip
    if asked.get("response_type") != "code":
        return back(asked, error="unsupported_response_type")
    scopes = asked.get("scope", "").split()
    if not scopes or any(s not in SCOPES for s in scopes):
        return back(asked, error="invalid_scope")
    if not asked.get("state"):
        return sorry("The state query parameter is missing from the authorization request.")
    return None


def sorry(text: str) -> Response:
    return Response.html(
        page("Intuit", f"<h1>Sorry, but this didn't work</h1><p>{esc(text)}</p>"), 400
    )


def back(asked: dict[str, str], **answer: str) -> Response:
    if asked.get("state"):
        answer["state"] = asked["state"]
    return Response.redirect(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)


def form(core: Sandbox, asked: dict[str, str]) -> str:
    app = core.apps[asked["client_id"]]
    companies = sorted(core.companies.values(), key=lambda c: (c.name, c.realm))
    options = "".join(
        f'<label class="pick"><input type="radio" name="realm" value="{c.realm}"{" checked" if n == 0 else ""}> '
        f"<strong>{esc(c.name)}</strong> <small>{c.country} · {c.environment} · {c.realm}</small></label>"
        for n, c in enumerate(companies)
    )
    fields = "".join(hidden(name, asked.get(name, "")) for name in ASKED)
    return page(
        "Connect to QuickBooks",
        f"<h1>Connect {esc(app.name)} to QuickBooks</h1>"
        f"<p>{esc(app.name)} asks for access to your company's accounting data. "
        "Which company do you want to connect?</p>"
        f'<form method="post" action="/connect/oauth2">{fields}{options}'
        '<p class="buttons"><button name="decision" value="connect" class="main">Connect</button> '
        '<button name="decision" value="cancel">Cancel</button></p></form>',
    )


def answer(core: Sandbox, asked: dict[str, str]) -> Response:
    if asked.get("decision") != "connect":
        return back(asked, error="access_denied")
    company = core.companies.get(asked.get("realm", ""))
    if company is None:
        return sorry("Choose a company.")
    code = grants.code(
        core, company.realm, asked["client_id"], asked["scope"], asked["redirect_uri"]
    )
    return back(asked, code=code, realmId=company.realm)
