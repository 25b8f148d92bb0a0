"""Every form, and every part that follows by itself, of a page about a company names that company."""

import re

from regentra.paths import BASE

# What is about no company, or says by itself what it is about: a question, a document.
OF_NO_COMPANY = {
    "answer_difference",
    "answer_proposal",
    "answer_theirs",
    "connect",  # beside the others, or the first
    "panel",
    "remove_credentials",
    "save_credentials",
    "send",
    "send_dated",
    "take_note",
}
# Its address is that of a question.
WITHOUT_AN_ADDRESS = {"number_taken.html"}
FORM = re.compile(r"""<form\b[^>]*method="post"[^>]*>""")
WHERE = re.compile(
    r"""(?:action="|hx-post="|hx-get="|data-live="|block\ confirm_action\ %\})
        \{%\ (\w+)\ 'integrations:(\w+)'""",
    re.VERBOSE,
)


def test_forms_name_the_company_that_their_page_is_about() -> None:
    templates = list((BASE / "templates").rglob("*.html"))
    found = [(page.name, *each) for page in templates for each in WHERE.findall(page.read_text())]
    assert len(found) > 30
    unnamed = [
        (page, name)
        for page, tag, name in found
        if tag != "company_url" and name not in OF_NO_COMPANY
    ]
    assert unnamed == []


def test_forms_about_quickbooks_say_where_they_go() -> None:
    for page in (BASE / "templates" / "integrations").glob("*.html"):
        forms = FORM.findall(page.read_text())
        assert all("action=" in one for one in forms) or page.name in WITHOUT_AN_ADDRESS, page.name
