() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at), box = at.getClientRects()[0];
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    html: at.outerHTML.slice(0, 120),
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    free: at.tagName === "IFRAME" || Boolean(over) && (at.contains(over) || over.contains(at)),
  };
}