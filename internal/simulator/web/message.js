// One message as a bubble: what it says, when, and the buttons under it.

import { avatar, fragment, h, icon } from './dom.js';
import { fileURL } from './api.js';
import { fileSize } from './i18n.js';
import { inlineKeyboard } from './keyboard.js';

const photoWidth = 300;
const voiceBars = 28;

/** bubble draws a message. phone gives the words (phone.t), the calendar and what the buttons do. */
export function bubble(message, phone) {
  const mine = message.from === 'person';
  const kind = message.kind || 'text';
  if (kind === 'service') {
    return h('div', { class: 'message service', dataset: { id: message.id } }, h('span', { class: 'pill', dir: 'auto' }, message.text));
  }
  const body = h('div', { class: `bubble kind-${kind}` }, quoted(message, phone), ...content(kind, message, phone), meta(message, phone));
  body.dir = directionOf(message);
  body.addEventListener('click', (event) => onTextClick(event, phone));
  body.addEventListener('keydown', (event) => onTextKey(event));
  body.addEventListener('contextmenu', (event) => onContextMenu(event, message, phone));
  const keyboard = message.inline_keyboard?.length ? inlineKeyboard(message, phone) : null;
  return h('div', { class: `message ${mine ? 'out' : 'in'}${keyboard ? ' with-keyboard' : ''}`, dataset: { id: message.id } },
    h('span', { class: 'sr-only' }, `${mine ? phone.t.you : phone.botName}: `), body, keyboard);
}

/** A message runs in the direction of its first letter; one without letters, a phone say, from left to right. */
function directionOf(message) {
  return message.rtl ? 'rtl' : 'ltr';
}

function content(kind, message, phone) {
  switch (kind) {
    case 'photo': return [photo(message), text(message, phone)];
    case 'document': return [file(message, phone), text(message, phone)];
    case 'contact': return [contact(message, phone)];
    case 'sticker': return [h('span', { class: 'sticker' }, message.sticker)];
    case 'voice': return [voice(message, phone), text(message, phone)];
    default: return [text(message, phone)];
  }
}

function text(message, phone) {
  if (!message.html) return null;
  const el = h('div', { class: isJumbo(message) ? 'text jumbo' : 'text' }, fragment(message.html));
  for (const spoiler of el.querySelectorAll('.spoiler')) {
    Object.assign(spoiler, { tabIndex: 0, role: 'button', ariaLabel: phone.t.spoiler });
  }
  for (const quote of el.querySelectorAll('blockquote.expandable')) makeExpandable(quote, phone);
  return el;
}

/** Up to three emoji alone are shown large. */
function isJumbo(message) {
  return /^(\p{Extended_Pictographic}(\uFE0F|\u200D\p{Extended_Pictographic}|\p{Emoji_Modifier})*){1,3}$/u.test(message.text ?? '');
}

function makeExpandable(quote, phone) {
  quote.classList.add('folded');
  const toggle = h('button', { type: 'button', class: 'quote-toggle', 'aria-label': phone.t.expand, 'aria-expanded': 'false' }, icon('down'));
  toggle.addEventListener('click', () => {
    const folded = quote.classList.toggle('folded');
    toggle.setAttribute('aria-expanded', String(!folded));
  });
  quote.append(toggle);
  requestAnimationFrame(() => {
    if (quote.scrollHeight > quote.clientHeight + 1) return;
    quote.classList.remove('folded'); // it is short enough to be seen whole
    toggle.remove();
  });
}

function photo(message) {
  const { file_id: id, width = photoWidth, height = photoWidth } = message.photo ?? {};
  return h('a', { class: 'photo', href: fileURL(id), target: '_blank', rel: 'noopener' },
    h('img', { src: fileURL(id), width, height, alt: message.text || '', decoding: 'async' }));
}

function file(message, phone) {
  const { file_id: id, name = '', size = 0 } = message.document ?? {};
  const extension = name.includes('.') ? name.split('.').pop().slice(0, 4) : '';
  return h('a', { class: 'file', href: fileURL(id), download: name },
    h('span', { class: 'sr-only' }, `${phone.t.download}: `),
    h('span', { class: 'file-icon' }, extension ? h('span', { class: 'file-extension' }, extension) : icon('file')),
    h('span', { class: 'file-about' }, h('bdi', { class: 'file-name' }, name), h('bdi', { class: 'file-size' }, fileSize(size))));
}

function contact(message, phone) {
  const { name = '', phone: number = '' } = message.contact ?? {};
  const initials = name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? '').join('');
  return h('div', { class: 'contact', 'aria-label': phone.t.contact },
    avatar(initials || '#', [...name].length),
    h('span', { class: 'contact-about' }, h('bdi', { class: 'contact-name' }, name), h('bdi', { class: 'contact-phone', dir: 'ltr' }, number)));
}

function voice(message, phone) {
  const seconds = message.voice?.seconds ?? 0;
  const play = h('button', { type: 'button', class: 'voice-play', 'aria-label': phone.t.play }, icon('play'));
  const bars = h('span', { class: 'voice-bars', 'aria-hidden': 'true' }, Array.from({ length: voiceBars }, (_, at) => {
    const bar = h('i');
    bar.style.setProperty('--at', at);
    return bar;
  }));
  const el = h('div', { class: 'voice' }, play, h('span', { class: 'voice-about' }, bars, h('bdi', { class: 'voice-length' }, `0:${String(seconds).padStart(2, '0')}`)));
  // The recording is a sample without sound: playing it shows its bars.
  play.addEventListener('click', () => {
    el.classList.remove('playing');
    requestAnimationFrame(() => el.classList.add('playing'));
  });
  return el;
}

function quoted(message, phone) {
  if (!message.reply_to) return null;
  const original = phone.chat.find(message.reply_to);
  if (!original) return null;
  return h('div', { class: 'reply', dir: 'auto' },
    h('b', {}, original.from === 'person' ? phone.t.you : phone.botName),
    h('span', {}, (original.text || '').split('\n')[0]));
}

function meta(message, phone) {
  const date = new Date(message.date);
  return h('span', { class: 'meta', dir: phone.info.dir },
    message.edited ? h('span', { class: 'edited' }, phone.t.edited) : null,
    h('time', { datetime: date.toISOString() }, phone.calendar.time(date)),
    message.from === 'person' ? icon('checks', 'ticks') : null);
}

function onTextClick(event, phone) {
  const spoiler = event.target.closest('.spoiler');
  if (spoiler) {
    revealSpoilers(spoiler);
    return;
  }
  const link = event.target.closest('a[href]');
  if (link?.dataset.command) {
    event.preventDefault();
    phone.send(link.dataset.command);
    return;
  }
  if (link && phone.followBotLink(link.href, link)) {
    event.preventDefault();
    return;
  }
  const code = event.target.closest('code');
  if (code && !link && !getSelection().toString()) phone.copy(code.textContent);
}

function onTextKey(event) {
  const spoiler = event.target.closest('.spoiler');
  if (!spoiler || (event.key !== 'Enter' && event.key !== ' ')) return;
  event.preventDefault();
  revealSpoilers(spoiler);
}

function revealSpoilers(spoiler) {
  for (const hidden of spoiler.closest('.text').querySelectorAll('.spoiler')) {
    hidden.classList.replace('spoiler', 'spoken');
    hidden.removeAttribute('role');
    hidden.removeAttribute('tabindex');
    hidden.removeAttribute('aria-label');
  }
}

function onContextMenu(event, message, phone) {
  if (getSelection().toString()) return;
  event.preventDefault();
  const items = message.text ? [{ label: phone.t.copyText, icon: 'copy', run: () => phone.copy(message.text) }] : [];
  if (message.from === 'person' && (message.kind ?? 'text') === 'text') {
    items.push({ label: phone.t.edit, icon: 'pencil', run: () => phone.composer.startEdit(message) });
  }
  items.push({ label: phone.t.remove, icon: 'trash', danger: true, run: () => phone.remove(message.id) });
  phone.overlay.menu({ x: event.clientX, y: event.clientY }, items);
}
