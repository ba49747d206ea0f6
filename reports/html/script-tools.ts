/**
 * Puts tools above the messages of a variant: a box that leaves the rows with all of its words, such as `MAP 0x100000`, and buttons
 * that go from one piece of evidence to the next, which the keys n and p do as well.
 */
export const TOOLS_SCRIPT = `(() => {
  const element = (name, more) => Object.assign(document.createElement(name), more);
  const marked = (table) => [...table.querySelectorAll('.offending, .provoked')].filter(({ hidden }) => !hidden);
  const go = (table, step) => {
    const rows = marked(table);
    if (rows.length === 0) return;
    const at = rows.indexOf(table.current);
    table.current = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : (at + step + rows.length) % rows.length];
    table.current.tabIndex = -1;
    table.current.focus({ preventScroll: true });
    table.current.scrollIntoView({ block: 'center' });
  };
  const filter = (table, field, output) => {
    const rows = [...table.querySelectorAll(':scope > tbody > tr')];
    const texts = new Map();
    const textOf = (row) => texts.get(row) ?? texts.set(row, row.textContent.toLowerCase()).get(row);
    field.addEventListener('input', () => {
      const words = field.value.toLowerCase().split(' ').filter(Boolean);
      let count = 0;
      for (const row of rows) {
        row.hidden = !words.every((word) => textOf(row).includes(word));
        if (!row.hidden) count++;
      }
      output.value = words.length > 0 ? count + ' of ' + rows.length + ' rows' : '';
    });
  };
  const equip = (table) => {
    const tools = element('div', { className: 'tools' });
    const field = element('input', { type: 'search', placeholder: 'MAP, 0x100000, rng …' });
    field.setAttribute('aria-label', 'Filter the messages');
    const output = element('output', {});
    tools.append(field, output);
    if (marked(table).length > 0) {
      const button = (text, step) => {
        const made = element('button', { type: 'button', textContent: text });
        made.addEventListener('click', () => go(table, step));
        return made;
      };
      tools.append(button('previous evidence (p)', -1), button('next evidence (n)', 1));
    }
    filter(table, field, output);
    table.before(tools);
  };
  document.addEventListener('drawn', ({ target }) => {
    for (const table of target.querySelectorAll('table.trace')) equip(table);
  });
  // The keys move in the trace that is on the screen.
  addEventListener('keydown', ({ key, target, ctrlKey, altKey, metaKey }) => {
    if ((key !== 'n' && key !== 'p') || ctrlKey || altKey || metaKey || target.matches?.('input, select, textarea')) return;
    // What lies in something closed has a place all the same.
    const isSeen = (table) => {
      const { top, bottom } = table.getBoundingClientRect();
      return !table.closest('details:not([open])') && bottom > 0 && top < innerHeight;
    };
    const table = [...document.querySelectorAll('table.trace')].find(isSeen);
    if (table) go(table, key === 'n' ? 1 : -1);
  });
})();
`;
