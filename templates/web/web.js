// What pages do beyond plain forms: they say when the workbench has ended, mark the cell that is looked at,
// and stay where something was answered.
"use strict";
(() => {
  const EVERY = 5000;
  const ended = document.querySelector(".ended");
  const ask = async () => {
    try {
      await fetch(document.querySelector("link[rel=stylesheet]").href, { method: "HEAD", cache: "no-store" });
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
  const place = `place ${location.pathname}`;
  document.addEventListener("submit", () => sessionStorage.setItem(place, String(scrollY)));
  if (new URLSearchParams(location.search).has("done") && sessionStorage.getItem(place)) {
    scrollTo(0, Number(sessionStorage.getItem(place)));
  }
  sessionStorage.removeItem(place);
})();
