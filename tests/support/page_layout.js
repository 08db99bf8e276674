// Lists what a reader would see wrong with the layout of a page at the present width of the window.
() => {
  const faults = [];
  const text = (element) => element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
  const isHidden = (element) => {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      const style = getComputedStyle(each);
      const isClipped = each.getBoundingClientRect().width <= 2 && style.overflow === "hidden";
      if (isClipped || style.visibility === "hidden" || style.opacity === "0" || each.getAttribute("opacity") === "0"
        || style.clipPath !== "none" || /rect/.test(style.clip) || style.position === "fixed") return true;
    }
    return false;
  };

  if (document.documentElement.scrollWidth > innerWidth + 1) faults.push(`scrolls sideways to ${document.documentElement.scrollWidth}`);

  const section = document.querySelector("main section") || document.querySelector("main") || document.body;
  const width = section.getBoundingClientRect().width;
  if (width < 0.6 * Math.min(innerWidth, 1100) - 1) faults.push(`content is ${Math.round(width)} wide`);

  const headings = [...document.querySelectorAll("main :is(h1, h2, h3, h4)")].filter((heading) => heading.offsetParent);
  headings.slice(0, -1).forEach((heading, number) => {
    const next = headings[number + 1];
    if (next.tagName[1] > heading.tagName[1]) return;
    const between = document.createRange();
    between.setStartAfter(heading);
    between.setEndBefore(next);
    const content = between.cloneContents();
    if (!content.textContent.trim() && !content.querySelector("svg, img")) faults.push(`nothing below “${text(heading)}”`);
  });

  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.textContent.trim() || element.closest("title, desc, style, script") || isHidden(element)) continue;
    if (/rotate/.test(element.getAttribute("transform") || element.parentElement.getAttribute("transform") || "")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      const leading = box.height * 0.18;
      if (box.width > 2) boxes.push({ left: box.left, right: box.right, top: box.top + leading, bottom: box.bottom - leading, node });
    }
  }
  boxes.sort((one, other) => one.top - other.top);
  boxes.forEach((one, number) => {
    for (const other of boxes.slice(number + 1)) {
      if (other.top > one.bottom) break;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - other.top;
      if (one.node !== other.node && across > 2 && down > 1.5) faults.push(`“${text(one.node)}” lies over “${text(other.node)}”`);
    }
  });

  for (const element of document.querySelectorAll("th, td, h1, h2, h3, h4, li, p, figcaption")) {
    const style = getComputedStyle(element);
    const isCut = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1 && style.display !== "inline";
    if (isCut && style.overflowX !== "auto" && !isHidden(element)) faults.push(`“${text(element)}” is wider than its box`);
  }

  for (const drawing of document.querySelectorAll("figure svg")) {
    const drawn = drawing.getBoundingClientRect().width;
    const room = drawing.closest("section").getBoundingClientRect().width;
    if (drawn && drawn < 0.6 * Math.min(room, 640)) faults.push(`a drawing is ${Math.round(drawn)} of ${Math.round(room)} wide`);
  }

  for (const head of document.querySelectorAll("thead th")) {
    if (/^[A-Z]{1,3}[_-]?\d{1,3}$/.test(text(head)) && !isHidden(head)) faults.push(`a column is headed “${text(head)}”`);
  }
  return faults;
}
