// Guides come before the reference and the decisions, which name everything; the numbers are those of Sphinx.
var Scorer = {
  score: ([page, , , , score]) => (/^(reference|adr|files|project)\//.test(page) ? score - 8 : score),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
