/**
 * Opens and shows whatever a link within the page leads to, though it lies in something closed or filtered out, or is an event of a
 * variant that was not drawn yet.
 */
export const REVEAL_SCRIPT = `(() => {
  const show = (target) => {
    for (let item = target; item; item = item.parentElement) {
      item.hidden = false;
      if (item.tagName === 'DETAILS') item.open = true;
    }
    target.scrollIntoView();
  };
  const reveal = async () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const variant = document.getElementById(id.replace(/\\.event-\\d+$/, ''));
    if (!variant) return;
    show(variant);
    const place = variant.matches('details.case') ? variant.querySelector('.course') : null;
    if (place) await courses.draw(place);
    const target = document.getElementById(id);
    if (target) show(target);
  };
  addEventListener('hashchange', reveal);
  if (location.hash) reveal();
  for (const summary of document.querySelectorAll('details.case > summary')) {
    summary.addEventListener('click', () => {
      if (!summary.parentElement.open) history.replaceState(null, '', '#' + summary.parentElement.id);
    });
  }
})();
`;
