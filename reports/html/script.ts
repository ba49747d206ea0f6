/**
 * The page's script. It only adds comfort: a filter, a button that copies a command, and opening what a link leads
 * to. Without it everything can be read.
 */
export const SCRIPT = `'use strict';
(() => {
  const filter = document.getElementById('filter');
  const text = document.getElementById('filter-text');
  const boxes = [...document.querySelectorAll('#filter-outcomes input')];
  const cases = [...document.querySelectorAll('details.case')];
  const groups = [...document.querySelectorAll('section.outcome')];
  const words = new Map(cases.map((item) => [
    item,
    [...item.querySelectorAll(':scope > summary, .about, .findings')].map((part) => part.textContent).join(' ').toLowerCase(),
  ]));
  const apply = () => {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const needle = text.value.trim().toLowerCase();
    let count = 0;
    for (const group of groups) {
      let any = false;
      for (const item of group.querySelectorAll('details.case')) {
        const shown = wanted.has(group.dataset.outcome) && words.get(item).includes(needle);
        item.hidden = !shown;
        any = any || shown;
        if (shown) count++;
      }
      group.hidden = !any;
    }
    document.getElementById('filter-count').value = count + ' of ' + cases.length + ' cases';
  };
  if (filter) {
    filter.hidden = false;
    filter.addEventListener('input', apply);
    filter.addEventListener('submit', (event) => event.preventDefault());
    apply();
  }
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let item = target; item; item = item.parentElement) {
      item.hidden = false;
      if (item.tagName === 'DETAILS') item.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener('hashchange', reveal);
  if (location.hash) reveal();
  if (!navigator.clipboard) return;
  for (const command of document.querySelectorAll('pre.command')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'copy';
    button.addEventListener('click', () => {
      navigator.clipboard.writeText(command.querySelector('code').textContent).then(() => {
        button.textContent = 'copied';
        setTimeout(() => { button.textContent = 'copy'; }, 1500);
      });
    });
    command.append(button);
  }
})();
`;
