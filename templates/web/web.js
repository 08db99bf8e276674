// What pages do beyond plain forms: they say when the workbench has ended, and keep what was typed then; they mark the
// cell that is looked at, and stay where something was answered.
"use strict";
(() => {
  const EVERY = 5000;
  const LONGEST = 10_000;
  const ended = document.querySelector("dialog.ended");
  const bar = document.querySelector(".ended-bar");
  const tell = () => {
    bar.hidden = false;
    if (!ended.open) ended.showModal();
  };
  const isThere = (signal) => {
    const styles = document.querySelector("link[rel=stylesheet]").href;
    return fetch(styles, { method: "HEAD", cache: "no-store", signal }).then((answer) => answer.ok, () => false);
  };
  const ask = async () => {
    if (await isThere()) {
      bar.hidden = true;
      ended.close();
    } else if (bar.hidden) {
      tell();
    }
  };
  if (ended) {
    setInterval(ask, EVERY);
    addEventListener("focus", ask);
    // A form waits until the workbench answers: a page that is left for nowhere loses what was typed.
    let [isWaiting, isAnswered] = [false, false];
    const send = async (form, button) => {
      isWaiting = true;
      const request = new AbortController();
      setTimeout(() => request.abort(), LONGEST);
      isAnswered = await isThere(request.signal);
      isWaiting = false;
      if (isAnswered) form.requestSubmit(button);
      else tell();
      isAnswered = false;
    };
    const hold = (event) => {
      const form = event.type === "submit" && event.target.method !== "dialog" && !isAnswered;
      const link = event.type === "click" && event.target.closest?.("a[href^='/']") && (isWaiting || !bar.hidden);
      if (!form && !link) return;
      event.preventDefault();
      event.stopPropagation();
      if (isWaiting) return;
      if (form) send(event.target, event.submitter);
      else tell();
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
  // The Tab key stops once in a sheet; the arrow keys move from cell to cell, as in a spreadsheet program.
  const ARROWS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
  for (const sheet of document.querySelectorAll(".cells")) {
    const links = [...sheet.querySelectorAll("td a")];
    const stopAt = (link) => {
      for (const each of links) each.tabIndex = each === link ? 0 : -1;
    };
    stopAt(sheet.querySelector(".it a") ?? links[0]);
    sheet.addEventListener("focusin", (event) => stopAt(event.target));
    sheet.addEventListener("keydown", (event) => {
      if (!(event.key in ARROWS)) return;
      event.preventDefault();
      const [down, right] = ARROWS[event.key];
      let [row, column] = [event.target.closest("tr"), event.target.closest("td").cellIndex];
      do {
        row = sheet.rows[row.rowIndex + down];
        column += right;
      } while (row?.cells[column] && !row.cells[column].querySelector("a"));
      row?.cells[column]?.querySelector("a").focus();
    });
  }
  const place = `place ${location.pathname}`;
  document.addEventListener("submit", () => sessionStorage.setItem(place, String(scrollY)));
  if (new URLSearchParams(location.search).has("done") && sessionStorage.getItem(place)) {
    scrollTo(0, Number(sessionStorage.getItem(place)));
  }
  sessionStorage.removeItem(place);

  // Drafts: what is typed stays in this browser until it is sent, so that a reload, another page, a lost network or a
  // workbench that was started again loses nothing. A field whose saved value has changed since keeps the saved one.
  const AGE = 7 * 24 * 3600 * 1000;
  const store = `drafts ${document.body.dataset.drafts}`;
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(store)) || {};
    } catch {
      return {};
    }
  };
  const write = (drafts) => {
    try {
      if (Object.keys(drafts).length) localStorage.setItem(store, JSON.stringify(drafts));
      else localStorage.removeItem(store);
    } catch {
      // A browser that keeps nothing works without drafts.
    }
  };
  const isText = (field) =>
    field.form?.method === "post" && field.name &&
    (["TEXTAREA", "SELECT"].includes(field.tagName) ||
      (field.tagName === "INPUT" && ["text", "search"].includes(field.type)));
  const proposed = (field) => [...field.options].find((each) => each.defaultSelected) ?? field.options[0];
  // Choices are kept by their values, which are the same in every language.
  const saved = (field) => field.tagName === "SELECT" ? proposed(field)?.value : field.defaultValue;
  const fill = (field, text) => {
    const before = field.value;
    field.value = text;
    if (field.value !== text) field.value = before;
  };
  const keyOf = (field) => {
    const about = [...field.form.querySelectorAll("input[type=hidden]")]
      .filter((each) => !/^(made-from:|seen:|query$|was$|kept$)/.test(each.name))
      .map((each) => `${each.name}=${each.value}`);
    return [field.form.getAttribute("action"), ...about, field.name].join(" ");
  };
  const fields = () => [...document.querySelectorAll("main input, main select, main textarea")].filter(isText);
  if (document.body.dataset.drafts !== undefined) {
    const asked = new URLSearchParams(location.search);
    const sent = JSON.parse(sessionStorage.getItem("sent") || "[]");
    sessionStorage.removeItem("sent");
    const isSaved = asked.has("done") || asked.has("job");
    const refused = isSaved ? [] : sent;  // the page of the refusal shows them; their drafts stay
    const drafts = read();
    if (isSaved) for (const key of sent) delete drafts[key];
    const restored = [];
    for (const field of fields()) {
      const draft = drafts[keyOf(field)];
      if (!draft || refused.includes(keyOf(field))) continue;
      const isFresh = draft.saved === saved(field) && Date.now() - draft.at < AGE;
      if (isFresh) fill(field, draft.text);
      if (field.value !== saved(field)) restored.push(field);
      else delete drafts[keyOf(field)];
    }
    write(drafts);
    const note = document.querySelector(".drafts");
    if (note && restored.length) {
      note.hidden = false;
      note.querySelector("button").addEventListener("click", () => {
        const kept = read();
        for (const field of restored) {
          fill(field, saved(field));
          delete kept[keyOf(field)];
        }
        write(kept);
        note.hidden = true;
      });
    }
    document.addEventListener("input", (event) => {
      if (!isText(event.target)) return;
      const kept = read();
      const [key, text] = [keyOf(event.target), event.target.value];
      const before = kept[key]?.saved ?? saved(event.target);
      kept[key] = { text, saved: before, at: Date.now() };
      if (text === before) delete kept[key];
      write(kept);
    });
    document.addEventListener("submit", (event) => {
      const keys = [...event.target.elements].filter(isText).map(keyOf);
      sessionStorage.setItem("sent", JSON.stringify(keys));
    });
  }

  // Uploads: a large file shows how much of it has been sent. Without this script the form is sent as it is.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const bar = form.querySelector("progress");
    if (event.defaultPrevented || !form.matches("form[data-upload]") || !bar) return;
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])");
    const request = new XMLHttpRequest();
    const failed = form.querySelector("[role=alert]");
    const end = () => {
      bar.hidden = true;
      failed.hidden = button.disabled = false;
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = loaded / total;
      if (loaded === total) bar.removeAttribute("value");
    });
    request.addEventListener("error", end);
    request.addEventListener("load", () => {
      const { pathname } = new URL(request.responseURL);
      if (pathname !== new URL(form.action).pathname) return location.assign(request.responseURL);
      document.open();
      document.write(request.responseText);
      document.close();
    });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    const fields = new FormData(form);
    bar.value = 0;
    bar.hidden = false;
    failed.hidden = button.disabled = true;
    request.send(fields);
  });

  // A command that has ended: the page shows its results, unless somebody is typing or on the way to another page: a
  // reload would bring them back.
  let isLeaving = false;
  addEventListener("beforeunload", () => (isLeaving = true));
  document.addEventListener("htmx:after:swap", () => {
    const ended = document.querySelector("#job[data-ended]");
    if (isLeaving || !ended || location.pathname.endsWith("/job")) return;
    if (fields().some((field) => field.value !== saved(field))) return;
    location.reload();
  });
})();
