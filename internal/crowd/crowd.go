package crowd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"vetalyze/internal/simulator"
)

// A Told is what the bot showed somebody. Registration, text and buttons are the evidence of survival tests.
type Told struct {
	Person  Person
	Deed    Deed   // that it answers; "" when it answers none: a repetition, a reminder
	Did     string // what was typed or tapped
	Asked   time.Time
	At      time.Time
	Message simulator.Message

	// Fits says whether it is the answer that was waited for. What does not fit is an excuse, or late news of an earlier
	// deed; the person goes on waiting.
	Fits bool
	// Saved is the registration that this says is saved.
	Saved *Registration
}

// A Config says who there is and what they do.
type Config struct {
	People []Person
	Mix    Mix    // nil: Day
	Seed   uint64 // of everything that is random; also what makes the phones of a run new ones

	// Hear is given everything that people are told, at once and by whoever caused it: it must be quick and may call neither
	// the simulator nor the crowd.
	Hear func(Told)
}

// A Crowd is people at work. It is safe for concurrent use.
type Crowd struct {
	mix  Mix
	hear func(Told)
	sim  *simulator.Simulator // from Enter on

	mu      sync.Mutex // guards what follows; the simulator may hold its own when it is taken, never the other way round
	rng     *rand.Rand
	members map[int64]*member
	staff   []*member
	admins  []*member
	saving  []*member // have a registration to be saved
	number  int       // of the next registration
	waiting int       // members
}

// A member is a person with what is on their screen.
type member struct {
	Person
	phone   *simulator.Person
	cards   []place
	further place // the next page, on the last screen
	save    place
	open    *Registration // shown as a summary, and not saved
	asked   *step         // what an answer is waited for
}

// A step is something done that waits for its answer.
type step struct {
	deed  Deed
	did   string
	at    time.Time
	place place // tapped; zero: typed
	saves *Registration
	opens *Registration
}

// New returns a crowd that has not met the bot. Its Watch goes into the simulator's Config.
func New(config Config) *Crowd {
	c := &Crowd{
		mix: config.Mix, hear: config.Hear, members: map[int64]*member{},
		rng:    rand.New(rand.NewPCG(config.Seed, 0xc0ffee)),
		number: int(config.Seed % 1000 * 100_000),
	}
	if c.mix == nil {
		c.mix = Day
	}
	if c.hear == nil {
		c.hear = func(Told) {}
	}
	for _, person := range config.People {
		m := &member{Person: person}
		c.members[person.ID] = m
		if person.Admin {
			c.admins = append(c.admins, m)
		} else {
			c.staff = append(c.staff, m)
		}
	}
	return c
}

// Enter gives everybody a phone on which they chat with the bot. The simulator's Watch is the crowd's.
func (c *Crowd) Enter(sim *simulator.Simulator) {
	c.sim = sim
	for _, group := range [][]*member{c.staff, c.admins} {
		for _, m := range group {
			phone := sim.AddPerson(simulator.Person{
				ID: m.ID, FirstName: fmt.Sprintf("Person %d", m.ID), LanguageCode: m.Language,
			})
			c.mu.Lock()
			m.phone = phone
			c.mu.Unlock()
		}
	}
}

// Greet has people do the first things on a new phone, the n-th of them all: each gives up what an earlier run may have
// left half-filled, then each asks for their list. ok is false when there is nothing left.
func (c *Crowd) Greet(n int, at time.Time) (ok bool) {
	c.mu.Lock()
	everybody := slices.Concat(c.staff, c.admins)
	if n >= 2*len(everybody) {
		c.mu.Unlock()
		return false
	}
	m := everybody[n%len(everybody)]
	s := &step{at: at, deed: Register, did: "/cancel"}
	switch {
	case n >= len(everybody) && m.Admin:
		s.deed, s.did = Clinics, "/clinics"
	case n >= len(everybody):
		s.deed, s.did = Owners, "/owners"
	}
	c.begin(m, s)
	c.mu.Unlock()
	m.phone.Send(s.did)
	return true
}

// Act has somebody who waits for nothing do the next thing of the mix; at is when it was due. ok is false when everybody
// who could waits for an answer: then somebody else has to be answered first.
func (c *Crowd) Act(at time.Time) (deed Deed, ok bool) {
	c.mu.Lock()
	deed = c.mix.draw(c.rng)
	m, s := c.next(deed)
	if m == nil {
		c.mu.Unlock()
		return deed, false
	}
	s.deed, s.at = deed, at
	c.begin(m, s)
	c.mu.Unlock()
	if s.place.message == 0 {
		m.phone.Send(s.did)
	} else if m.phone.TapData(s.place.message, s.did) != nil { // the message has been withdrawn meanwhile
		c.mu.Lock()
		c.end(m)
		c.mu.Unlock()
		return deed, false
	}
	return deed, true
}

// SetMix changes what people do from now on.
func (c *Crowd) SetMix(mix Mix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mix = mix
}

// Waiting is how many people wait for an answer.
func (c *Crowd) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting
}

// GiveUp has those who have waited since before a moment wait no more, and returns how many these were.
func (c *Crowd) GiveUp(before time.Time) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		if m.asked != nil && m.asked.at.Before(before) {
			c.end(m)
			n++
		}
	}
	return n
}

// begin and end are the waiting of a member. mu is held.
func (c *Crowd) begin(m *member, s *step) {
	if m.asked == nil {
		c.waiting++
	}
	m.asked = s
}

func (c *Crowd) end(m *member) { m.asked = nil; c.waiting-- }

// next finds somebody for a deed, and what exactly they do. mu is held.
func (c *Crowd) next(deed Deed) (*member, *step) {
	group := c.staff
	switch {
	case deed == Clinics:
		group = c.admins
	case deed == Register && len(c.saving) > 0:
		m := c.saving[0]
		if m.asked != nil {
			break // something else is under way on that phone
		}
		c.saving = c.saving[1:]
		return m, c.saves(m)
	}
	const tries = 64
	for range min(tries, 4*len(group)) {
		m := group[c.rng.IntN(len(group))]
		if m.asked != nil || m.open != nil {
			continue
		}
		if s := c.does(m, deed); s != nil {
			return m, s
		}
	}
	return nil, nil
}

// does says how a member does a deed; nil: cannot now. mu is held.
func (c *Crowd) does(m *member, deed Deed) *step {
	switch deed {
	case Search:
		return &step{did: typed(c.rng, m.Known[c.rng.IntN(len(m.Known))])}
	case Owners, Clinics:
		if m.further.message != 0 && c.rng.IntN(2) == 0 {
			return &step{did: m.further.data, place: m.further}
		}
		return &step{did: map[Deed]string{Owners: "/owners", Clinics: "/clinics"}[deed]}
	case Card:
		if len(m.cards) == 0 {
			return nil
		}
		at := m.cards[c.rng.IntN(len(m.cards))]
		return &step{did: at.data, place: at}
	case Register:
		r, text := newRegistration(c.rng, m.Person, c.number)
		c.number++
		return &step{did: text, opens: &r}
	case Subscription:
		return &step{did: "/subscription"}
	}
	return nil
}

// saves is how an open registration ends: it is saved, or given up when the bot asks what we do not answer. mu is held.
func (c *Crowd) saves(m *member) *step {
	open := m.open
	m.open = nil
	if m.save.message == 0 {
		return &step{did: "/cancel"}
	}
	s := &step{did: m.save.data, place: m.save, saves: open}
	m.save = place{}
	return s
}

// Watch is for the simulator's Config: by it the crowd sees what the bot shows.
func (c *Crowd) Watch(e simulator.Event) {
	if e.Type == simulator.EventDelete {
		c.lose(e)
		return
	}
	toast := e.Type == simulator.EventToast && e.Toast.Text != ""
	shown := (e.Type == simulator.EventMessage || e.Type == simulator.EventEdit && !e.Mark) && e.Message.FromBot
	if !toast && !shown {
		return
	}
	now := time.Now()
	c.mu.Lock()
	m := c.members[e.Person]
	if m == nil {
		c.mu.Unlock()
		return
	}
	told := Told{Person: m.Person, At: now}
	if shown {
		told.Message = *e.Message
		m.look(e.Message)
	} else {
		told.Message = simulator.Message{FromBot: true, Text: e.Toast.Text}
	}
	if s := m.asked; s != nil {
		told.Deed, told.Did, told.Asked = s.deed, s.did, s.at
		if told.Fits = s.fits(e); told.Fits {
			c.end(m)
			told.Saved = s.saves
			if s.opens != nil {
				m.open = s.opens
				c.saving = append(c.saving, m)
			}
		}
	}
	c.mu.Unlock()
	c.hear(told)
}

// lose forgets the buttons of a message that was taken away.
func (c *Crowd) lose(e simulator.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.members[e.Person]; m != nil {
		m.lose(e.MessageID)
	}
}

// fits tells whether an event is the answer to a step.
func (s *step) fits(e simulator.Event) bool {
	seen := e.Message
	if seen == nil || e.Type == simulator.EventEdit && seen.ID != s.place.message {
		return false // a toast, or another message that changes
	}
	switch s.deed {
	case Search:
		return !asks(seen) && carries(seen, hitButtons)
	case Owners:
		return carries(seen, ownersButtons)
	case Card:
		return carries(seen, openButtons)
	case Register:
		switch {
		case s.opens != nil:
			return asks(seen)
		case s.saves != nil:
			return carries(seen, openButtons) && strings.Contains(seen.Text, s.saves.Name)
		}
		return !asks(seen)
	case Clinics:
		return carries(seen, clinicButtons)
	}
	return !asks(seen)
}
