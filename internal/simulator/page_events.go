package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// EventClock says that the page moved the Clock; it belongs to no person.
const EventClock EventType = "clock"

// pageBeat is how often a quiet stream says the time, so that both ends know that the line is alive.
const pageBeat = 15 * time.Second

// eventView is one event as the page gets it. What is set depends on Type; "hello" asks the page to read
// everything anew.
type eventView struct {
	Type          EventType          `json:"type"`
	Phone         int64              `json:"phone,omitempty"`
	Message       *messageView       `json:"message,omitempty"`
	MessageID     int                `json:"message_id,omitempty"`
	Text          string             `json:"text,omitempty"`
	Alert         bool               `json:"alert,omitempty"`
	URL           string             `json:"url,omitempty"`
	ReplyKeyboard *replyKeyboardView `json:"reply_keyboard,omitempty"`
	Commands      []Command          `json:"commands,omitempty"`
	Menu          string             `json:"menu,omitempty"`
	Action        string             `json:"action,omitempty"`
	Blocked       bool               `json:"blocked,omitempty"`
	Now           *time.Time         `json:"now,omitempty"`
}

const eventHello EventType = "hello"

// events streams what happens on the phones, from the event on that the browser saw last.
func (p *page) events(w http.ResponseWriter, r *http.Request) {
	stream := &eventStream{w: w, flush: http.NewResponseController(w), epoch: p.epoch}
	_ = stream.flush.SetWriteDeadline(time.Time{}) // a stream outlives the server's timeout; without one there is nothing to lift
	header := w.Header()
	header.Set("Content-Type", "text/event-stream; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // a proxy must not hold events back
	seen, resumed := p.position(r)
	beat := p.sim.cfg.After(pageBeat)
	for {
		events, last, whole, changed := p.sim.Events(seen)
		if !resumed || !whole {
			events, resumed = nil, true
			now := p.sim.now()
			stream.write(last, eventView{Type: eventHello, Now: &now})
		}
		for _, e := range events {
			if view, ok := p.viewEvent(e); ok {
				stream.write(e.Seq, view)
			}
		}
		seen = last
		if stream.send() != nil {
			return
		}
		select {
		case <-changed:
		case <-beat:
			beat = p.sim.cfg.After(pageBeat)
			now := p.sim.now()
			stream.write(0, eventView{Type: EventClock, Now: &now})
		case <-p.sim.done:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// position reads where the browser stopped. It is of no use if it is from another run of the simulator.
func (p *page) position(r *http.Request) (seen int64, ok bool) {
	id := cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after"))
	epoch, number, _ := strings.Cut(id, "-")
	seen, err := strconv.ParseInt(number, 10, 64)
	return max(seen, 0), err == nil && epoch == p.epoch
}

// viewEvent is an event as the page gets it; ok is false if it is about nobody who is shown.
func (p *page) viewEvent(e Event) (view eventView, ok bool) {
	view = eventView{Type: e.Type, Phone: e.Person, MessageID: e.MessageID, Action: e.Action, Blocked: e.Blocked}
	if e.Type == EventClock {
		now := p.sim.now()
		view.Now = &now
		return view, true
	}
	person := p.sim.Person(e.Person)
	if person == nil || !p.shows(e.Person) {
		return view, false
	}
	if e.Message != nil && e.Type != EventDelete {
		message := viewMessage(e.Message)
		view.Message = &message
	}
	if e.Toast != nil {
		view.Text, view.Alert, view.URL = e.Toast.Text, e.Toast.Alert, e.Toast.URL
	}
	switch e.Type {
	case EventKeyboard:
		view.ReplyKeyboard = viewReplyKeyboard(e.Keyboard)
	case EventCommands:
		view.Commands, view.Menu = person.Commands(), person.Menu().Type
	}
	return view, true
}

func (p *page) shows(person int64) bool {
	for _, phone := range p.shown() {
		if phone.Person == person {
			return true
		}
	}
	return false
}

// eventStream writes server-sent events. They are gathered and sent in one go.
type eventStream struct {
	w     http.ResponseWriter
	flush *http.ResponseController
	epoch string
	out   bytes.Buffer
}

// write adds an event; seq 0 is one that needs no resuming.
func (s *eventStream) write(seq int64, view eventView) {
	data, err := json.Marshal(view)
	if err != nil {
		panic(err) // eventView holds nothing that cannot be marshalled
	}
	if seq > 0 || view.Type == eventHello {
		fmt.Fprintf(&s.out, "id: %s-%d\n", s.epoch, seq)
	}
	fmt.Fprintf(&s.out, "data: %s\n\n", data)
}

func (s *eventStream) send() error {
	if _, err := s.out.WriteTo(s.w); err != nil {
		return err
	}
	return s.flush.Flush()
}
