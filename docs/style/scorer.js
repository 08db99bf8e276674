// Guides come before generated lists of the same words.
var Scorer = {
  score: ([page, , , , score]) =>
    score + (page.startsWith("how-to/") ? 3 : /^reference\/(commands|packages|python|rules)/.test(page) ? -3 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
