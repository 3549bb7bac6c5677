// The queue: rows are fetched again when something has changed, and what had the focus keeps it.
"use strict";

(() => {
  const queue = document.getElementById("queue");
  const news = document.getElementById("news");
  let seen = Number(queue.dataset.change);
  let wanted = seen;
  let busy = false;

  const references = () => new Set([...queue.querySelectorAll("[data-reference]")].map((row) => row.dataset.reference));

  function focused() {
    const at = document.activeElement;
    if (!queue.contains(at)) return null;
    return at.matches("a") ? `a[href="${at.getAttribute("href")}"]` : `form[action="${at.closest("form")?.getAttribute("action")}"] button`;
  }

  async function refresh() {
    if (busy) return;
    busy = true;
    while (seen < wanted) {
      const aim = wanted;
      try {
        const answer = await fetch(queue.dataset.rows, { headers: { Accept: "text/html" }, redirect: "error" });
        if (!answer.ok) throw new Error(`${answer.status}`);
        put(await answer.text());
        seen = aim;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    }
    busy = false;
  }

  function put(rows) {
    const before = references();
    const selector = focused();
    queue.innerHTML = rows;
    if (selector) queue.querySelector(selector)?.focus();
    const added = [...references()].filter((reference) => !before.has(reference));
    if (added.length) news.textContent = `${added.length} new in the queue: ${added.join(", ")}`;
    for (const reference of added) queue.querySelector(`[data-reference="${reference}"]`)?.classList.add("row--new");
  }

  document.addEventListener("console:state", (event) => {
    wanted = Math.max(wanted, event.detail.change);
    if (event.detail.change < seen) seen = wanted - 1; // another database: begin anew
    refresh();
  });
})();
