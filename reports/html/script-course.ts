/** Draws what happened in a variant when it is opened, from the log that the page carries. */
export const COURSE_SCRIPT = `const courses = (() => {
  const packed = [...document.querySelectorAll('script.data')];
  const logs = [];
  const unpacked = async (data) => {
    const bytes = Uint8Array.from(atob(data.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return drawing.logOf(await new Response(stream).text());
  };
  const logAt = (index) => (logs[index] ??= unpacked(packed[index]));
  const drawn = new WeakMap();
  const drawInto = async (place) => {
    const [run, variant] = place.dataset.place.split(' ').map(Number);
    const log = await logAt(run);
    place.innerHTML = log.course(variant, place.closest('details.case').id);
    place.dispatchEvent(new CustomEvent('drawn', { bubbles: true }));
  };
  const draw = (place) => {
    if (!drawn.has(place)) {
      drawn.set(place, drawInto(place).catch((error) => {
        place.append(Object.assign(document.createElement('p'), { className: 'note', textContent: 'This browser cannot draw what happened: ' + error.message }));
      }));
    }
    return drawn.get(place);
  };
  document.addEventListener('toggle', ({ target }) => {
    if (!target.open || !target.matches?.('details.case')) return;
    const place = target.querySelector('.course');
    if (place) draw(place);
  }, true);
  // Those that stand open when the page is read tell of themselves before this script runs.
  for (const place of document.querySelectorAll('details.case[open] .course')) draw(place);
  return { draw, logAt, count: packed.length };
})();
`;
