// The demo page: phones side by side, one clock, one live connection.

import { api } from './api.js';
import { avatar, h, icon } from './dom.js';
import { listen } from './events.js';
import { calendar, words } from './i18n.js';
import { Phone } from './phone.js';
import { barLanguage, rememberLanguage, startTheme } from './look.js';
import { Rings } from './rings.js';
import { Tabs } from './tabs.js';

class Page {
  constructor(settings) {
    this.bot = settings.bot;
    this.zone = settings.zone;
    this.next = settings.next;
    document.title = settings.title;
    document.getElementById('title').textContent = settings.title;
    this.byID = new Map(settings.phones.map((info) => [String(info.id), new Phone(info, this)]));
    document.getElementById('phones').replaceChildren(...this.phones().map((phone) => phone.el));
    this.tabs = new Tabs(this.phones());
    this.rings = new Rings(this);
    this.showTheme = startTheme(document.getElementById('theme'), icon, () => this.t);
    this.connectionState = 'connecting';
    this.speak(barLanguage());
  }

  phones() { return [...this.byID.values()]; }

  now() { return this.moment ?? new Date(); }

  unread(phone) { this.tabs.unread(phone); }

  /** speak puts the bar into a language; each phone has its own. */
  speak(language) {
    this.language = language;
    this.t = words(language);
    const { t } = this;
    const bar = document.querySelector('.bar');
    bar.lang = language;
    bar.dir = language === 'ar' ? 'rtl' : 'ltr';
    document.getElementById('clock-group').setAttribute('aria-label', t.clock);
    label('hour', t.hour, t.hourOn);
    label('day', t.day, t.dayOn);
    label('language', t.otherLanguage);
    document.getElementById('language').lang = language === 'ar' ? 'en' : 'ar';
    if (this.next) label('next', this.next.label[language]);
    this.clockFormat = calendar(language, this.zone).clock;
    if (this.moment) this.setClock(this.moment);
    this.notice('');
    this.showTheme();
    this.showConnection(this.connectionState);
    this.rings.draw();
  }

  notice(text) { document.getElementById('notice').textContent = text; }

  showConnection(state) {
    this.connectionState = state;
    const connection = document.getElementById('connection');
    connection.dataset.state = state;
    connection.firstElementChild.textContent = state === 'live' ? this.t.live : this.t.connecting;
  }

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
    el.dateTime = this.moment.toISOString();
    el.textContent = this.clockFormat.format(this.moment);
  }

  /** move moves the clock, and says what was in the way. */
  async move(how) {
    try {
      this.setClock((await how()).now);
      this.notice('');
    } catch (error) {
      this.notice(error.status === 404 && this.next ? this.next.none[this.language] : this.t.failed);
    }
  }

  start() {
    const onClick = (id, run) => document.getElementById(id).addEventListener('click', run);
    onClick('hour', () => this.move(() => api.advance(3_600)));
    onClick('day', () => this.move(() => api.advance(86_400)));
    onClick('next', () => this.move(api.next));
    document.getElementById('next').hidden = !this.next;
    onClick('language', () => {
      this.speak(this.language === 'ar' ? 'en' : 'ar');
      rememberLanguage(this.language);
    });
    // "?still" draws the page once, for screenshots: a browser that waits for the network to rest would wait for ever.
    if (new URLSearchParams(location.search).has('still')) {
      document.getElementById('connection').hidden = true;
      api.clock().then(({ now }) => this.onEvent({ type: 'hello', now }));
      return;
    }
    listen((event) => this.onEvent(event), (state) => this.showConnection(state));
  }
}

/** label writes on a button of the bar; where there is no room for all of it, the long words are for who hears them. */
function label(id, text, long = text) {
  const button = document.getElementById(id);
  button.textContent = text;
  button.setAttribute('aria-label', long);
}

async function start() {
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
