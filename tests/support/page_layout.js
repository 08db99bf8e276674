// Lists what a reader would see wrong with the layout of a page at the present width of the window: kind and place.
(separators) => {
  const faults = [];
  const add = (kind, words) => faults.push([kind, words]);
  const text = (element) => element.textContent.trim().replace(/\s+/g, " ").slice(0, 60);
  const hidden = new Map();
  const isHidden = (element) => {
    if (!element || element === document.body) return false;
    if (!hidden.has(element)) {
      const style = getComputedStyle(element);
      hidden.set(element, isHidden(element.parentElement) || style.visibility === "hidden" || style.opacity === "0"
        || style.clipPath !== "none" || style.position === "fixed" || style.insetInlineStart.startsWith("-"));
    }
    return hidden.get(element);
  };
  const boxesOf = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter((box) => box.width > 2);
  };
  const turned = (element) => /rotate\((-?\d+)/.exec(
    [element, element.parentElement].map((each) => each.getAttribute("transform") || "").join())?.[1] || "0";

  if (document.documentElement.scrollWidth > innerWidth + 1) add("sideways", `scrolls to ${document.documentElement.scrollWidth}`);

  const section = document.querySelector("main section") || document.querySelector("main") || document.body;
  const width = section.getBoundingClientRect().width;
  if (width < 0.6 * Math.min(innerWidth, 1100) - 1) add("narrow content", `${Math.round(width)} wide`);

  const headings = [...document.querySelectorAll("main :is(h1, h2, h3, h4)")].filter((heading) => heading.offsetParent);
  headings.forEach((heading, number) => {
    const next = headings[number + 1];
    if (next && next.tagName[1] > heading.tagName[1]) return;
    const between = document.createRange();
    between.setStartAfter(heading);
    if (next) between.setEndBefore(next);
    else between.setEndAfter(document.querySelector("main").lastChild);
    const content = between.cloneContents();
    if (!content.textContent.trim() && !content.querySelector("svg, img")) add("empty heading", text(heading));
  });

  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const [thousands, decimal] = separators;
  const other = [",", ".", " ", "\u00a0", "\u202f", "\u2009", "'", "’"].filter((sign) => sign !== thousands && sign !== decimal).join("");
  const strange = new RegExp(`(?<![\\p{L}\\d_./:,#-])(?:[1-9]\\d{4,19}|\\d{2,3}(?:[${other}]\\d{3})+|\\d{1,3}(?:[${other}${decimal}]\\d{3}){2,})(?![\\p{L}\\d_/:]|[.,-]\\d)`, "u");
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.textContent.trim() || element.closest("title, desc, style, script") || isHidden(element)) continue;
    const angle = turned(element), isUpright = /90|270/.test(angle);
    if (angle !== "0" && !isUpright) continue;
    const drawing = element.closest("figure svg, .drawing svg")?.getBoundingClientRect();
    for (const box of boxesOf(node)) {
      const across = isUpright ? box.width * 0.18 : 0, down = isUpright ? 0 : box.height * 0.18;
      lines.push({ left: box.left + across, right: box.right - across, top: box.top + down, bottom: box.bottom - down, node });
      if (drawing && (box.left + across < drawing.left - 1 || box.right - across > drawing.right + 1 || box.bottom - down > drawing.bottom + 1))
        add("cut", `“${text(node)}” leaves its drawing`);
    }
    if (!element.closest("code, .code, .cell, .key, .excerpt, .urn, .sources, [dir=ltr], #table-provenance")) {
      const ours = node.textContent.replace(/[\u2066-\u2068][^\u2069]*\u2069/gu, "").replace(/[“«‘„][^”»’]*[”»’]/gu, "");
      const found = strange.exec(ours);
      if (found) add("digits", `${found[0]} in “${text(node)}”`);
    }
    if (element.closest("th, h1, h2, h3, h4, figcaption, caption, summary, svg")) {
      for (const word of node.textContent.matchAll(/[\p{L}\p{M}]{3,}/gu)) {
        if (/\p{Script=Han}/u.test(word[0])) continue;
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const tops = [...range.getClientRects()].filter((box) => box.width > 1).map((box) => box.top);
        if (Math.max(...tops) - Math.min(...tops) > 4) add("broken word", word[0]);
      }
    }
  }
  lines.sort((one, other) => one.top - other.top);
  lines.forEach((one, number) => {
    for (let place = number + 1; place < lines.length && lines[place].top < one.bottom; place += 1) {
      const other = lines[place];
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - other.top;
      if (one.node !== other.node && across > 2 && down > 1.5) add("overlap", `“${text(one.node)}” lies over “${text(other.node)}”`);
    }
  });

  for (const element of document.querySelectorAll("th, td, h1, h2, h3, h4, li, p, figcaption")) {
    const style = getComputedStyle(element);
    const isCut = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1 && style.display !== "inline";
    if (isCut && style.overflowX !== "auto" && !isHidden(element)) add("cut", `“${text(element)}” is wider than its box`);
  }

  const around = (item) => {
    const texts = document.createTreeWalker(item, NodeFilter.SHOW_TEXT), boxes = [];
    while (texts.nextNode()) if (texts.currentNode.textContent.trim()) boxes.push(...boxesOf(texts.currentNode));
    return boxes.length && ["left", "top", "right", "bottom"].map((side) =>
      Math[side === "left" || side === "top" ? "min" : "max"](...boxes.map((box) => box[side])));
  };
  for (const item of document.querySelectorAll("li + li")) {
    const before = item.previousElementSibling;
    if (isHidden(item) || !item.offsetParent || !before.offsetParent) continue;
    const [last, first] = [around(before), around(item)];
    if (!last || !first) continue;
    const style = getComputedStyle(item);
    const hasMark = (style.display === "list-item" && style.listStyleType !== "none")
      || getComputedStyle(item, "::before").content.length > 6 || getComputedStyle(before, "::after").content.length > 6
      || parseFloat(style.borderTopWidth) || parseFloat(getComputedStyle(before).borderBottomWidth);
    const across = Math.max(first[0] - last[2], last[0] - first[2]);
    const down = Math.max(first[1] - last[3], last[1] - first[3]);
    if (across < 6 && down < (hasMark ? 0 : 5)) add("list", `“${text(before)}” runs into “${text(item)}”`);
  }

  for (const cell of document.querySelectorAll(".stacked td")) {
    const box = cell.getBoundingClientRect(), words = around(cell), before = cell.previousElementSibling;
    if (getComputedStyle(cell).display !== "block" || !words || isHidden(cell)) continue;
    const label = getComputedStyle(cell, "::before");
    const gap = parseFloat(getComputedStyle(cell).paddingTop) + parseFloat(label.marginTop) + parseFloat(getComputedStyle(before).paddingBottom);
    if (label.content.length > 2 && gap < 5) add("list", `the label of “${text(cell)}” is as near to “${text(before)}”`);
    const [start, end] = [words[0] - box.left, box.right - words[2]];
    if (document.dir === "rtl" ? end > start + 9 : start > end + 9) add("wrong side", text(cell));
  }
  for (const head of document.querySelectorAll("thead th")) {
    const lines = new Set(boxesOf(head).map((box) => Math.round(box.top))).size;
    if (lines > 10 && !isHidden(head)) add("narrow head", `“${text(head)}” has ${lines} lines`);
  }

  for (const drawing of document.querySelectorAll("figure svg")) {
    const drawn = drawing.getBoundingClientRect().width;
    const room = Math.min(drawing.closest("section").getBoundingClientRect().width, 640);
    if (drawn && drawn < room - 1) add("narrow drawing", `${Math.round(drawn)} of ${Math.round(room)}`);
  }

  for (const head of document.querySelectorAll("thead th, thead td")) {
    const words = [...head.childNodes].filter((node) => !node.classList?.contains("sr")).map((node) => node.textContent).join(" ").trim();
    if (/^([A-Z]{1,4}[_-]?\d{1,3}[A-Za-z]?|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+)$/.test(words) && !isHidden(head)) add("code as head", words);
  }
  for (const words of document.querySelectorAll("svg text")) {
    if (text(words).endsWith("…")) add("cut", `“${text(words)}” in a drawing`);
    if (/^([A-Z]{1,4}[_-]?\d{2,3}|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+)$/.test(text(words))) add("code as head", `${text(words)} in a drawing`);
  }
  return faults;
}
