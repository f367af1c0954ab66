import { verbatim } from './template.ts';

/**
 * What makes a long page handier, and nothing that its reading needs: without scripts there is no field that does
 * nothing. It changes only what is shown, and takes no text for markup.
 */
export const SCRIPT = verbatim`
(() => {
  const folded = () => document.querySelectorAll('details');
  const unfoldTo = (target) => {
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    if (target) target.scrollIntoView();
  };
  const follow = () => unfoldTo(document.getElementById(location.hash.slice(1)));
  addEventListener('hashchange', follow);
  if (location.hash) follow();
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = [...folded()].filter((one) => !one.open);
    for (const one of closed) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of closed) one.open = false;
  });
  const cards = [...document.querySelectorAll('article.finding')];
  const place = document.getElementById('findings-title');
  if (cards.length < 2 || !place) return;
  const tools = document.createElement('div');
  tools.className = 'tools';
  const label = document.createElement('label');
  label.textContent = 'Show only findings with ';
  const field = document.createElement('input');
  field.type = 'search';
  field.placeholder = 'a host, a port, a file …';
  label.append(field);
  const told = document.createElement('output');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Unfold everything';
  tools.append(label, told, button);
  place.after(tools);
  let texts;
  field.addEventListener('input', () => {
    texts ??= cards.map((card) => card.textContent.toLowerCase());
    const wanted = field.value.trim().toLowerCase();
    let shown = 0;
    cards.forEach((card, i) => {
      card.hidden = wanted !== '' && !texts[i].includes(wanted);
      if (!card.hidden) shown++;
    });
    told.textContent = wanted === '' ? '' : shown + ' of ' + cards.length + ' are shown';
  });
  button.addEventListener('click', () => {
    for (const one of folded()) one.open = true;
  });
})();
`;
