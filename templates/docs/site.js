// The search: what is asked stands in the address, what is searched in the script beside this page; nothing is fetched.
(function () {
  "use strict";
  var LIMIT = 200;
  var index = window.sdmxmigIndex;
  var field = document.getElementById("q");
  var results = document.getElementById("results");
  var count = document.getElementById("count");
  var all = document.getElementById("all");
  if (!index || !field || !results) { return; }

  function folded(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f\u064b-\u065f]/g, "").toLowerCase();
  }
  var rows = index.rows.map(function (row) {
    return { title: row[0], kind: row[1], href: row[2], name: folded(row[0]), words: folded(row[0] + " " + row[3] + " " + row[1]) };
  });

  function rank(row, asked) {
    var match = row.name === asked ? 0 : row.name.indexOf(asked) === 0 ? 1 : 2;
    var kind = /^(definitions|indicator-)/.test(row.href) ? 0 : /^framework/.test(row.href) || row.href.indexOf("#") < 0 ? 1 : 2;
    return 3 * match + kind;
  }

  function show() {
    var asked = folded(field.value.trim());
    var parts = asked.split(/\s+/).filter(Boolean);
    results.textContent = "";
    all.hidden = parts.length > 0;
    if (!parts.length) { count.textContent = ""; return; }
    var found = rows.filter(function (row) {
      return parts.every(function (part) { return row.words.indexOf(part) >= 0; });
    });
    found.forEach(function (row, place) { row.order = rank(row, asked) * 1e6 + place; });
    found.sort(function (one, two) { return one.order - two.order; });
    count.textContent = found.length ? index.words.found.replace("{n}", found.length) : index.words.none;
    found.slice(0, LIMIT).forEach(function (row) {
      var item = document.createElement("li");
      var link = document.createElement("a");
      var kind = document.createElement("span");
      link.href = row.href;
      link.textContent = row.title;
      kind.className = "tag";
      kind.textContent = " " + row.kind;
      item.append(link, kind);
      results.append(item);
    });
  }

  field.value = new URLSearchParams(window.location.search).get("q") || "";
  field.addEventListener("input", show);
  show();
})();
