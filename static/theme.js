// Loaded before anything is painted: the chosen theme is there at once, without a flash of the other one.
"use strict";
(() => {
  const root = document.documentElement;
  const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");
  const CHOICES = ["light", "dark", "system"];
  // A cookie, because signing out empties the browser's storage.
  const SECURE = location.protocol === "https:" ? "; secure" : "";
  const COOKIE = SECURE ? "__Host-theme" : "theme";

  function chosen() {
    const cookie = document.cookie.split("; ").find((part) => part.startsWith(`${COOKIE}=`));
    const value = cookie ? cookie.slice(COOKIE.length + 1) : "";
    return CHOICES.includes(value) ? value : "system";
  }

  function show() {
    const choice = chosen();
    const dark = choice === "dark" || (choice === "system" && systemIsDark.matches);
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
    for (const button of document.querySelectorAll("[data-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === choice));
    }
  }

  root.classList.add("js");
  show();
  systemIsDark.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme]");
    if (!button) return;
    document.cookie = `${COOKIE}=${button.dataset.theme}; path=/; max-age=31536000; samesite=lax${SECURE}`;
    show();
  });
})();
