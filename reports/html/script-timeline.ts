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
    ['now', '.access, .cross, .tick'],
  ];
  const titleOf = (item) => item.querySelector('title').textContent;
  const queueOf = (item) => titleOf(item).split(':')[0];
  const spanOf = (item) => item.dataset.span.split(' ').map(Number);
  const holds = (item, step) => {
    if (item.dataset.at !== undefined) return Number(item.dataset.at) === step;
    const [from, until] = spanOf(item);
    return from <= step && step < until;
  };
  // What the device had taken of a queue since it was enabled, and what of it it had given back.
  const counts = (svg, enabled, step) => {
    const taken = [...svg.querySelectorAll('.flight')].filter((item) => queueOf(item) === queueOf(enabled)).map(spanOf)
      .filter(([from]) => from >= spanOf(enabled)[0] && from <= step);
    const back = taken.filter(([, until]) => until <= step);
    return taken.length === 0 ? '' : ', ' + taken.length + ' fetched, ' + back.length + ' used';
  };
  const stateAt = (svg, step) => lists.flatMap(([name, selector]) => {
    const says = [...svg.querySelectorAll(selector)].filter((item) => holds(item, step))
      .map((item) => titleOf(item) + (name === 'queues' ? counts(svg, item, step) : ''));
    return says.length > 0 ? [[name, [...new Set(says)]]] : [];
  });
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const sliderFor = (svg, { count, left, width }) => {
    const slider = document.createElement('input');
    Object.assign(slider, { type: 'range', min: 0, max: count - 1, step: 1 });
    slider.setAttribute('aria-label', 'Moment');
    // The knob, 16 pixels wide, stands below the cursor.
    const percent = 100 / svg.viewBox.baseVal.width;
    slider.style.marginLeft = 'calc(' + (left + width / 2) * percent + '% - 8px)';
    slider.style.width = 'calc(' + (count - 1) * width * percent + '% + 16px)';
    return slider;
  };
  const cursorOn = (svg) => {
    const cursor = document.createElementNS(svg.namespaceURI, 'line');
    cursor.setAttribute('class', 'cursor');
    cursor.setAttribute('y1', 0);
    cursor.setAttribute('y2', svg.viewBox.baseVal.height);
    svg.append(cursor);
    return (x) => {
      cursor.setAttribute('x1', x);
      cursor.setAttribute('x2', x);
    };
  };
  const prepare = (figure) => {
    const svg = figure.querySelector('svg');
    const seqs = svg.dataset.seqs.split(' ');
    const [left, width] = [Number(svg.dataset.left), Number(svg.dataset.step)];
    const slider = sliderFor(svg, { count: seqs.length, left, width });
    const moveCursor = cursorOn(svg);
    // On a narrow screen the picture is wider than its place.
    const frame = svg.parentElement;
    const keepInView = (x) => { frame.scrollLeft = (x / svg.viewBox.baseVal.width) * frame.scrollWidth - frame.clientWidth / 2; };
    const state = element('dl', '');
    state.className = 'state';
    const show = () => {
      const step = Number(slider.value);
      moveCursor(left + (step + 0.5) * width);
      keepInView(left + (step + 0.5) * width);
      slider.setAttribute('aria-valuetext', 'event ' + seqs[step]);
      const entries = [['moment', ['event ' + seqs[step]]], ...stateAt(svg, step)];
      state.replaceChildren(...entries.flatMap(([name, says]) => [element('dt', name), ...says.map((it) => element('dd', it))]));
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
  const observe = (root) => { for (const figure of root.querySelectorAll('figure.timeline')) whenSeen.observe(figure); };
  document.addEventListener('drawn', ({ target }) => observe(target));
  observe(document);
})();
`;
