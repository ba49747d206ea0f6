/**
 * Puts a slider below each picture of time. It moves a cursor over the picture, and lists everything that held at that
 * moment; the titles of the bars say what they are.
 */
export const TIMELINE_SCRIPT = `(() => {
  const lists = [
    ['running', '.command'],
    ['in flight', '.flight'],
    ['queues', '.enabled'],
    ['attached', '.attached'],
    ['mapped', '.mapping'],
    ['reserved', '.reserved'],
    ['now', '.access, .cross'],
  ];
  const prepare = (figure) => {
    const svg = figure.querySelector('svg');
    const seqs = svg.dataset.seqs.split(' ');
    const [left, width] = [Number(svg.dataset.left), Number(svg.dataset.step)];
    const slider = document.createElement('input');
    Object.assign(slider, { type: 'range', min: 0, max: seqs.length - 1, step: 1 });
    slider.setAttribute('aria-label', 'Moment');
    const cursor = document.createElementNS(svg.namespaceURI, 'line');
    cursor.setAttribute('class', 'cursor');
    cursor.setAttribute('y1', 0);
    cursor.setAttribute('y2', svg.viewBox.baseVal.height);
    svg.append(cursor);
    const state = document.createElement('dl');
    state.className = 'state';
    const holds = (item, step) => {
      if (item.dataset.at !== undefined) return Number(item.dataset.at) === step;
      const [from, until] = item.dataset.span.split(' ').map(Number);
      return from <= step && step < until;
    };
    const show = () => {
      const step = Number(slider.value);
      const x = left + (step + 0.5) * width;
      cursor.setAttribute('x1', x);
      cursor.setAttribute('x2', x);
      slider.setAttribute('aria-valuetext', 'event ' + seqs[step]);
      const entries = [['moment', ['event ' + seqs[step]]]];
      for (const [name, selector] of lists) {
        const says = [...svg.querySelectorAll(selector)].filter((item) => holds(item, step))
          .map((item) => item.querySelector('title').textContent);
        if (says.length > 0) entries.push([name, [...new Set(says)]]);
      }
      state.replaceChildren(...entries.flatMap(([name, says]) => {
        const term = document.createElement('dt');
        term.textContent = name;
        return [term, ...says.map((words) => {
          const item = document.createElement('dd');
          item.textContent = words;
          return item;
        })];
      }));
    };
    slider.addEventListener('input', show);
    svg.addEventListener('click', (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      slider.value = Math.floor((at.x - left) / width);
      show();
    });
    const proof = svg.querySelector('line.proof');
    slider.value = proof ? Math.floor((Number(proof.getAttribute('x1')) - left) / width) : seqs.length - 1;
    figure.querySelector('figcaption').before(slider, state);
    show();
  };
  const prepared = new WeakSet();
  const whenSeen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || prepared.has(target)) continue;
      prepared.add(target);
      prepare(target);
    }
  }, { rootMargin: '600px' });
  for (const figure of document.querySelectorAll('figure.timeline')) whenSeen.observe(figure);
})();
`;
