/** Opens and shows whatever a link within the page leads to, though it lies in something closed or filtered out. */
export const REVEAL_SCRIPT = `(() => {
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
  for (const summary of document.querySelectorAll('details.case > summary')) {
    summary.addEventListener('click', () => {
      if (!summary.parentElement.open) history.replaceState(null, '', '#' + summary.parentElement.id);
    });
  }
})();
`;
