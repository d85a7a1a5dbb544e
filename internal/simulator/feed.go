package simulator

import (
	"cmp"
	"slices"
)

// EventType says what changed on a person's screen.
type EventType string

// What can change on a screen.
const (
	EventMessage    EventType = "message"     // Message is new
	EventEdit       EventType = "edit"        // Message looks different now: text, buttons, or a button's pending mark
	EventDelete     EventType = "delete"      // MessageID is gone
	EventToast      EventType = "toast"       // Toast is the answer to a tap
	EventKeyboard   EventType = "keyboard"    // Keyboard is under the input field; nil: none
	EventCommands   EventType = "commands"    // the command menu or the menu button changed
	EventChatAction EventType = "chat_action" // Action ("typing") shows for five seconds
	EventBlocked    EventType = "blocked"     // Blocked is whether the person has blocked the bot
	EventPerson     EventType = "person"      // the person was added
)

// Event is one change on one person's screen. Events are numbered from 1 without gaps.
type Event struct {
	Seq       int64
	Type      EventType
	Person    int64
	Message   *Message // as it was then; not to be changed
	MessageID int
	Toast     *Toast
	Keyboard  *ReplyKeyboard
	Action    string
	Blocked   bool
	Mark      bool // of an edit: nothing but a button's pending mark changed
}

// feedKept is how many events are kept for those who resume, if Config.Keep does not say.
const feedKept = 4096

// feed keeps the newest events. Simulator.mu guards it.
type feed struct {
	last   int64
	events []Event
}

// emit numbers an event and wakes who waits. mu is held.
func (s *Simulator) emit(e Event) {
	s.feed.last++
	e.Seq = s.feed.last
	s.feed.events = keep(append(s.feed.events, e), cmp.Or(s.cfg.Keep, feedKept))
	if s.cfg.Watch != nil {
		s.cfg.Watch(e)
	}
	s.broadcast()
}

// keep drops all but the newest n, in place, once there are a quarter more: so it costs little each time.
func keep[T any](all []T, n int) []T {
	if len(all) <= n+n/4 {
		return all
	}
	return slices.Delete(all, 0, len(all)-n)
}

func (s *Simulator) emitMessage(c *chat, kind EventType, m *Message) {
	copied := *m
	s.emit(Event{Type: kind, Person: c.person.ID, MessageID: m.ID, Message: &copied})
}

// emitMark tells that a button under a message waits for its answer now, or no more. mu is held.
func (s *Simulator) emitMark(c *chat, m *Message) {
	copied := *m
	s.emit(Event{Type: EventEdit, Person: c.person.ID, MessageID: m.ID, Message: &copied, Mark: true})
}

// Events returns what happened after the event numbered after, the number of the newest event, and a channel
// that is closed as soon as something changes. Whole is false if events in between are no longer kept: then
// read the chats anew and go on from last.
func (s *Simulator) Events(after int64) (events []Event, last int64, whole bool, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, changed = s.feed.last, s.change()
	if after >= last {
		return nil, last, after == last, changed
	}
	first := last - int64(len(s.feed.events)) // the number before the oldest kept
	if after < first {
		return nil, last, false, changed
	}
	return slices.Clone(s.feed.events[after-first:]), last, true, changed
}
