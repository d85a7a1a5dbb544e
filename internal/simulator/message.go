package simulator

import (
	"slices"
	"time"
)

// Kind says what a message carries.
type Kind string

// The kinds of messages that are simulated.
const (
	KindText     Kind = "text"
	KindPhoto    Kind = "photo"
	KindDocument Kind = "document"
	KindContact  Kind = "contact"
	KindSticker  Kind = "sticker"
	KindVoice    Kind = "voice"
	KindService  Kind = "service" // "pinned a message"
)

// Message is one message as it stands on a person's screen. Keyboards and entities are replaced, never changed in place, so a
// copy of a message stays as it was.
type Message struct {
	ID       int
	FromBot  bool
	Date     time.Time
	Edited   time.Time // zero: never
	Kind     Kind
	Text     string // of a text, or the caption of a photo or document
	Entities []Entity

	Photo    *Photo
	Document *Document
	Contact  *Contact
	Sticker  string // its emoji
	Voice    *Voice

	InlineKeyboard [][]InlineButton
	ReplyKeyboard  *ReplyKeyboard // the keyboard this message brought
	RemoveKeyboard bool
	ForceReply     bool
	ReplyTo        int // message id, 0: none
	Pinned         bool
	Silent         bool
	Protected      bool
	Deleted        bool // never in Chat; in events
}

// Photo is an image that Telegram has compressed.
type Photo struct {
	FileID        string
	Width, Height int
}

// Document is a file as it was sent.
type Document struct {
	FileID string
	Name   string
	MIME   string
	Size   int
}

// Contact is a shared contact. UserID is that of the Telegram account behind it, 0 if there is none.
type Contact struct {
	Phone, FirstName, LastName string
	UserID                     int64
}

// Voice is a voice message.
type Voice struct {
	FileID  string
	Seconds int
}

// button returns the first inline button for which match holds.
func (m *Message) button(match func(InlineButton) bool) (InlineButton, bool) {
	for _, row := range m.InlineKeyboard {
		if i := slices.IndexFunc(row, match); i >= 0 {
			return row[i], true
		}
	}
	return InlineButton{}, false
}

// setPending marks the buttons that carry data as waiting for an answer, or as answered.
func (m *Message) setPending(data string, pending bool) {
	keyboard := slices.Clone(m.InlineKeyboard)
	for at, row := range keyboard {
		for i, b := range row {
			if b.Kind == "callback_data" && b.Data == data && b.Pending != pending {
				keyboard[at] = slices.Clone(keyboard[at])
				keyboard[at][i].Pending = pending
			}
		}
	}
	m.InlineKeyboard = keyboard
}

// A chat is the private chat of one person with the bot. Simulator.mu guards it.
type chat struct {
	person      *Person
	started     bool
	blocked     bool
	deactivated bool
	lastID      int
	messages    []*Message // deleted ones are gone
	keyboard    *ReplyKeyboard
	keyboardBy  int // the message that brought it
	keyboardOff bool
	replyTo     int // forced reply: the next message answers this one
	pinned      int
	toasts      []Toast
	opened      []string
	action      string
}

func (c *chat) message(id int) *Message {
	i, ok := slices.BinarySearchFunc(c.messages, id, func(m *Message, id int) int { return m.ID - id })
	if !ok {
		return nil
	}
	return c.messages[i]
}

// add puts a message at the end of the chat. mu is held.
func (s *Simulator) add(c *chat, m *Message) *Message {
	c.lastID++
	m.ID = c.lastID
	m.Date = s.now()
	c.messages = append(c.messages, m)
	if m.FromBot {
		c.action = ""
		c.show(m)
	}
	s.emitMessage(c, EventMessage, m)
	if m.FromBot && (m.ReplyKeyboard != nil || m.RemoveKeyboard || m.ForceReply) {
		s.emit(Event{Type: EventKeyboard, Person: c.person.ID, Keyboard: c.shownKeyboard()})
	}
	return m
}

// show applies what a message of the bot does to the field where one types.
func (c *chat) show(m *Message) {
	switch {
	case m.ReplyKeyboard != nil:
		c.keyboard, c.keyboardBy, c.keyboardOff, c.replyTo = m.ReplyKeyboard, m.ID, false, 0
	case m.RemoveKeyboard:
		c.keyboard, c.keyboardBy, c.keyboardOff, c.replyTo = nil, 0, false, 0
	case m.ForceReply:
		c.keyboardOff, c.replyTo = true, m.ID
	}
}

func (c *chat) shownKeyboard() *ReplyKeyboard {
	if c.keyboard == nil || c.keyboardOff {
		return nil
	}
	return c.keyboard
}

// remove takes a message off the screen, and with it the keyboard that it brought. mu is held.
func (s *Simulator) remove(c *chat, m *Message) {
	c.messages = slices.DeleteFunc(c.messages, func(other *Message) bool { return other == m })
	gone := *m
	gone.Deleted = true
	s.emit(Event{Type: EventDelete, Person: c.person.ID, MessageID: m.ID, Message: &gone})
	if c.pinned == m.ID {
		c.pinned = 0
	}
	if c.replyTo == m.ID {
		c.replyTo = 0
	}
	if c.keyboardBy == m.ID && c.keyboard != nil {
		c.keyboard, c.keyboardBy = nil, 0
		s.emit(Event{Type: EventKeyboard, Person: c.person.ID})
	}
}
