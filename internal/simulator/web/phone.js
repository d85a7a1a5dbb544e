// One phone: its person's chat with the bot, as Telegram shows it.

import { api } from './api.js';
import { avatar, h, iconButton } from './dom.js';
import { calendar, words } from './i18n.js';
import { Chat } from './chat.js';
import { Composer } from './composer.js';
import { Overlay } from './overlay.js';
import { botLink } from './links.js';
import { markBusy } from './keyboard.js';

const actionTime = 5_000; // a chat action lives five seconds
const retryDelay = 3_000;
const askedFor = 5_000; // what the bot says so soon after the person did something answers it

export class Phone {
  /** page: {bot, zone, now(), phones(), openOn(phoneID, payload), unread(phone)} */
  constructor(info, page) {
    this.info = info;
    this.page = page;
    this.t = words(info.language);
    this.calendar = calendar(info.language, page.zone);
    this.botName = page.bot.name;
    this.state = { blocked: false, started: true, commands: [], menu: '', replyKeyboard: null };
    this.actedAt = -Infinity; // when the person did something last
    this.overlay = new Overlay(this);
    this.chat = new Chat(this);
    this.composer = new Composer(this);
    this.el = this.build();
  }

  build() {
    const { info, t } = this;
    this.status = h('span', { class: 'status' }, t.bot);
    this.more = iconButton('dots', t.more, () => this.overlay.menu(this.more, [
      this.state.blocked
        ? { label: t.unblock, icon: 'check', run: () => this.block(false) }
        : { label: t.block, icon: 'block', danger: true, run: () => this.block(true) },
    ]));
    this.more.setAttribute('aria-haspopup', 'menu');
    const head = h('div', { class: 'head' },
      avatar(this.page.bot.initials, 5),
      h('div', { class: 'head-about' }, h('bdi', { class: 'head-name' }, this.botName), this.status), this.more);
    this.screen = h('div', { class: 'screen' }, head, this.chat.el, this.composer.el);
    const caption = h('div', { class: 'caption' },
      avatar(info.avatar, info.color),
      h('div', { class: 'caption-about' }, h('h2', { class: 'caption-title', id: `title-${info.id}` }, h('bdi', {}, info.title || info.name)),
        h('p', { class: 'caption-note' }, h('bdi', {}, info.name), info.subtitle ? [' · ', h('bdi', {}, info.subtitle)] : null)));
    const seen = () => this.page.rings.seen(this);
    return h('section', { class: 'phone', id: `phone-${info.id}`, on: { pointerdown: seen, keydown: seen }, 'aria-labelledby': `title-${info.id}`, dataset: { phone: info.id } },
      caption, h('div', { class: 'device', lang: info.language, dir: info.dir }, this.screen, this.overlay.el));
  }

  // What the simulator says.

  /** load fetches what the person's screen shows now. Loads that overlap become one more load at the end. */
  async load() {
    if (this.loading) {
      this.again = true;
      return this.loading;
    }
    this.loading = this.fetch().finally(() => { this.loading = null; });
    await this.loading;
    if (!this.again) return undefined;
    this.again = false;
    return this.load();
  }

  async fetch() {
    this.held = [];
    const chat = await api.chat(this.info.id).catch((error) => error);
    const held = this.held;
    this.held = null;
    if (chat instanceof Error) {
      setTimeout(() => this.attempt(this.load()), retryDelay);
      throw chat;
    }
    this.description = chat.description;
    this.chat.replace(chat.messages);
    this.setState({
      blocked: chat.blocked, started: chat.started, commands: chat.commands, menu: chat.menu, replyKeyboard: chat.reply_keyboard,
    });
    this.showAction(chat.action);
    for (const event of held) this.apply(event);
  }

  setState(change) {
    Object.assign(this.state, change);
    this.composer.update(this.state);
    this.el.classList.toggle('blocked', this.state.blocked);
  }

  /** apply shows one event; while the chat is being fetched, events wait for it. */
  apply(event) {
    if (this.held) {
      this.held.push(event);
      return;
    }
    switch (event.type) {
      case 'message':
      case 'edit':
        this.showMessage(event);
        break;
      case 'delete': this.chat.remove(event.message_id); break;
      case 'toast': this.showAnswer(event); break;
      case 'chat_action': this.showAction(event.action); break;
      case 'keyboard': this.setState({ replyKeyboard: event.reply_keyboard ?? null }); break;
      case 'commands': this.setState({ commands: event.commands ?? [], menu: event.menu ?? this.state.menu }); break;
      case 'blocked': this.setState({ blocked: Boolean(event.blocked) }); break;
      default: this.attempt(this.load());
    }
  }

  showMessage(event) {
    this.chat.show(event.message);
    if (!this.state.started) this.setState({ started: true }); // a chat begins with the person's first message
    if (event.message.from === 'bot' && event.type === 'message') {
      this.showAction('');
      this.page.unread(this);
      // What comes without having been asked for rings.
      if (performance.now() - this.actedAt > askedFor) this.page.rings.ring(this);
    }
  }

  /** showAnswer shows what the bot answered to a tap, if anything. */
  showAnswer({ text, alert, url }) {
    if (url) this.followLink(url, this.more);
    if (text) {
      if (alert) this.overlay.alert(text);
      else this.overlay.toast(text);
    }
  }

  showAction(action) {
    clearTimeout(this.actionTimer);
    const text = { typing: this.t.typing, upload_photo: this.t.sendingPhoto, upload_document: this.t.sendingFile }[action];
    this.status.textContent = text ?? this.t.bot;
    this.status.classList.toggle('busy', Boolean(text));
    if (text) this.actionTimer = setTimeout(() => this.showAction(''), actionTime);
  }

  /** welcome stands where messages will be. */
  welcome() {
    const { t, page } = this;
    return h('div', { class: 'welcome' },
      avatar(page.bot.initials, 5, 'avatar large'),
      h('h3', { dir: 'auto' }, this.description ? t.whatCan : t.noMessages),
      h('p', { dir: 'auto' }, this.description || t.sayHello));
  }

  // What the person does.

  /** act is attempt for what the person does: what the bot says next was asked for. */
  act(work) {
    this.actedAt = performance.now();
    this.page.rings.seen(this);
    return this.attempt(work);
  }

  /** attempt shows the reason if something could not be done. */
  async attempt(work) {
    try {
      return await work;
    } catch (error) {
      this.overlay.toast(error.message || this.t.failed);
      return null;
    }
  }

  send(text) { return this.act(api.send(this.info.id, text)); }

  edit(messageID, text) { return this.act(api.edit(this.info.id, messageID, text)); }

  remove(messageID) { return this.act(api.remove(this.info.id, messageID)); }

  block(blocked) { return this.act(api.block(this.info.id, blocked)); }

  open(payload) { return this.act(api.open(this.info.id, payload)); }

  async tap(messageID, data, button) {
    this.actedAt = performance.now();
    markBusy(button, true);
    try {
      await api.tap(this.info.id, messageID, data);
    } catch (error) {
      markBusy(button, false);
      this.overlay.toast(error.message || this.t.failed);
    }
  }

  pressKey(key) {
    const press = () => this.act(api.press(this.info.id, key.text));
    if (key.request_contact) this.shareOwnContact(press);
    else press();
  }

  shareOwnContact(share = () => this.act(api.ownContact(this.info.id))) {
    const { t } = this;
    this.overlay.sheet({
      role: 'alertdialog', title: t.shareTitle, body: [h('p', {}, t.shareText)],
      actions: [{ label: t.cancel }, { label: t.share, main: true, run: () => { share(); } }],
    });
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.overlay.toast(this.t.copied);
    } catch {
      this.overlay.toast(text);
    }
  }

  // Links.

  followLink(href, from) {
    if (!this.followBotLink(href, from) && /^(https?|tg|mailto|tel):/i.test(href)) window.open(href, '_blank', 'noopener,noreferrer');
  }

  /** followBotLink asks which phone opens a link to the bot, so that an invitation can be played. */
  followBotLink(href) {
    const link = botLink(href, this.page.bot.username);
    if (!link) return false;
    const { t } = this;
    const phones = [this, ...this.page.phones().filter((phone) => phone !== this)];
    this.overlay.choose({
      title: t.openOn,
      text: t.openOnText,
      choices: phones.map((phone) => ({
        mark: avatar(phone.info.avatar, phone.info.color),
        label: phone.info.name,
        note: phone === this ? t.thisPhone : [phone.info.title, phone.info.subtitle].filter(Boolean).join(' · '),
        run: () => this.page.openOn(phone, link.payload),
      })),
      extra: [{ label: t.copyLink, run: () => this.copy(link.url) }],
    });
    return true;
  }
}
