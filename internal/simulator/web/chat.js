// The conversation of one phone: messages in their order, changed in place, with days between them.

import { h, icon } from './dom.js';
import { markPending } from './keyboard.js';
import { bubble } from './message.js';

const nearEnd = 90; // px from the end within which the list follows new messages
const groupSpan = 10 * 60 * 1000; // messages of one side this close together make a group

export class Chat {
  constructor(phone) {
    this.phone = phone;
    this.messages = new Map(); // id -> {message, el}
    this.unseen = 0;
    this.list = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions text', 'aria-label': `${phone.t.chat}: ${phone.botName}` });
    this.scroller = h('div', { class: 'scroller', tabindex: '0', role: 'group', 'aria-label': `${phone.t.chat}: ${phone.info.name}`, on: { scroll: () => this.onScroll() } }, this.list);
    this.downCount = h('span', { class: 'badge', hidden: true });
    this.down = h('button', { type: 'button', class: 'to-end', 'aria-label': phone.t.newMessages, hidden: true, on: { click: () => this.toEnd(true) } }, icon('down'), this.downCount);
    this.empty = h('div', { class: 'empty' });
    this.el = h('div', { class: 'wall' }, this.scroller, this.empty, this.down);
    // Pictures, a keyboard opening below or a resized window must not hide the newest message.
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.scroller);
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.list);
    this.following = true;
  }

  find(id) { return this.messages.get(id)?.message; }

  get size() { return this.messages.size; }

  /** replace shows a fresh copy of the whole conversation, touching only what differs. */
  replace(messages) {
    const keep = new Set(messages.map((message) => message.id));
    for (const id of [...this.messages.keys()]) if (!keep.has(id)) this.drop(id);
    for (const message of messages) this.put(message, false);
    this.arrange();
    this.toEnd();
  }

  /** show adds a message or changes the one that is there. */
  show(message) {
    if (message.deleted) {
      this.remove(message.id);
      return;
    }
    const isNew = !this.messages.has(message.id);
    this.put(message, true);
    this.arrange();
    if (!isNew) return;
    if (this.following || message.from === 'person') this.toEnd(true);
    else this.count(this.unseen + 1);
  }

  put(message, visibly) {
    const old = this.messages.get(message.id);
    if (old && looks(old.message) === looks(message)) {
      old.message = message;
      if (message.inline_keyboard) markPending(old.el, message.inline_keyboard);
      return;
    }
    const el = bubble(message, this.phone);
    this.messages.set(message.id, { message, el });
    if (!old) {
      if (visibly) el.classList.add('arriving');
      this.insert(el, message.id);
      return;
    }
    const focused = focusPlace(old.el);
    old.el.replaceWith(el);
    if (visibly) el.classList.add('changed');
    restoreFocus(el, focused, this.scroller);
  }

  insert(el, id) {
    const newest = this.list.lastElementChild;
    if (!newest || Number(newest.dataset.id) < id) {
      this.list.append(el);
      return;
    }
    const later = [...this.list.querySelectorAll('.message')].find((other) => Number(other.dataset.id) > id);
    this.list.insertBefore(el, later ?? null);
  }

  remove(id) {
    const gone = this.messages.get(id);
    if (!gone) return;
    this.messages.delete(id);
    const finish = () => {
      gone.el.remove();
      this.arrange();
    };
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) finish();
    else {
      gone.el.classList.add('leaving');
      gone.el.addEventListener('animationend', finish, { once: true });
    }
  }

  drop(id) {
    this.messages.get(id).el.remove();
    this.messages.delete(id);
  }

  /** arrange puts day marks between days and tells each bubble its place in its group. */
  arrange() {
    const { calendar, page } = this.phone;
    const stale = new Set(this.list.querySelectorAll('.day'));
    const items = [...this.messages.values()].sort((a, b) => a.message.id - b.message.id);
    let day = '';
    items.forEach(({ message, el }, i) => {
      const date = new Date(message.date);
      const newDay = calendar.key(date) !== day;
      day = calendar.key(date);
      const before = el.previousElementSibling;
      if (newDay && before?.dataset.day === day) stale.delete(before); // put anew, it would be read out again
      else if (newDay) el.before(h('div', { class: 'day', dataset: { day } }, h('span', { class: 'pill', dir: this.phone.info.dir }, calendar.day(date, page.now()))));
      el.classList.toggle('first', newDay || !sameGroup(items[i - 1]?.message, message));
      el.classList.toggle('last', !items[i + 1] || !sameGroup(message, items[i + 1].message));
    });
    for (const mark of stale) mark.remove();
    this.empty.hidden = items.length > 0;
    if (!items.length) this.empty.replaceChildren(this.phone.welcome());
  }

  // Scrolling.

  onScroll() {
    // A keyboard that opens below moves the view too: only the person's own scrolling leaves the end.
    const size = `${this.scroller.scrollHeight} ${this.scroller.clientHeight}`;
    if (this.following && size !== this.sizeAtEnd) {
      this.toEnd();
      return;
    }
    const rest = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
    this.following = rest < nearEnd;
    this.down.hidden = this.following;
    if (this.following) this.count(0);
  }

  toEnd(smoothly = false) {
    this.following = true;
    this.count(0);
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.sizeAtEnd = `${this.scroller.scrollHeight} ${this.scroller.clientHeight}`;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smoothly && !calm ? 'smooth' : 'instant' });
  }

  count(unseen) {
    this.unseen = unseen;
    this.downCount.textContent = String(unseen);
    this.downCount.hidden = unseen === 0;
  }
}

/** looks is all of a message that shows, but for buttons that wait. */
const looks = (message) => JSON.stringify(message, (name, value) => (name === 'pending' ? undefined : value));

function sameGroup(a, b) {
  if (!a || !b || a.from !== b.from) return false;
  if (a.kind === 'service' || b.kind === 'service') return false;
  return Math.abs(new Date(b.date) - new Date(a.date)) < groupSpan && !a.inline_keyboard?.length;
}

/** focusPlace remembers which control of a message has the focus, before the message is drawn anew. */
function focusPlace(el) {
  if (!el.contains(document.activeElement)) return null;
  const buttons = [...el.querySelectorAll('.inline-button')];
  return { at: buttons.indexOf(document.activeElement), text: document.activeElement.textContent };
}

function restoreFocus(el, place, otherwise) {
  if (!place) return;
  const buttons = [...el.querySelectorAll('.inline-button')];
  const target = buttons.find((button) => button.textContent === place.text) ?? buttons[Math.min(Math.max(place.at, 0), buttons.length - 1)];
  (target ?? otherwise).focus({ preventScroll: true });
}
