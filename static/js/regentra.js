// Small conveniences on top of pages that work without them: keys, rows, menus, dialogs and quiet updates.
// No inline handlers and no evaluated strings, so the content security policy can stay strict.
(() => {
  "use strict";

  const MOVING_EVERY = 1; // ticks of 3 s while something on the page is on its way
  const EXPECTING_EVERY = 4; // while a payment may arrive from elsewhere
  const TICK_MS = 3000;
  const SETTLED_MS = 1000; // as long as browsers remember the letters of a name that is being typed

  const inField = (target) => target.closest("input, textarea, select, [contenteditable], dialog[open]");
  const rows = () => [...document.querySelectorAll("tr[data-href]")].filter((row) => row.offsetParent);

  // Rows: a click opens, a middle click or Ctrl opens a tab. Links and controls inside keep their own meaning.
  const openRow = (row, newTab) => {
    if (newTab) window.open(row.dataset.href, "_blank", "noopener");
    else window.location.assign(row.dataset.href);
  };
  const rowOf = (event) => {
    if (event.target.closest("a, button, input, select, textarea, label, summary")) return null;
    return event.target.closest("tr[data-href]");
  };
  document.addEventListener("click", (event) => {
    const row = rowOf(event);
    if (row && !String(window.getSelection())) openRow(row, event.metaKey || event.ctrlKey);
  });
  document.addEventListener("auxclick", (event) => {
    const row = event.button === 1 && rowOf(event);
    if (row) openRow(row, true);
  });

  const moveTo = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("is-current"));
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    all[at]?.classList.remove("is-current");
    next.classList.add("is-current");
    next.querySelector("a")?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus();
    if (event.metaKey || event.ctrlKey || event.altKey || inField(event.target)) return;
    if (event.key === "/") {
      const search = document.getElementById("global-search");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "j") moveTo(1);
    else if (event.key === "k") moveTo(-1);
    else if (event.key === "Enter" && (event.target === document.body || event.target.closest("main") === event.target)) {
      const current = document.querySelector("tr.is-current[data-href]");
      if (current) openRow(current, false);
    }
  });

  // A row of places that is wider than its window shows the one that is open.
  document.querySelectorAll(".settings-nav [aria-current], .tabs [aria-current]").forEach((here) => {
    const row = here.closest(".settings-nav, .tabs");
    row.scrollLeft += here.getBoundingClientRect().left - row.getBoundingClientRect().left - 16;
  });

  // Menus are <details>: close on a click elsewhere and on Escape, giving the focus back.
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu === except) return;
      const held = menu.contains(document.activeElement);
      menu.open = false;
      if (held && !except) menu.querySelector("summary").focus();
    });
  }
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu") || document.body));

  // Filters and page size apply at once; their button is for pages without scripts.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (form) form.requestSubmit();
    if (event.target.matches("[data-check-all]")) {
      const box = event.target.closest(event.target.dataset.checkAll);
      box.querySelectorAll("input[type=checkbox]:not([data-check-all])").forEach((check) => {
        check.checked = event.target.checked;
      });
    }
  });

  // Addresses are shared: what was not filled in need not be in them.
  document.addEventListener("submit", (event) => {
    if ((event.target.getAttribute("method") || "get") !== "get") return;
    event.target.querySelectorAll("input, select").forEach((field) => {
      if (field.name && !field.value && field.name !== "q") field.disabled = true;
    });
  });

  // A second click on the same button is not a second wish. The server makes sure of it anyway.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // getAttribute, because a field named "method" hides form.method
    if (form.getAttribute("method") !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form:not([method]) :disabled").forEach((field) => (field.disabled = false));
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
  });

  // Notes at the edge: good news leaves by itself unless somebody is reading it; bad news stays.
  const dismissSoon = (note) => {
    const leave = () => (note.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : note.remove());
    setTimeout(leave, 8000);
  };
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss-note]")?.closest(".toast-note").remove();
  });
  document.querySelectorAll(".toast-note[data-passing]").forEach(dismissSoon);
  const say = (words) => {
    const template = document.getElementById("problem-note");
    if (!template) return;
    const note = template.content.firstElementChild.cloneNode(true);
    note.querySelector("[data-words]").textContent = words;
    document.getElementById("toasts").replaceChildren(note);
  };
  document.addEventListener("htmx:sendError", () => say("Regentra could not be reached. Check the connection and try again."));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.closest?.("[data-live]")) return;
    say(event.detail.xhr.status === 403 ? "Your role does not allow this." : "That did not work. Reload the page and try again.");
  });

  // A choice that is saved as it is made: a name typed letter by letter chooses again with each letter, so it is made
  // when the keys rest or the focus goes on. Answered sooner, the field would come anew in the middle of the word.
  const settle = (part) => {
    if (!part.settling) return;
    clearTimeout(part.settling);
    part.settling = 0;
    part.dispatchEvent(new Event("settled"));
  };
  let pressedAt = 0;
  document.addEventListener("keydown", (event) => (pressedAt = event.timeStamp), true);
  document.addEventListener("change", (event) => {
    const part = event.target.closest("[data-settles]");
    if (!part) return;
    clearTimeout(part.settling);
    const isTyped = event.timeStamp - pressedAt < SETTLED_MS;
    part.settling = setTimeout(settle, isTyped ? SETTLED_MS : 0, part);
    const status = part.querySelector("[role=status]");
    if (status) status.textContent = "Saving";
  });
  document.addEventListener("focusout", (event) => {
    const part = event.target.closest("[data-settles]");
    if (part?.settling && !part.contains(event.relatedTarget)) setTimeout(settle, 0, part);
  });

  // Dialogs: the link leads to a page that asks; with scripts the same question opens above this page.
  // A region that comes anew as a whole rests meanwhile, or the answer would wipe out what is typed until then.
  let focused = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    const region = event.detail.target;
    if (!region.hasAttribute?.("data-whole")) return;
    focused = document.activeElement.id;
    region.inert = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.target.hasAttribute?.("data-whole")) event.detail.target.inert = false;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const region = event.detail.target;
    if (!region.hasAttribute?.("data-whole")) return;
    region.inert = false;
    (region.querySelector("[data-focus]") || document.getElementById(focused))?.focus();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "dialog") return;
    const dialog = event.detail.target;
    dialog.returnTo = event.detail.requestConfig.elt;
    // An open menu below would hold up the page's quiet updates; the focus goes back to what opened it.
    const menu = dialog.returnTo.closest("details.menu");
    if (menu) {
      menu.open = false;
      dialog.returnTo = menu.querySelector("summary");
    }
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector("[autofocus]") || dialog.querySelector("input:not([type=hidden]), button"))?.focus();
  });
  document.addEventListener("click", (event) => {
    const dialog = event.target.closest("dialog");
    if (!dialog) return;
    if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  document.getElementById("dialog")?.addEventListener("close", (event) => event.target.returnTo?.focus());

  // Live regions: asked for again while something moves, left alone when the answer says nothing new.
  let tick = 0;
  const isBusy = (region) =>
    document.querySelector("dialog[open], .offcanvas.show") ||
    region.querySelector("details.menu[open]") ||
    (region.contains(document.activeElement) && document.activeElement.matches("input, textarea, select"));
  const refresh = (region) => {
    if (isBusy(region)) return;
    window.htmx.ajax("GET", region.dataset.live, {
      source: region,
      target: region,
      swap: "outerHTML",
      headers: { "X-Unattended": "yes" }, // regentra/idle.py: nobody has to be there for this
    });
  };
  // What is the same is left alone: tokens differ in every answer, relative times are no news.
  const said = (node) => {
    const copy = node.cloneNode(true);
    copy.querySelectorAll("input[type=hidden], time").forEach((each) => each.remove());
    return copy.textContent.replace(/\s+/g, " ") + copy.querySelectorAll("[data-moving]").length;
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const region = event.detail.target;
    if (!region.dataset?.live || event.detail.xhr.status !== 200) return;
    const answer = document.createElement("template");
    answer.innerHTML = event.detail.serverResponse;
    const next = answer.content.firstElementChild;
    if (!next || said(next) === said(region)) event.detail.shouldSwap = false;
  });
  const isDue = (region) => {
    if (region.querySelector("[data-moving]") || region.hasAttribute("data-moving")) return tick % MOVING_EVERY === 0;
    return region.hasAttribute("data-expecting") && tick % EXPECTING_EVERY === 0;
  };
  setInterval(() => {
    tick += 1;
    if (document.hidden) return;
    document.querySelectorAll("[data-live]").forEach((region) => isDue(region) && refresh(region));
  }, TICK_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.querySelectorAll("[data-live][data-expecting]").forEach(refresh);
  });
})();
