package simulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Person is somebody with a Telegram account. AddPerson gives her a phone on which she chats with the bot.
type Person struct {
	ID           int64
	FirstName    string
	LastName     string
	Username     string
	LanguageCode string // of her app, "en" or "ar-EG"
	Phone        string // as her app writes it into her own contact

	sim  *Simulator
	chat *chat
}

// Toast is what the app showed as the answer to a tap on an inline button.
type Toast struct {
	Text  string
	Alert bool // in a dialog that must be closed
	URL   string
}

// callback is a tap that waits for its answer.
type callback struct {
	person  *Person
	message int
	data    string
	until   time.Time
}

// AddPerson adds somebody who has not pressed START yet: the bot cannot write to her before. An id that is
// there already keeps its chat and gets the new name, language and phone.
func (s *Simulator) AddPerson(p Person) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.FirstName = cmp.Or(p.FirstName, "Person "+strconv.FormatInt(p.ID, 10))
	p.sim = s
	if known := s.people[p.ID]; known != nil {
		p.chat = known
		known.person = &p
		return &p
	}
	p.chat = &chat{person: &p}
	s.people[p.ID] = p.chat
	s.order = append(s.order, p.ID)
	s.emit(Event{Type: EventPerson, Person: p.ID})
	return &p
}

// Person returns the person of that id, nil if there is none.
func (s *Simulator) Person(id int64) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.people[id]; c != nil {
		return c.person
	}
	return nil
}

// People returns everybody in the order they were added.
func (s *Simulator) People() []*Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	people := make([]*Person, 0, len(s.order))
	for _, id := range s.order {
		people = append(people, s.people[id].person)
	}
	return people
}

// Chat returns what her screen shows now, oldest first.
func (p *Person) Chat() []Message {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	messages := make([]Message, 0, len(p.chat.messages))
	for _, m := range p.chat.messages {
		messages = append(messages, *m)
	}
	return messages
}

// Last returns the newest message of the bot; ok is false if there is none.
func (p *Person) Last() (m Message, ok bool) {
	messages := p.Chat()
	for _, m := range slices.Backward(messages) {
		if m.FromBot {
			return m, true
		}
	}
	return Message{}, false
}

// Message returns the message of that id, if it is on the screen.
func (p *Person) Message(id int) (m Message, ok bool) {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	if found := p.chat.message(id); found != nil {
		return *found, true
	}
	return Message{}, false
}

// Keyboard returns the keyboard under the input field, nil if there is none.
func (p *Person) Keyboard() *ReplyKeyboard {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.chat.shownKeyboard()
}

// Toasts returns the answers to her taps that showed something, oldest first.
func (p *Person) Toasts() []Toast {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return slices.Clone(p.chat.toasts)
}

// Opened returns the addresses that her taps on URL buttons opened, oldest first.
func (p *Person) Opened() []string {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return slices.Clone(p.chat.opened)
}

// Action is what the bot is doing, "typing", until its next message.
func (p *Person) Action() string {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.chat.action
}

// Started reports whether she has ever written to the bot.
func (p *Person) Started() bool {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.chat.started
}

// Blocked reports whether she blocks the bot.
func (p *Person) Blocked() bool {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.chat.blocked
}

// Start presses START, with the payload of a deep link t.me/<bot>?start=payload if there is one. The payload is
// 1 to 64 characters of A-Z a-z 0-9 _ -; another one Telegram drops.
func (p *Person) Start(payload string) int {
	text := "/start"
	if payload != "" && len(payload) <= 64 && strings.Trim(payload, base64URL) == "" {
		text += " " + payload
	}
	return p.Send(text)
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// Block blocks the bot.
func (p *Person) Block() { p.setBlocked(true) }

// Unblock lets the bot write again.
func (p *Person) Unblock() { p.setBlocked(false) }

func (p *Person) setBlocked(blocked bool) {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	p.sim.block(p.chat, blocked)
}

// block tells the bot that it was blocked or unblocked. mu is held.
func (s *Simulator) block(c *chat, blocked bool) {
	if c.blocked == blocked {
		return
	}
	c.blocked = blocked
	status := func(kicked bool) map[string]any {
		if kicked {
			return map[string]any{"user": s.bot(), "status": "kicked", "until_date": 0}
		}
		return map[string]any{"user": s.bot(), "status": "member"}
	}
	id := c.person.ID
	s.emit(Event{Type: EventBlocked, Person: id, Blocked: blocked})
	s.push("my_chat_member", id, id+memberQueue, messageTTL, map[string]any{
		"chat": c.wire(), "from": c.person.user(), "date": s.now().Unix(),
		"old_chat_member": status(!blocked), "new_chat_member": status(blocked),
	})
}

// Deactivate deletes her account: the bot's messages are refused from now on.
func (p *Person) Deactivate() {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	p.chat.deactivated = true
}

func (s *Simulator) toast(c *chat, t Toast) {
	if t.URL != "" {
		c.opened = append(c.opened, t.URL)
	}
	if t.Text != "" {
		c.toasts = append(c.toasts, t)
	}
	s.emit(Event{Type: EventToast, Person: c.person.ID, Toast: &t})
}

// revive opens the conversation: whoever writes or taps has pressed START, or RESTART after blocking. mu is held.
func (s *Simulator) revive(c *chat) {
	c.started = true
	s.block(c, false)
}
