package chaos

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// Evidence is what a run leaves behind: what people did and were told, and what the database holds.
type evidence struct {
	asks          []ask
	registrations []registration
	shown         []shown
	owners        []owner
	open          []int64 // people with a dialog that is not finished
	notifications []notification
	clinics       map[int64]int64  // by person; 0: the platform
	marks         map[int64]string // by clinic: a word in the name of each of its owners, and in no other
	remarks       []string         // of the program's log: panics, races, updates let go
}

// A check is one thing that the auditor looks at.
type check struct {
	what   string
	looked int      // at how many
	found  []string // wrong
}

func (c *check) wrong(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// An audit compares what people were told with what they did and with what the database holds.
type audit struct {
	evidence
	chats map[int64]*conversation
}

// A conversation is what one person did and was shown, each in its order.
type conversation struct {
	asks  []int // indices of evidence.asks
	shown []shown
	first map[int]int // by ask: the index in shown of its answer; none without one
}

func newAudit(e evidence) *audit {
	a := &audit{evidence: e, chats: map[int64]*conversation{}}
	for who := range e.clinics {
		a.chats[who] = &conversation{first: map[int]int{}}
	}
	for i, ask := range e.asks {
		a.chats[ask.person].asks = append(a.chats[ask.person].asks, i)
	}
	for _, one := range e.shown {
		a.chats[one.person].shown = append(a.chats[one.person].shown, one)
	}
	for _, c := range a.chats {
		slices.SortStableFunc(c.shown, func(x, y shown) int { return int(x.seq - y.seq) })
		for _, i := range c.asks {
			c.match(e.asks[i], i)
		}
	}
	return a
}

// match finds the first answer that came after an ask.
func (c *conversation) match(a ask, number int) {
	from := sort.Search(len(c.shown), func(i int) bool { return c.shown[i].seq > a.after })
	for i := from; i < len(c.shown); i++ {
		if a.answeredBy(c.shown[i].text) {
			c.first[number] = i
			return
		}
	}
}

// checks goes through everything.
func (a *audit) checks() []check {
	return []check{
		a.answered(), a.inOrder(), a.toldAreThere(), a.savedOnce(), a.nobodyElse(), a.notes(),
		a.notified(), a.ownClinicOnly(), a.explained(), a.unstuck(), a.log(),
	}
}

func (a *audit) answered() check {
	c := check{what: "updates that were answered", looked: len(a.asks)}
	for i, ask := range a.asks {
		if _, ok := a.chats[ask.person].first[i]; !ok {
			c.wrong("%d got no answer to %s %q", ask.person, ask.what, ask.wants)
		}
	}
	return c
}

// inOrder holds the answers of each chat to the order of its questions.
func (a *audit) inOrder() check {
	c := check{what: "answers in the order of the questions"}
	for who, chat := range a.chats {
		latest := -1
		for _, i := range chat.asks {
			at, ok := chat.first[i]
			if !ok {
				continue
			}
			c.looked++
			if at < latest {
				c.wrong("%d got the answer to %s %q before that to an earlier one", who, a.asks[i].what, a.asks[i].wants)
			}
			latest = max(latest, at)
		}
	}
	return c
}

func (a *audit) rowsOf(r registration) (rows []owner) {
	for _, row := range a.owners {
		if row.clinic == r.clinic && row.phone == r.phone {
			rows = append(rows, row)
		}
	}
	return rows
}

func (r registration) same(row owner) bool {
	return row.name == r.name && slices.Equal(row.pets, r.pets)
}

// toldAreThere looks for what somebody was told is registered.
func (a *audit) toldAreThere() check {
	c := check{what: "registrations told of that are there, once and whole"}
	for _, r := range a.registrations {
		if !slices.ContainsFunc(a.chats[r.person].shown, func(s shown) bool {
			return strings.Contains(s.text, "Registered.") && strings.Contains(s.text, r.phone)
		}) {
			continue
		}
		c.looked++
		switch rows := a.rowsOf(r); {
		case len(rows) != 1:
			c.wrong("%s was told of and is there %d times", r.name, len(rows))
		case !r.same(rows[0]):
			c.wrong("%s with %v was told of; there are %s with %v", r.name, r.pets, rows[0].name, rows[0].pets)
		}
	}
	return c
}

func (a *audit) savedOnce() check {
	c := check{what: "registrations saved that are there once"}
	for _, r := range a.registrations {
		if !r.saved {
			continue
		}
		c.looked++
		if n := len(a.rowsOf(r)); n != 1 {
			c.wrong("%s was saved and is there %d times", r.name, n)
		}
	}
	return c
}

// nobodyElse looks for owners whom nobody has saved.
func (a *audit) nobodyElse() check {
	c := check{what: "owners there that somebody saved", looked: len(a.owners)}
	for _, row := range a.owners {
		if !slices.ContainsFunc(a.registrations, func(r registration) bool {
			return r.saved && r.clinic == row.clinic && r.phone == row.phone
		}) {
			c.wrong("%s of clinic %d is there, and nobody saved that", row.name, row.clinic)
		}
	}
	return c
}

func (a *audit) notes() check {
	c := check{what: "changes told of that are there, noted once"}
	for _, r := range a.registrations {
		if r.note == "" || !slices.ContainsFunc(a.chats[r.person].shown, func(s shown) bool {
			return strings.Contains(s.text, "Changed.") && strings.Contains(s.text, r.note)
		}) {
			continue
		}
		c.looked++
		rows := a.rowsOf(r)
		if !slices.ContainsFunc(rows, func(row owner) bool { return row.note == r.note && row.noted == 1 }) {
			c.wrong("%s was to have the note %q, noted once; there is %+v", r.name, r.note, rows)
		}
	}
	return c
}

// notified looks for what the outbox says was sent, and for what it has left lying. A run by night has none.
func (a *audit) notified() check {
	c := check{what: "notifications due that came", looked: len(a.notifications)}
	for _, n := range a.notifications {
		came := slices.ContainsFunc(a.chats[n.person].shown, func(s shown) bool { return isNotification(s.text) })
		if n.state != "sent" || !came {
			c.wrong("the %s to %d is %s, and has come: %t", n.kind, n.person, n.state, came)
		}
	}
	return c
}

// isNotification tells what the bot says of its own accord, at a time: here the digest, as nobody's term ends.
func isNotification(text string) bool { return strings.HasPrefix(text, "☀️") }

// ownClinicOnly looks for other clinics' owners on people's screens.
func (a *audit) ownClinicOnly() check {
	c := check{what: "screens without a row of another clinic", looked: len(a.shown)}
	for _, one := range a.shown {
		for clinic, mark := range a.marks {
			if clinic != a.clinics[one.person] && strings.Contains(one.text, mark) {
				c.wrong("%d of clinic %d was shown %s of clinic %d", one.person, a.clinics[one.person], mark, clinic)
			}
		}
	}
	return c
}

// What the bot says of its own accord while something is down, and when it gives an update up.
const (
	waitNotice = "This takes longer than usual"
	apology    = "something went wrong"
)

// explained looks for messages that are no answer to anything.
func (a *audit) explained() check {
	c := check{what: "messages that answer something"}
	for who, chat := range a.chats {
		for _, one := range chat.shown {
			if one.kind != message {
				continue
			}
			c.looked++
			if strings.Contains(one.text, apology) {
				c.wrong("%d was told that something went wrong", who)
			} else if !strings.Contains(one.text, waitNotice) && !isNotification(one.text) && a.answers(chat, one) < 0 {
				c.wrong("%d was told, unasked: %q", who, one.text)
			}
		}
	}
	return c
}

// answers is the latest ask of a chat that a message answers; -1 without one.
func (a *audit) answers(chat *conversation, one shown) int {
	for _, i := range slices.Backward(chat.asks) {
		if a.asks[i].after < one.seq && a.asks[i].answeredBy(one.text) {
			return i
		}
	}
	return -1
}

// offeredBefore is the latest ask of a chat before something was shown; -1 without one.
func (a *audit) offeredBefore(chat *conversation, one shown) int {
	for _, i := range slices.Backward(chat.asks) {
		if a.asks[i].after < one.seq {
			return i
		}
	}
	return -1
}

func (a *audit) unstuck() check {
	c := check{what: "chats without a dialog that hangs", looked: len(a.chats)}
	for _, who := range a.open {
		c.wrong("%d has a dialog that is not finished", who)
	}
	return c
}

func (a *audit) log() check {
	return check{what: "instances' logs without panics, races, updates let go", looked: 1, found: a.remarks}
}

// A tally is how people fared during a fault.
type tally struct {
	offered, answered int
	repeated          int // messages that say an answer again
	told              int // that it takes longer
	longest           time.Duration
}

// tallies counts by fault.
func (a *audit) tallies(faults int) []tally {
	tallies := make([]tally, faults)
	for _, chat := range a.chats {
		firsts := map[int]bool{}
		for _, i := range chat.asks {
			ask := a.asks[i]
			t := &tallies[ask.fault]
			t.offered++
			if at, ok := chat.first[i]; ok {
				firsts[at] = true
				t.answered++
				t.longest = max(t.longest, chat.shown[at].at.Sub(ask.at))
			}
		}
		for at, one := range chat.shown {
			if one.kind != message || firsts[at] {
				continue
			}
			if strings.Contains(one.text, waitNotice) {
				if number := a.offeredBefore(chat, one); number >= 0 {
					tallies[a.asks[number].fault].told++
				}
			} else if number := a.answers(chat, one); number >= 0 {
				tallies[a.asks[number].fault].repeated++
			}
		}
	}
	return tallies
}
