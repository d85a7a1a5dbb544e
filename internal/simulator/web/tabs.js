// On a small screen one phone is seen at a time: tabs at the bottom, or a swipe, go to the others.

import { avatar, h } from './dom.js';

const small = matchMedia('(max-width: 760px)');

export class Tabs {
  constructor(phones) {
    this.phones = phones;
    this.tabs = new Map(phones.map((phone, i) => [phone, this.build(phone, i)]));
    this.strip = document.getElementById('phones');
    const list = document.getElementById('tabs');
    list.replaceChildren(...[...this.tabs.values()].map(({ el }) => el));
    list.addEventListener('keydown', (event) => this.onKey(event));
    this.current = phones.find(({ el }) => `#${el.id}` === location.hash) ?? phones[0];
    const seen = new IntersectionObserver((entries) => this.onSeen(entries), { root: this.strip, threshold: 0.6 });
    for (const phone of phones) seen.observe(phone.el);
    small.addEventListener('change', () => this.mark());
    this.show(this.current);
  }

  build(phone) {
    const count = h('span', { class: 'badge', hidden: true });
    const el = h('button', { type: 'button', class: 'tab', role: 'tab', 'aria-controls': phone.el.id, on: { click: () => this.show(phone) } },
      h('span', { class: 'tab-mark' }, avatar(phone.info.avatar, phone.info.color), count), h('span', { class: 'tab-name', dir: 'auto' }, phone.info.title || phone.info.name));
    return { el, count, unread: 0 };
  }

  /** show brings a phone into view. */
  show(phone) {
    this.select(phone);
    phone.el.scrollIntoView({ block: 'nearest', inline: small.matches ? 'start' : 'nearest', behavior: 'instant' });
  }

  unread(phone) {
    if (!small.matches || phone === this.current) return;
    const tab = this.tabs.get(phone);
    tab.unread += 1;
    this.mark();
  }

  select(phone) {
    this.current = phone;
    this.tabs.get(phone).unread = 0;
    this.mark();
  }

  onSeen(entries) {
    if (!small.matches) return;
    for (const entry of entries) {
      const phone = this.phones.find(({ el }) => el === entry.target);
      if (entry.isIntersecting && phone !== this.current) this.select(phone);
    }
  }

  mark() {
    for (const [phone, { el, count, unread }] of this.tabs) {
      const selected = phone === this.current;
      el.setAttribute('aria-selected', String(selected));
      el.tabIndex = selected ? 0 : -1;
      count.hidden = unread === 0;
      count.textContent = String(unread);
      // What is swiped away must not be reached by the Tab key.
      phone.el.inert = small.matches && !selected;
    }
  }

  onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = this.phones.indexOf(this.current);
    const next = this.phones[(at + step + this.phones.length) % this.phones.length];
    this.show(next);
    this.tabs.get(next).el.focus();
  }
}
