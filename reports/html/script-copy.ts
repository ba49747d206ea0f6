/** Puts a button beside each command that copies it. */
export const COPY_SCRIPT = `(() => {
  const copied = (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    return Promise.resolve();
  };
  for (const command of document.querySelectorAll('pre.command')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'copy';
    button.addEventListener('click', () => {
      copied(command.querySelector('code').textContent).then(() => {
        button.textContent = 'copied';
        setTimeout(() => { button.textContent = 'copy'; }, 1500);
      });
    });
    command.append(button);
  }
})();
`;
