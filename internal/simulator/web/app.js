// The demo page: phones side by side, one clock, one live connection.

import { api } from './api.js';
import { avatar, h, icon } from './dom.js';
import { listen } from './events.js';
import { calendar } from './i18n.js';
import { Phone } from './phone.js';
import { startTheme } from './look.js';
import { Tabs } from './tabs.js';

const connectionText = { live: 'Live', connecting: 'Connecting…' };

class Page {
  constructor(settings) {
    this.bot = settings.bot;
    this.zone = settings.zone;
    this.clockFormat = calendar('en', settings.zone).clock;
    document.title = settings.title;
    document.getElementById('title').textContent = settings.title;
    this.byID = new Map(settings.phones.map((info) => [String(info.id), new Phone(info, this)]));
    document.getElementById('phones').replaceChildren(...this.phones().map((phone) => phone.el));
    this.tabs = new Tabs(this.phones());
  }

  phones() { return [...this.byID.values()]; }

  now() { return this.moment ?? new Date(); }

  unread(phone) { this.tabs.unread(phone); }

  /** openOn opens a link to the bot on a phone and brings that phone into view. */
  openOn(phone, payload) {
    this.tabs.show(phone);
    phone.open(payload);
    phone.composer.focus();
  }

  onEvent(event) {
    switch (event.type) {
      // Said at the start, and when the simulator cannot tell what was missed: look at everything anew.
      case 'hello':
        this.setClock(event.now);
        for (const phone of this.phones()) phone.attempt(phone.load());
        break;
      case 'clock': this.setClock(event.now); break;
      default: this.byID.get(String(event.phone))?.apply(event);
    }
  }

  setClock(now) {
    this.moment = new Date(now);
    const el = document.getElementById('clock');
    el.dateTime = now;
    el.textContent = this.clockFormat.format(this.moment);
  }

  start() {
    for (const button of document.querySelectorAll('[data-advance]')) {
      button.addEventListener('click', async () => this.setClock((await api.advance(Number(button.dataset.advance))).now));
    }
    const connection = document.getElementById('connection');
    // "?still" draws the page once, for screenshots: a browser that waits for the network to rest would wait for ever.
    if (new URLSearchParams(location.search).has('still')) {
      connection.hidden = true;
      api.clock().then(({ now }) => this.onEvent({ type: 'hello', now }));
      return;
    }
    listen((event) => this.onEvent(event), (state) => {
      connection.dataset.state = state;
      connection.firstElementChild.textContent = connectionText[state];
    });
  }
}

async function start() {
  startTheme(document.getElementById('theme'), icon);
  for (;;) {
    try {
      new Page(await api.page()).start();
      return;
    } catch (error) {
      document.getElementById('phones').replaceChildren(h('p', { class: 'notice', role: 'alert' }, avatar('!', 0), `The simulator does not answer (${error.message}). Trying again…`));
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }
}

start();
