() => {
  const seen = new Set();
  const fields = document.querySelectorAll("main input:not([type=hidden]), main select, main textarea");
  return [...fields].flatMap((field) => {
    const shown = field.labels?.[0]?.innerText ?? "";
    const group = field.closest("fieldset, article, form, #cell")?.innerText ?? "";
    const told = `${field.getAttribute("aria-label") ?? shown} | ${field.type} | ${field.value} | ${group}`;
    const isKnown = seen.has(told);
    seen.add(told);
    return isKnown ? [`same name: ${told.slice(0, 80)}`] : [];
  });
}