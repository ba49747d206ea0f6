/**
 * Filters the cases by verdict, topic, section, feature and text. The state is the fragment `#cases?text=…&verdict=…`,
 * which works in a file as well; only what differs from showing everything is in it.
 */
export const FILTER_SCRIPT = `(() => {
  const form = document.getElementById('filter');
  if (!form) return;
  const boxes = [...form.querySelectorAll('[name=verdict]')];
  const fields = ['text', 'topic', 'section', 'feature'].map((name) => form.elements.namedItem(name));
  const bitOf = (select) => select.selectedOptions[0].dataset.bit;
  // Variants of one case may share a frame that says what they have in common.
  const caseOf = (item) => {
    const frame = item.closest('.family') ?? item;
    const parts = [frame.querySelector('summary'), ...item.querySelectorAll('summary, .findings'), frame.querySelector('.about')];
    return {
      element: item,
      shown: true,
      words: [item.id, ...parts.map((part) => part?.textContent)].join(' ').toLowerCase(),
      topic: frame.dataset.topic,
      sections: frame.dataset.sections.split('|'),
      features: item.dataset.features.split(' '),
    };
  };
  const framesIn = (element, cases) => [...element.querySelectorAll('.family')].map((frame) => ({
    element: frame,
    tally: frame.querySelector('.tally'),
    cases: cases.filter((item) => item.element.parentElement.parentElement === frame),
  }));
  const groups = [...document.querySelectorAll('section.outcome')].map((element) => {
    const cases = [...element.querySelectorAll('details.case')].map(caseOf);
    return { element, cases, outcome: element.dataset.outcome, tally: element.querySelector('.tally'), frames: framesIn(element, cases) };
  });
  // Hides what has nothing to show, and says how much of the rest is shown.
  const tell = ({ element, tally, cases }, unit) => {
    const count = cases.filter(({ shown }) => shown).length;
    element.hidden = count === 0;
    tally.textContent = (count === cases.length ? count : count + ' of ' + cases.length) + unit;
    return count;
  };
  const total = groups.reduce((sum, { cases }) => sum + cases.length, 0);
  const apply = () => {
    const [text, topic, section] = fields.map(({ value }) => value);
    const bit = bitOf(form.elements.namedItem('feature'));
    const verdicts = new Set(boxes.filter(({ checked }) => checked).map(({ value }) => value));
    const needles = text.toLowerCase().split(' ').filter(Boolean);
    let count = 0;
    for (const group of groups) {
      for (const item of group.cases) {
        const shown = verdicts.has(group.outcome) && (!topic || item.topic === topic) &&
          (!section || item.sections.includes(section)) && (!bit || item.features.includes(bit)) &&
          needles.every((needle) => item.words.includes(needle));
        if (shown !== item.shown) item.element.hidden = !shown;
        item.shown = shown;
      }
      for (const frame of group.frames) tell(frame, ' variants');
      count += tell(group, '');
    }
    form.querySelector('output').value = count + ' of ' + total + ' variants';
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
