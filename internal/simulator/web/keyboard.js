// The two keyboards a bot can show: buttons under a message, and keys in place of the keyboard.

import { h, icon } from './dom.js';

const patience = 30_000; // Telegram's apps stop waiting for the answer to a tap about here

/** inlineKeyboard draws the buttons under a message; one tab stop, arrow keys move inside. */
export function inlineKeyboard(message, phone) {
  const el = h('div', { class: 'inline-keyboard', role: 'group', 'aria-label': phone.t.buttons });
  for (const row of message.inline_keyboard) {
    el.append(h('div', { class: 'inline-row' }, row.map((button) => inlineButton(button, message, phone))));
  }
  rove(el, '.inline-row');
  return el;
}

function inlineButton(button, message, phone) {
  const kind = button.url ? 'link' : button.copy ? 'copy' : '';
  const note = { link: phone.t.opensLink, copy: phone.t.copiesText }[kind];
  const el = h('button', { type: 'button', class: `inline-button ${button.style ?? ''}` },
    h('span', { class: 'label', dir: 'auto' }, button.text), kind ? icon(kind, 'corner') : null, note ? h('span', { class: 'sr-only' }, ` (${note})`) : null);
  markBusy(el, button.pending);
  el.addEventListener('click', () => {
    if (button.url) phone.followLink(button.url, el);
    else if (button.copy) phone.copy(button.copy);
    else if (el.getAttribute('aria-busy') !== 'true') phone.tap(message.id, button.data, el);
  });
  return el;
}

/** markBusy shows or ends a button's progress. */
export function markBusy(el, busy) {
  el.toggleAttribute('aria-busy', false);
  if (!busy) return;
  el.setAttribute('aria-busy', 'true');
  setTimeout(() => el.removeAttribute('aria-busy'), patience);
}

/** markPending takes over which buttons wait for their answer, if that is all that changed. */
export function markPending(el, rows) {
  const buttons = el.querySelectorAll('.inline-button');
  rows.flat().forEach((button, i) => markBusy(buttons[i], button.pending));
}

/** replyKeyboard draws the bot's keys below the text box. */
export function replyKeyboard(keyboard, phone) {
  const el = h('div', { class: 'reply-keyboard', role: 'group', 'aria-label': phone.t.keyboard });
  for (const row of keyboard.rows) {
    el.append(h('div', { class: 'reply-row' }, row.map((key) =>
      h('button', { type: 'button', class: 'reply-key', on: { click: () => phone.pressKey(key) } },
        key.request_contact && !/\p{Extended_Pictographic}/u.test(key.text) ? icon('phone') : null, h('span', { dir: 'auto' }, key.text)))));
  }
  rove(el, '.reply-row');
  return el;
}

/**
 * rove makes a grid of buttons one tab stop: left and right move in a row, up and down between rows,
 * Home and End to the ends.
 */
function rove(el, rowSelector) {
  const buttons = () => [...el.querySelectorAll('button')];
  const focusOn = (button) => {
    for (const other of buttons()) other.tabIndex = other === button ? 0 : -1;
    button.focus();
  };
  buttons().forEach((button, i) => { button.tabIndex = i === 0 ? 0 : -1; });
  el.addEventListener('focusin', (event) => {
    for (const button of buttons()) button.tabIndex = button === event.target ? 0 : -1;
  });
  el.addEventListener('keydown', (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    if (at < 0) return;
    const rows = [...el.querySelectorAll(rowSelector)].map((row) => [...row.querySelectorAll('button')]);
    const row = rows.findIndex((cells) => cells.includes(all[at]));
    const column = rows[row].indexOf(all[at]);
    const inRow = (index) => rows[index]?.[Math.min(column, rows[index].length - 1)];
    const moves = {
      ArrowRight: all[at + 1], ArrowLeft: all[at - 1], ArrowDown: inRow(row + 1), ArrowUp: inRow(row - 1), Home: all[0], End: all.at(-1),
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    if (moves[event.key]) focusOn(moves[event.key]);
  });
}
