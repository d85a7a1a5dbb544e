// What rings: phones to which the bot has written without being asked. Below the bar stands whose they are, since not
// every phone is in sight.

import { avatar, h, icon } from './dom.js';

const ringTime = 1_600;

export class Rings {
  constructor(page) {
    this.page = page;
    this.rung = new Map(); // phone -> messages not seen
    this.el = document.getElementById('rung');
  }

  /** ring shakes a phone and counts the message until somebody touches that phone. */
  ring(phone) {
    this.rung.set(phone, (this.rung.get(phone) ?? 0) + 1);
    phone.el.classList.remove('ringing');
    requestAnimationFrame(() => phone.el.classList.add('ringing'));
    setTimeout(() => phone.el.classList.remove('ringing'), ringTime);
    this.draw();
  }

  seen(phone) {
    if (this.rung.delete(phone)) this.draw();
  }

  draw() {
    const { page } = this;
    for (const phone of page.phones()) phone.el.classList.toggle('has-news', this.rung.has(phone));
    this.el.hidden = this.rung.size === 0;
    this.el.setAttribute('aria-label', page.t.rung);
    this.el.lang = page.language;
    this.el.replaceChildren(icon('bell'), ...page.phones().filter((phone) => this.rung.has(phone)).map((phone) => h('button', {
      type: 'button', class: 'rung-phone', on: { click: () => this.visit(phone) },
    }, avatar(phone.info.avatar, phone.info.color), h('bdi', {}, phone.info.name), h('span', { class: 'badge' }, String(this.rung.get(phone))))));
  }

  visit(phone) {
    this.page.tabs.show(phone);
    this.seen(phone);
    phone.chat.scroller.focus({ preventScroll: true });
    phone.chat.toEnd();
  }
}
