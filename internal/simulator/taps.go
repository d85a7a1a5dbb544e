package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Tap taps the newest button with that text: an inline one, or one of the keyboard under the input field, which
// is as old as the message that brought it.
func (p *Person) Tap(text string) error {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	reply, found := p.chat.replyButton(text)
	for _, m := range slices.Backward(p.chat.messages) {
		if found && m.ID <= p.chat.keyboardBy {
			break
		}
		if b, ok := m.button(func(b InlineButton) bool { return b.Text == text }); ok {
			return p.sim.press(p.chat, m, b)
		}
	}
	if found {
		return p.sim.pressReply(p.chat, reply)
	}
	return fmt.Errorf("no button %q on the screen", text)
}

// replyButton finds a button of the keyboard under the input field.
func (c *chat) replyButton(text string) (ReplyButton, bool) {
	if keyboard := c.shownKeyboard(); keyboard != nil {
		for _, row := range keyboard.Rows {
			if i := slices.IndexFunc(row, func(b ReplyButton) bool { return b.Text == text }); i >= 0 {
				return row[i], true
			}
		}
	}
	return ReplyButton{}, false
}

// TapMessage taps the button with that text under the message of that id.
func (p *Person) TapMessage(messageID int, text string) error {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	m := p.chat.message(messageID)
	if m == nil {
		return fmt.Errorf("no message %d on the screen", messageID)
	}
	b, ok := m.button(func(b InlineButton) bool { return b.Text == text })
	if !ok {
		return fmt.Errorf("no button %q under message %d", text, messageID)
	}
	return p.sim.press(p.chat, m, b)
}

// TapData sends a callback with that data for a message of the bot, whether or not a button carries it: a
// hostile client can.
func (p *Person) TapData(messageID int, data string) error {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	m := p.chat.message(messageID)
	if m == nil || !m.FromBot {
		return fmt.Errorf("no message %d of the bot on the screen", messageID)
	}
	p.sim.tap(p.chat, m, data)
	return nil
}

// press does what an inline button does. mu is held.
func (s *Simulator) press(c *chat, m *Message, b InlineButton) error {
	switch b.Kind {
	case "callback_data":
		s.tap(c, m, b.Data)
	case "url", "web_app", "login_url":
		c.opened = append(c.opened, cmp.Or(b.URL, b.WebApp))
	case "copy_text":
		s.toast(c, Toast{Text: "Copied"})
	default:
		return s.unable("tap on a button of type " + b.Kind)
	}
	return nil
}

// tap makes a callback query. mu is held.
func (s *Simulator) tap(c *chat, m *Message, data string) {
	s.revive(c)
	s.forgetCallbacks()
	id := strconv.FormatInt(c.person.ID<<31^s.random.Int64N(1<<62), 10)
	s.callbacks[id] = &callback{
		person: c.person, message: m.ID, data: data, until: s.now().Add(s.cfg.Limits.CallbackAnswer),
	}
	m.setPending(data, true)
	s.emitMark(c, m)
	s.push("callback_query", c.person.ID, c.person.ID+callbackQueue, callbackTTL, &wireCallback{
		ID: id, From: c.person.user(), Message: s.wire(c, m, true),
		ChatInstance: strconv.FormatInt(c.person.ID*7919+s.botID, 10), Data: data,
	})
}

// forgetCallbacks drops the taps that can no longer be answered; their buttons wait no more. mu is held.
func (s *Simulator) forgetCallbacks() {
	now := s.now()
	for id, cb := range s.callbacks {
		if !now.After(cb.until) {
			continue
		}
		delete(s.callbacks, id)
		if m := cb.person.chat.message(cb.message); m != nil {
			m.setPending(cb.data, s.stillPending(cb))
			s.emitMark(cb.person.chat, m)
		}
	}
}

// pressReply presses a button of the keyboard under the input field. mu is held.
func (s *Simulator) pressReply(c *chat, b ReplyButton) error {
	switch {
	case b.RequestContact:
		s.say(c, s.ownContact(c.person))
	case b.RequestLocation:
		return s.unable("location sharing")
	case b.Other != "":
		return s.unable("reply button of type " + b.Other)
	default:
		text, entities, err := fixText(b.Text, nil, false)
		if err != nil {
			return err
		}
		s.say(c, &Message{Kind: KindText, Text: text, Entities: entities})
	}
	if c.keyboard != nil && c.keyboard.OneTime {
		c.keyboardOff = true
		s.emit(Event{Type: EventKeyboard, Person: c.person.ID})
	}
	return nil
}
