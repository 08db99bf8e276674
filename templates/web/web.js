// What pages do beyond plain forms: they say when the workbench has ended, and keep what was typed then; they mark the
// cell that is looked at, and stay where something was answered.
"use strict";
(() => {
  const EVERY = 5000;
  const ended = document.querySelector("dialog.ended");
  const bar = document.querySelector(".ended-bar");
  const tell = () => {
    bar.hidden = false;
    if (!ended.open) ended.showModal();
  };
  const ask = async () => {
    const styles = document.querySelector("link[rel=stylesheet]").href;
    const there = await fetch(styles, { method: "HEAD", cache: "no-store" }).then((answer) => answer.ok, () => false);
    if (there) {
      bar.hidden = true;
      ended.close();
    } else if (bar.hidden) {
      tell();
    }
  };
  if (ended) {
    setInterval(ask, EVERY);
    addEventListener("focus", ask);
    const hold = (event) => {
      const form = event.type === "submit" && event.target.method !== "dialog";
      const link = event.type === "click" && event.target.closest?.("a[href^='/']");
      if (bar.hidden || !(form || link)) return;
      event.preventDefault();
      event.stopPropagation();
      tell();
    };
    document.addEventListener("submit", hold, true);
    document.addEventListener("click", hold, true);
  }
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
