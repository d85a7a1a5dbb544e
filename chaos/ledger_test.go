package chaos

import (
	"strings"
	"time"
)

// An ask is one thing that somebody did, to which an answer is due. One update is one ask.
type ask struct {
	person int64
	what   string   // "search", "name": for the report
	wants  []string // all in one answer
	fault  int      // the last that struck before its answer: an index of the run's
	at     time.Time
	after  int64 // the newest event then: the answer comes later
}

func (a ask) answeredBy(text string) bool {
	for _, want := range a.wants {
		if !strings.Contains(text, want) {
			return false
		}
	}
	return true
}

// A registration is one that somebody has filled in, and perhaps saved.
type registration struct {
	person, clinic int64
	name, phone    string // E.164
	pets           []string
	saved          bool   // they have tapped on Save, once or twice
	note           string // that they have asked for afterwards; empty: none
}

// A shown is something that came to somebody's screen.
type shown struct {
	seq    int64
	person int64
	kind   showing
	text   string
	at     time.Time
}

type showing int

const (
	message showing = iota // a new one
	edit                   // of one that was there
	toast                  // over the screen
)

// An owner is a row of the database, with what belongs to it.
type owner struct {
	clinic      int64
	name, phone string
	pets        []string
	note        string
	noted       int // how often the history tells of a change of the note
}

// A notification is a row of the outbox that is due.
type notification struct {
	person      int64
	kind, state string
}
