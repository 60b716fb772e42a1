// Small comforts on top of pages that work without JavaScript.
"use strict";
(() => {
  // A form that came back wrong: the reader starts at the list of what to mend.
  document.getElementById("error-summary")?.focus();

  // A strip that is wider than the window begins where the page is.
  for (const current of document.querySelectorAll(".site-nav [aria-current], .tabs [aria-current]")) {
    const strip = current.parentElement;
    strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  }

  // A double click sends a form once. htmx guards its own forms.
  const sent = new Map();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (event.submitter?.hasAttribute("data-again")) return; // a download leaves the page where it is
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    const buttons = [...form.elements].filter((control) => control.type === "submit" && !control.disabled);
    sent.set(form, buttons);
    // Only after the browser has read the form: a disabled button's name and value would not be sent.
    setTimeout(() => buttons.forEach((button) => (button.disabled = true)));
  });
  // Back from the next page: the browser may show this one as it was left, with dead buttons.
  window.addEventListener("pageshow", () => {
    sent.forEach((buttons) => buttons.forEach((button) => (button.disabled = false)));
    sent.clear();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const form = event.target.closest("form[data-ctrl-enter]");
    if (form) form.requestSubmit([...form.elements].find((control) => control.type === "submit"));
  });

  // "/" goes to the search field, unless somebody is typing.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, select, textarea")) return;
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-show-password]")) return;
    const fields = event.target.form.querySelectorAll("input[name*=password]");
    fields.forEach((field) => (field.type = event.target.checked ? "text" : "password"));
  });
  const capsLock = document.querySelector("[data-caps-lock]");
  for (const type of capsLock ? ["keydown", "keyup"] : []) {
    capsLock.closest("form").addEventListener(type, (event) => {
      const isOn = Boolean(event.getModifierState?.("CapsLock"));
      capsLock.textContent = isOn ? capsLock.dataset.text : "";
    });
  }

  // The tab's title says how many notices are unread, as the bell of the page does.
  document.addEventListener("htmx:afterSettle", () => {
    const unread = document.getElementById("bell")?.dataset.unread ?? "0";
    const title = document.title.replace(/^\s*\(\d+\+?\)\s*/, "");
    document.title = unread !== "0" ? `(${unread}) ${title}` : title;
  });

  // What a verb said of the state that it left does not stay beside the next one.
  const live = document.getElementById("live");
  const statusAtFirst = live?.dataset.status;
  document.addEventListener("htmx:afterSettle", () => {
    if (!live || live.dataset.status === statusAtFirst) return;
    document.querySelectorAll("#messages > .note:not(:focus-within)").forEach((note) => note.remove());
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Copies a text, or what an address answers; the button says that it is done.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (!button) return;
    event.preventDefault();
    const { copy, copyFrom, copied } = button.dataset;
    const text = copy ?? (await (await fetch(copyFrom)).text());
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without HTTPS, or if the browser refuses it, there is only the old way.
      const holder = document.createElement("textarea");
      holder.value = text;
      button.after(holder);
      holder.select();
      document.execCommand("copy");
      holder.remove();
      button.focus();
    }
    button.textContent = copied;
  });

  // What was typed into a form survives that the session ends: for its person, in this tab, for an hour.
  const KEPT = "typed";
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  const keeping = document.querySelector("form[data-keep]");
  const keptNote = document.querySelector("[data-kept-note]");
  if (kept && document.querySelector("form input[name=username]")) {
    sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, wasSignedOut: true }));
    if (keptNote) keptNote.hidden = false;
  } else if (document.querySelector(".site-nav")) {
    sessionStorage.removeItem(KEPT);
  }
  if (keeping) {
    const isTheirs = kept?.wasSignedOut && kept.who === keeping.dataset.keep && kept.path === location.pathname;
    if (isTheirs && Date.now() - kept.at < 3600e3) {
      for (const [name, value] of kept.values) {
        for (const control of keeping.querySelectorAll(`[name="${CSS.escape(name)}"]:not([type=hidden], [type=file])`)) {
          if (control.type === "radio" || control.type === "checkbox") control.checked = control.value === value;
          else control.value = value;
        }
      }
      if (keptNote) keptNote.hidden = false;
    }
    keeping.addEventListener("submit", () => {
      const values = [...new FormData(keeping)].filter(([, value]) => typeof value === "string");
      try {
        const typed = { who: keeping.dataset.keep, path: location.pathname, at: Date.now(), values };
        sessionStorage.setItem(KEPT, JSON.stringify(typed));
      } catch {
        sessionStorage.removeItem(KEPT); // more than a browser keeps
      }
    });
  }

  // A part that did not come: the browser asks for the whole page, which says what is wrong.
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failure, (event) => {
      if (event.target.matches("form[data-else-whole]")) event.target.submit();
    });
  }

  // A page that keeps itself up to date says so when it cannot.
  const stale = document.getElementById("stale");
  if (stale) {
    document.addEventListener("htmx:afterRequest", (event) => (stale.hidden = event.detail.successful));
  }

  // A file can be dropped anywhere on the form that takes one; one that is too large is not even sent.
  for (const zone of document.querySelectorAll("[data-drop]")) {
    const form = zone.closest("form");
    const input = zone.querySelector("input[type=file]");
    form.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.add("drop-here");
    });
    form.addEventListener("dragleave", (event) => {
      if (!form.contains(event.relatedTarget)) zone.classList.remove("drop-here");
    });
    form.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      zone.classList.remove("drop-here");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    });
    input.addEventListener("change", () => {
      const tooLarge = input.files.length > 0 && input.files[0].size > Number(input.dataset.limit);
      input.setCustomValidity(tooLarge ? input.dataset.tooLarge : "");
      input.reportValidity();
    });
    form.addEventListener("submit", (event) => {
      if (!input.checkValidity()) {
        event.preventDefault();
        input.reportValidity();
      }
    });
  }

  // How many numbers were pasted, roughly: what the server reads is what counts.
  function showCount(textarea, output) {
    const numbers = textarea.value.split(/[\s,，、;；]+/).filter(Boolean);
    output.textContent = numbers.length ? textarea.dataset.count.replace("{count}", numbers.length) : "";
  }
  for (const textarea of document.querySelectorAll("textarea[data-count]")) {
    const output = document.createElement("output");
    output.className = "paste-count";
    output.htmlFor = textarea.id;
    textarea.after(output);
    let timer;
    textarea.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(showCount, 250, textarea, output);
    });
    showCount(textarea, output);
  }
})();
