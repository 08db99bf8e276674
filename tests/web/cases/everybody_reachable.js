() => {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, iframe, [tabindex='0']");
  const groups = new Set(), shown = [...all].filter((each) => each.checkVisibility() && !each.disabled && each.tabIndex >= 0);
  return shown.filter((each) => {
    if (each.type !== "radio") return true;
    const isFirst = !groups.has(each.name);
    groups.add(each.name);
    return isFirst;
  }).length;
}