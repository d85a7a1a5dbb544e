// What lies over a phone's screen: menus, sheets, alerts and toasts. While a sheet or an alert is open the
// screen beneath is inert; the focus goes in and comes back.

import { h, icon } from './dom.js';

const toastTime = 3_500;

export class Overlay {
  constructor(phone) {
    this.phone = phone;
    this.toasts = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
    this.el = h('div', { class: 'overlay' }, this.toasts);
    this.close = () => {};
  }

  toast(text) {
    if (!text) return;
    const el = h('div', { class: 'toast', dir: 'auto' }, text);
    this.toasts.append(el);
    setTimeout(() => el.remove(), toastTime);
  }

  alert(text) {
    this.sheet({ role: 'alertdialog', title: this.phone.botName, body: [h('p', { dir: 'auto', class: 'alert-text' }, text)], actions: [{ label: this.phone.t.ok, main: true }] });
  }

  /**
   * sheet shows a dialog in the phone. body: nodes; actions: [{label, main, run}]. A run that returns
   * false keeps the dialog open. If body holds fields, Enter means the main action.
   */
  sheet({ role = 'dialog', title, body, actions, className = '' }) {
    this.close();
    const id = `sheet-${crypto.randomUUID()}`;
    const form = h('form', { class: `sheet ${className}`, role, 'aria-modal': 'true', 'aria-labelledby': id, novalidate: true },
      h('h2', { id, dir: 'auto' }, title), body);
    const finish = async (action) => {
      if ((await action?.run?.()) !== false) this.close();
    };
    const buttons = actions.map((action) =>
      h('button', { type: action.main ? 'submit' : 'button', class: action.main ? 'sheet-button main' : 'sheet-button', on: action.main ? {} : { click: () => finish(action) } }, action.label));
    form.append(h('div', { class: 'sheet-actions' }, buttons));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      finish(actions.find((action) => action.main));
    });
    this.open(form);
    (form.querySelector('input, .choice') ?? buttons.at(-1)).focus();
  }

  open(content) {
    const back = document.activeElement;
    const shade = h('div', { class: 'shade' }, content);
    const screen = this.phone.screen;
    const onKey = (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    };
    shade.addEventListener('keydown', onKey);
    shade.addEventListener('pointerdown', (event) => event.target === shade && this.close());
    screen.inert = true;
    this.el.prepend(shade);
    this.close = () => {
      this.close = () => {};
      screen.inert = false;
      shade.remove();
      if (back?.isConnected) back.focus({ preventScroll: true });
      else this.phone.composer.focus();
    };
  }

  /** menu opens beside an element or at a point: items [{label, icon, run, danger}]. */
  menu(at, items) {
    this.close();
    const opener = at instanceof Element ? at : null;
    const list = h('div', { class: 'menu', role: 'menu' }, items.map((item) =>
      h('button', { type: 'button', role: 'menuitem', tabindex: '-1', class: item.danger ? 'menu-item danger' : 'menu-item', on: { click: () => { this.close(); item.run(); } } },
        icon(item.icon), h('span', {}, item.label))));
    list.addEventListener('keydown', (event) => moveInMenu(event, list));
    this.open(list);
    list.parentElement.classList.add('clear');
    place(list, opener ? opener.getBoundingClientRect() : new DOMRect(at.x, at.y, 0, 0), this.el.getBoundingClientRect());
    list.firstElementChild.focus({ preventScroll: true });
    if (opener) {
      opener.setAttribute('aria-expanded', 'true');
      const close = this.close;
      this.close = () => { opener.setAttribute('aria-expanded', 'false'); close(); };
    }
  }

  /** choose lets one of several things be picked: choices [{label, note, mark, run}]. */
  choose({ title, text, choices, extra = [] }) {
    const list = h('div', { class: 'choices' }, choices.map((choice) =>
      h('button', { type: 'button', class: 'choice', on: { click: () => { this.close(); choice.run(); } } },
        choice.mark, h('span', { class: 'choice-about' }, h('bdi', { class: 'choice-label' }, choice.label), choice.note ? h('bdi', { class: 'choice-note' }, choice.note) : null))));
    list.addEventListener('keydown', (event) => moveInMenu(event, list));
    this.sheet({ title, body: [text ? h('p', {}, text) : null, list].filter(Boolean), actions: [...extra, { label: this.phone.t.cancel }] });
  }
}

function moveInMenu(event, list) {
  const items = [...list.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === 'Tab' && list.getAttribute('role') === 'menu') event.preventDefault();
  if (to === undefined) return;
  event.preventDefault();
  items[to].focus();
}

/** place keeps a menu inside its phone: below its opener if there is room, else above. */
function place(list, anchor, frame) {
  const size = list.getBoundingClientRect();
  const clamp = (value, max) => Math.max(8, Math.min(value, max - 8));
  const below = anchor.bottom - frame.top + 6;
  const fits = below + size.height < frame.height - 8;
  const top = fits ? below : anchor.top - frame.top - size.height - 6;
  const startAligned = anchor.left - frame.left + size.width < frame.width - 8;
  const left = startAligned ? anchor.left - frame.left : anchor.right - frame.left - size.width;
  list.style.setProperty('--top', `${clamp(top, frame.height - size.height)}px`);
  list.style.setProperty('--left', `${clamp(left, frame.width - size.width)}px`);
}
