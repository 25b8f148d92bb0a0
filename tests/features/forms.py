"""A form as it stands on a page: what it would send untouched, and what a person can change in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tests.features.reading import Element

Typed = Mapping[str, str | bool]
Fields = dict[str, list[str]]

CONTROLS = ("input", "select", "textarea")
PRESSED = {"submit", "button", "reset", "image"}
TICKED = {"checkbox", "radio"}


@dataclass(frozen=True)
class Form:
    """One form and the page around it."""

    element: Element
    page: Element

    def button(self, text: str) -> Element | None:
        """The button that reads so; one that is only a picture reads as screen readers say it."""
        buttons = self.element.all("button")
        return next((one for one in buttons if text in (one.text, one["aria-label"])), None)

    def sent(self, button: Element, typed: Typed) -> Fields:
        """What pressing the button sends once this was typed, ticked or chosen, each by its label or its name."""
        fields: Fields = {}
        met: set[str] = set()
        for control in self._controls():
            label = self.label_of(control)
            keys = [key for key in (label, control["name"]) if key in typed]
            met.update(keys)
            values = _filled(control, label, typed[keys[0]]) if keys else _untouched(control)
            fields.setdefault(control["name"], []).extend(values)
        assert met == typed.keys(), f"the form has no {typed.keys() - met}"
        if button["name"]:
            fields[button["name"]] = [button["value"]]
        return {name: values for name, values in fields.items() if values}

    def label_of(self, control: Element) -> str:
        """The words of its label, without the remark that it is optional."""
        label = self._around.get(id(control)) or self._named.get(control["id"])
        return label.text.removesuffix(" (optional)") if label else ""

    @cached_property
    def _around(self) -> dict[int, Element]:
        """The labels that stand around a control, by its identity."""
        labels = list(self.page.all("label"))
        return {id(one): label for label in labels for one in label.all(*CONTROLS)}

    @cached_property
    def _named(self) -> dict[str, Element]:
        """The labels that name a control by its id; of several the first."""
        labels = list(self.page.all("label"))
        return {label["for"]: label for label in reversed(labels) if label["for"]}

    def _controls(self) -> Iterator[Element]:
        for one in self.element.all(*CONTROLS):
            if one["name"] and not one.has("disabled") and one["type"] not in PRESSED:
                yield one


def _untouched(control: Element) -> list[str]:
    if control.tag == "textarea":
        return [control.content.removeprefix("\n")]
    if control.tag == "select":
        options = list(control.all("option"))
        chosen = [one for one in options if one.has("selected")] or options[:1]
        return [one["value"] for one in chosen]
    if control["type"] in TICKED:
        return [control["value"] or "on"] if control.has("checked") else []
    return [control["value"]]


def _filled(control: Element, label: str, said: str | bool) -> list[str]:
    if isinstance(said, bool):
        assert control["type"] in TICKED, f"{label} cannot be ticked"
        return [control["value"] or "on"] if said else []
    if control["type"] == "radio":
        is_meant = control["value"] == said or label.startswith(said)
        return [control["value"]] if is_meant else []
    if control.tag == "select":
        options = {one.text: one["value"] for one in control.all("option")}
        assert said in options or said in options.values(), f"{label} offers {list(options)}"
        return [options.get(said, said)]
    return [said]
