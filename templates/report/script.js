/* Filter and sort of the longer tables. Without it, and on paper, every table stands as it is. */
(function () {
  "use strict";
  var SHORT = 12;
  var main = document.getElementById("main");
  var words = main.dataset;
  var compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

  function said(text, values) {
    return text.replace(/\{(\w+)\}/g, function (whole, name) { return values[name]; });
  }

  function folded(text) {
    return text.toLocaleLowerCase(document.documentElement.lang).normalize("NFKD").replace(/\p{M}/gu, "");
  }

  /* The number in a cell; NaN if there is none, as in “not known”. */
  function number(cell) {
    var data = cell.querySelector("data");
    return data ? Number(data.value) : NaN;
  }

  function shown(cell) {
    var copy = cell.cloneNode(true);
    copy.querySelectorAll(".cell-note, .sign, .refs, .mark").forEach(function (aside) { aside.remove(); });
    return copy.textContent.trim();
  }

  function byColumn(column, isNumber, sign) {
    return function (first, second) {
      var one = first.cells[column], other = second.cells[column];
      var oneAbsent = !one || !!one.querySelector(".absent, .unknown");
      var otherAbsent = !other || !!other.querySelector(".absent, .unknown");
      if (oneAbsent || otherAbsent) { return oneAbsent - otherAbsent; }
      if (!isNumber) { return sign * compare(shown(one), shown(other)); }
      var a = number(one), b = number(other);
      if (isNaN(a) || isNaN(b)) { return isNaN(a) - isNaN(b); }
      return sign * (a - b);
    };
  }

  /* Rows that belong together: what follows the head of a group, up to the next one. */
  function groups(body) {
    var found = [{ head: null, rows: [] }];
    Array.from(body.rows).forEach(function (row) {
      if (row.classList.contains("group")) { found.push({ head: row, rows: [] }); }
      else { found[found.length - 1].rows.push(row); }
    });
    return found;
  }

  function sortable(head, column, table, parts, tell) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    Array.from(head.childNodes).forEach(function (node) {
      if (!(node.classList && node.classList.contains("cell-note"))) { button.appendChild(node); }
    });
    var name = button.textContent.trim();
    head.insertBefore(button, head.firstChild);
    button.addEventListener("click", function () {
      var order = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") || "none"];
      table.tHead.querySelectorAll("[aria-sort]").forEach(function (other) { other.removeAttribute("aria-sort"); });
      if (order !== "none") { head.setAttribute("aria-sort", order); }
      var by = byColumn(column, head.classList.contains("number"), order === "descending" ? -1 : 1);
      parts.forEach(function (part) {
        var rows = order === "none" ? part.rows : part.rows.slice().sort(by);
        if (part.head) { table.tBodies[0].appendChild(part.head); }
        rows.forEach(function (row) { table.tBodies[0].appendChild(row); });
      });
      tell(said(words[order], { column: name }));
    });
  }

  function filterable(frame, table, parts, tell) {
    var bar = document.createElement("p");
    var label = document.createElement("label");
    var field = document.createElement("input");
    bar.className = "sift";
    label.htmlFor = field.id = table.id + "-filter";
    label.textContent = said(words.filter, { table: table.caption.textContent.trim() });
    field.type = "search";
    bar.append(label, " ", field);
    frame.parentNode.insertBefore(bar, frame);
    var all = parts.reduce(function (sum, part) { return sum + part.rows.length; }, 0);
    field.addEventListener("input", function () {
      var sought = folded(field.value.trim()).split(/\s+/).filter(Boolean);
      var left = 0;
      parts.forEach(function (part) {
        var own = part.head ? folded(part.head.textContent) + " " : "";
        var stays = part.rows.filter(function (row) {
          var text = own + folded(row.textContent);
          var fits = sought.every(function (word) { return text.includes(word); });
          row.classList.toggle("away", !fits);
          return fits;
        }).length;
        if (part.head) { part.head.classList.toggle("away", !stays); }
        left += stays;
      });
      tell(said(words.rows, { n: left, all: all }));
    });
    return bar;
  }

  /* What a link leads to is unfolded with all that it stands in; on a wide screen the contents are there at once. */
  function unfold() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var around = target; around; around = around.parentElement) {
      if (around.tagName === "DETAILS") { around.open = true; }
    }
    if (target) { target.scrollIntoView(); }
  }

  var contents = document.querySelector(".contents > details");
  if (contents && window.matchMedia("(min-width: 68rem)").matches) { contents.open = true; }
  if (words.document === "annexes") {
    main.querySelectorAll(":scope > section").forEach(function (section) {
      var body = document.createElement("details"), summary = document.createElement("summary");
      body.className = "annex-body";
      summary.append(section.querySelector(".label"), section.querySelector("h2"));
      body.append(summary, ...section.children);
      section.append(body);
    });
  }
  window.addEventListener("beforeprint", function () {
    main.querySelectorAll("details").forEach(function (part) { part.open = true; });
  });
  window.addEventListener("hashchange", unfold);
  if (location.hash) { unfold(); }

  document.querySelectorAll(".frame > table").forEach(function (table) {
    var parts = groups(table.tBodies[0]);
    var long = parts.reduce(function (sum, part) { return sum + part.rows.length; }, 0) >= SHORT;
    if (!long || table.tHead.rows.length !== 1) { return; }
    var status = document.createElement("span");
    status.setAttribute("role", "status");
    var tell = function (text) { status.textContent = text; };
    var bar = filterable(table.parentNode, table, parts, tell);
    bar.append(" ", status);
    Array.from(table.tHead.rows[0].cells).forEach(function (head, column) { sortable(head, column, table, parts, tell); });
  });
})();
