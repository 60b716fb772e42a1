// A part that keeps itself up to date leaves alone what has not changed: focus, selection, scroll, ticks, open menus.
"use strict";
(() => {
  const KEPT = new Set(["open"]); // what a person opened stays open

  function alike(now, wanted) {
    return now.nodeType === wanted.nodeType && now.nodeName === wanted.nodeName && (now.id ?? "") === (wanted.id ?? "");
  }

  function updateAttributes(now, wanted) {
    for (const { name, value } of wanted.attributes) {
      if (now.getAttribute(name) !== value && !KEPT.has(name)) now.setAttribute(name, value);
    }
    for (const { name } of [...now.attributes]) {
      if (!wanted.hasAttribute(name) && !KEPT.has(name)) now.removeAttribute(name);
    }
  }

  function updateChildren(now, wanted, added) {
    let here = now.firstChild;
    for (const child of [...wanted.childNodes]) {
      if (child.id) {
        // Named, so it is found wherever it stood; what stood before it and is not named goes at the end.
        const known = [...now.children].find((element) => element.id === child.id && alike(element, child));
        if (known && known !== here) {
          now.insertBefore(known, here);
          here = known;
        }
      }
      if (here && alike(here, child)) {
        const next = here.nextSibling;
        update(here, child, added);
        here = next;
      } else {
        now.insertBefore(child, here);
        added.push(child);
      }
    }
    while (here) {
      const next = here.nextSibling;
      here.remove();
      here = next;
    }
  }

  // Makes `now` what `wanted` is, in place; `added` collects what is new.
  function update(now, wanted, added) {
    if (now.isEqualNode(wanted)) return;
    if (now.nodeType !== Node.ELEMENT_NODE) {
      now.data = wanted.data;
      return;
    }
    updateAttributes(now, wanted);
    updateChildren(now, wanted, added);
  }

  htmx.defineExtension("calm", {
    isInlineSwap: (style) => style === "calm",
    handleSwap(style, target, fragment) {
      if (style !== "calm") return false;
      const wanted = [...fragment.children].find((element) => element.id === target.id);
      const added = [];
      if (wanted) update(target, wanted, added);
      return [target, ...added.filter((node) => node.nodeType === Node.ELEMENT_NODE)];
    },
  });
})();
