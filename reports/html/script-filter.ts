/**
 * Filters the cases by verdict, topic, section, feature and text. The state is the fragment `#cases?text=…&verdict=…`,
 * which works in a file as well; only what differs from showing everything is in it.
 */
export const FILTER_SCRIPT = `(() => {
  const form = document.getElementById('filter');
  if (!form) return;
  const boxes = [...form.querySelectorAll('[name=verdict]')];
  const fields = ['text', 'topic', 'section', 'feature'].map((name) => form.elements.namedItem(name));
  const groups = [...document.querySelectorAll('section.outcome')].map((element) => ({
    element,
    tally: element.querySelector('.tally'),
    outcome: element.dataset.outcome,
    cases: [...element.querySelectorAll(':scope > details.case')].map((item) => ({
      element: item,
      shown: true,
      words: [item.querySelector('summary'), ...item.querySelectorAll('.about, .findings')]
        .map((part) => part.textContent).join(' ').toLowerCase(),
      topic: item.dataset.topic,
      sections: item.dataset.sections.split('|'),
      features: item.dataset.features.split('|'),
    })),
  }));
  const total = groups.reduce((sum, { cases }) => sum + cases.length, 0);
  const apply = () => {
    const [text, topic, section, feature] = fields.map(({ value }) => value);
    const verdicts = new Set(boxes.filter(({ checked }) => checked).map(({ value }) => value));
    const needles = text.toLowerCase().split(' ').filter(Boolean);
    let count = 0;
    for (const group of groups) {
      let here = 0;
      for (const item of group.cases) {
        const shown = verdicts.has(group.outcome) && (!topic || item.topic === topic) &&
          (!section || item.sections.includes(section)) && (!feature || item.features.includes(feature)) &&
          needles.every((needle) => item.words.includes(needle));
        if (shown) here++;
        if (shown !== item.shown) item.element.hidden = !shown;
        item.shown = shown;
      }
      group.element.hidden = here === 0;
      group.tally.textContent = here === group.cases.length ? here : here + ' of ' + group.cases.length;
      count += here;
    }
    form.querySelector('output').value = count + ' of ' + total + ' cases';
    document.getElementById('filter-none').hidden = count > 0;
  };
  const write = () => {
    const state = new URLSearchParams();
    for (const { name, value } of fields) if (value) state.set(name, value);
    if (boxes.some(({ checked }) => !checked)) {
      state.set('verdict', boxes.filter(({ checked }) => checked).map(({ value }) => value).join(','));
    }
    history.replaceState(null, '', '#cases' + (state.size > 0 ? '?' + state : ''));
  };
  const read = () => {
    const [place, query] = location.hash.slice(1).split('?');
    if (place !== 'cases' || query === undefined) return;
    const state = new URLSearchParams(query);
    for (const field of fields) field.value = state.get(field.name) ?? '';
    const verdicts = state.get('verdict')?.split(',');
    for (const box of boxes) box.checked = !verdicts || verdicts.includes(box.value);
    apply();
    document.getElementById('cases').scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener('input', () => { apply(); write(); });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(() => { apply(); write(); }));
  addEventListener('hashchange', read);
  apply();
  read();
})();
`;
