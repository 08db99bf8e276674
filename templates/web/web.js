// What pages do beyond plain forms: they say when the workbench has ended, and mark the cell that is looked at.
"use strict";
(() => {
  const EVERY = 5000;
  const ended = document.querySelector(".ended");
  const ask = async () => {
    try {
      await fetch("/static/web.css", { method: "HEAD", cache: "no-store" });
      ended.hidden = true;
    } catch {
      ended.hidden = false;
    }
  };
  setInterval(ask, EVERY);
  document.addEventListener("click", (event) => {
    const cell = event.target.closest?.(".cells td");
    if (!cell) return;
    document.querySelector(".cells .it")?.classList.remove("it");
    cell.classList.add("it");
  });
})();
