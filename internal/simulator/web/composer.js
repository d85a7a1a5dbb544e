// The lower end of a phone: text box, command list, bot keyboard, or the one big button that stands in for them.

import { h, icon, iconButton } from './dom.js';
import { replyKeyboard } from './keyboard.js';
import { attachItems } from './attach.js';

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.editing = null; // the own message being edited
    this.keyboardShown = true;
    const { t } = phone;
    const listID = `commands-${phone.info.id}`;
    this.commandList = h('div', { class: 'commands', id: listID, role: 'listbox', 'aria-label': t.commands, hidden: true });
    this.menuButton = h('button', { type: 'button', class: 'menu-button', 'aria-label': `${t.menu}: ${t.commands}`, 'aria-expanded': 'false', 'aria-controls': listID, on: { click: () => this.toggleCommands() } }, icon('menu'), h('span', {}, t.menu));
    this.box = h('textarea', { rows: '1', dir: 'auto', 'aria-label': t.messageBox, placeholder: t.message, enterkeyhint: 'send', 'aria-controls': listID, 'aria-autocomplete': 'list', maxlength: '4096',
      on: { input: () => this.onInput(), keydown: (event) => this.onKey(event) } });
    this.keyboardButton = iconButton('keyboard', t.hideKeyboard, () => this.showKeyboard(!this.keyboardShown));
    this.attachButton = iconButton('attach', t.attach, () => this.phone.overlay.menu(this.attachButton, attachItems(this.phone)));
    this.attachButton.setAttribute('aria-haspopup', 'menu');
    this.sendButton = h('button', { type: 'submit', class: 'send-button', 'aria-label': t.send, title: t.send }, icon('send'));
    this.editBar = h('div', { class: 'edit-bar', hidden: true });
    this.row = h('form', { class: 'composer-row', on: { submit: (event) => { event.preventDefault(); this.submit(); } } },
      this.menuButton, h('div', { class: 'box' }, this.box, this.keyboardButton, this.attachButton), this.sendButton);
    this.keys = h('div', { class: 'keys', hidden: true });
    this.big = h('button', { type: 'button', class: 'big-button', hidden: true });
    this.el = h('div', { class: 'composer' }, this.commandList, this.editBar, this.row, this.keys, this.big);
    this.onInput();
  }

  focus() { (this.big.hidden ? this.box : this.big).focus({ preventScroll: true }); }

  /** update follows the phone's state: blocked, not started, commands and bot keyboard. */
  update({ blocked, started, commands, menu, replyKeyboard: keyboard }) {
    const { t } = this.phone;
    const big = blocked ? { label: t.restart, run: () => this.phone.block(false) } : !started ? { label: t.start, run: () => this.phone.open('') } : null;
    const hadFocus = this.el.contains(document.activeElement);
    this.big.hidden = !big;
    this.row.hidden = Boolean(big);
    if (big) {
      this.big.textContent = big.label;
      this.big.onclick = big.run;
    }
    this.commands = commands;
    this.menuButton.hidden = !commands.length || menu === 'none';
    this.setKeyboard(big ? null : keyboard);
    this.onInput();
    if (hadFocus && !this.el.contains(document.activeElement)) this.focus();
  }

  // Bot keyboard.

  setKeyboard(keyboard) {
    const text = JSON.stringify(keyboard);
    if (text === this.keyboardText) return;
    this.keyboardText = text;
    this.keyboard = keyboard;
    this.box.placeholder = keyboard?.placeholder || this.phone.t.message;
    this.keyboardButton.hidden = !keyboard;
    this.row.classList.toggle('with-keyboard', Boolean(keyboard)); // its icon takes the place of the word Menu
    this.keys.replaceChildren(...(keyboard ? [replyKeyboard(keyboard, this.phone)] : []));
    this.showKeyboard(Boolean(keyboard));
  }

  showKeyboard(shown) {
    const { t } = this.phone;
    this.keyboardShown = shown;
    this.keys.hidden = !shown || !this.keyboard;
    const label = shown ? t.hideKeyboard : t.showKeyboard;
    this.keyboardButton.setAttribute('aria-label', label);
    this.keyboardButton.title = label;
    this.keyboardButton.setAttribute('aria-pressed', String(shown));
  }

  // Text.

  onInput() {
    const hasText = this.box.value.trim() !== '';
    this.sendButton.disabled = !hasText;
    this.row.classList.toggle('typing', hasText);
    this.box.style.setProperty('height', 'auto');
    if (this.box.value) this.box.style.setProperty('height', `${Math.min(this.box.scrollHeight, 140)}px`);
    const typed = /^\/([a-z0-9_]*)$/i.exec(this.box.value);
    if (typed) this.listCommands(typed[1].toLowerCase());
    else this.hideCommands();
  }

  onKey(event) {
    if (event.isComposing) return;
    if (!this.commandList.hidden && this.onListKey(event)) return;
    if (event.key === 'Escape' && this.editing) this.endEdit();
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.box.value.trim();
    if (!text) return;
    this.box.value = '';
    const edited = this.editing;
    this.endEdit();
    this.onInput();
    if (edited) this.phone.edit(edited.id, text);
    else this.phone.send(text);
    this.box.focus();
  }

  startEdit(message) {
    this.editing = message;
    this.box.value = message.text;
    this.editBar.hidden = false;
    this.editBar.replaceChildren(icon('pencil'),
      h('span', { class: 'edit-about' }, h('b', {}, this.phone.t.editing), h('span', { dir: 'auto' }, message.text)),
      iconButton('close', this.phone.t.cancel, () => { this.endEdit(); this.box.focus(); }));
    this.onInput();
    this.box.focus();
  }

  endEdit() {
    if (!this.editing) return;
    this.editing = null;
    this.box.value = '';
    this.editBar.hidden = true;
    this.onInput();
  }

  // Commands.

  toggleCommands() {
    if (!this.commandList.hidden) {
      this.hideCommands();
      return;
    }
    this.listCommands('');
    this.box.focus({ preventScroll: true });
  }

  listCommands(prefix) {
    const matching = (this.commands ?? []).filter(({ command }) => command.startsWith(prefix));
    if (!matching.length) {
      this.hideCommands();
      return;
    }
    this.commandList.replaceChildren(...matching.map(({ command, description }, i) =>
      h('div', { class: 'command-option', role: 'option', id: `${this.commandList.id}-${i}`, dataset: { command }, 'aria-selected': 'false',
        on: { pointerdown: (event) => event.preventDefault(), click: () => this.pick(command) } },
      h('bdi', { class: 'command-name', dir: 'ltr' }, `/${command}`), h('span', { class: 'command-about', dir: 'auto' }, description))));
    this.commandList.hidden = false;
    this.select(0);
    this.menuButton.setAttribute('aria-expanded', 'true');
    addEventListener('pointerdown', this.onOutside ??= (event) => { if (!this.el.contains(event.target)) this.hideCommands(); });
  }

  hideCommands() {
    this.commandList.hidden = true;
    this.box.removeAttribute('aria-activedescendant');
    this.menuButton.setAttribute('aria-expanded', 'false');
    if (this.onOutside) removeEventListener('pointerdown', this.onOutside);
  }

  select(at) {
    const options = [...this.commandList.children];
    this.selected = (at + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute('aria-selected', String(i === this.selected)));
    options[this.selected].scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.box.setAttribute('aria-activedescendant', options[this.selected].id);
  }

  onListKey(event) {
    const chosen = this.commandList.children[this.selected]?.dataset.command;
    const actions = {
      ArrowDown: () => this.select(this.selected + 1),
      ArrowUp: () => this.select(this.selected - 1),
      Escape: () => this.hideCommands(),
      Enter: () => this.pick(chosen),
      Tab: () => { this.box.value = `/${chosen} `; this.onInput(); },
    };
    if (!actions[event.key] || event.shiftKey) return false;
    event.preventDefault();
    actions[event.key]();
    return true;
  }

  pick(command) {
    this.box.value = '';
    this.onInput();
    this.phone.send(`/${command}`);
    this.box.focus({ preventScroll: true });
  }
}
