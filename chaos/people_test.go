package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"vetalyze/internal/simulator"
)

// A person is somebody at their phone: one thing after the other, each when the one before has been answered,
// but for bursts.
type person struct {
	*simulator.Person
	clinic int64  // 0: the platform's
	place  string // the clinic's name
	mark   string // in the name of each owner they register
	ledger *ledger
	random *rand.Rand
}

// A ledger is where people write down what they did. It is safe for concurrent use.
type ledger struct {
	recorder *recorder
	patience time.Duration // with one answer

	mu            sync.Mutex   // guards everything below
	fault         int          // the one that is on
	open          map[int]bool // asks without an answer, until it is given up
	asks          []ask
	registrations []registration
	number        int // of the last registration or word
}

// next numbers what has to be told apart from everything else.
func (l *ledger) next() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	return l.number
}

func newLedger(recorder *recorder) *ledger {
	return &ledger{recorder: recorder, patience: patience, open: map[int]bool{}}
}

// begin has what is offered from now on belong to another fault, and what is waiting for an answer.
func (l *ledger) begin(fault int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = fault
	for number := range l.open {
		l.asks[number].fault = fault
	}
}

// offer notes an ask; done is to be called when its answer is there, or given up.
func (l *ledger) offer(a ask) (done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.fault = l.fault
	number := len(l.asks)
	l.asks = append(l.asks, a)
	l.open[number] = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.open, number)
	}
}

// settled waits until all that was offered so far is answered, or given up.
func (l *ledger) settled(ctx context.Context) error {
	l.mu.Lock()
	before := len(l.asks)
	l.mu.Unlock()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		l.mu.Lock()
		left := 0
		for number := range l.open {
			if number < before {
				left++
			}
		}
		l.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("%d updates are not answered: %w", left, ctx.Err())
		}
	}
}

func (l *ledger) register(r registration) (number int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.registrations = append(l.registrations, r)
	return len(l.registrations) - 1
}

// written is everything that people have done until now.
func (l *ledger) written() ([]ask, []registration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.asks), slices.Clone(l.registrations)
}

func (l *ledger) change(number int, change func(*registration)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.registrations[number])
}

// errUnanswered ends what somebody was about: the auditor finds the ask without an answer.
var errUnanswered = errors.New("no answer")

// does something once and waits for the answer, which has all that is wanted.
func (p *person) does(ctx context.Context, what string, do func() error, wants ...string) error {
	a := ask{person: p.ID, what: what, wants: wants, at: time.Now(), after: p.ledger.recorder.newest()}
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer p.ledger.offer(a)()
	return p.hears(ctx, a)
}

// starts presses START; the answer may come when it likes.
func (p *person) starts() {
	a := ask{person: p.ID, what: "/start", wants: []string{p.place}, at: time.Now(), after: p.ledger.recorder.newest()}
	p.Start("")
	p.ledger.offer(a)()
}

// hears waits for the answer to an ask.
func (p *person) hears(ctx context.Context, a ask) error {
	ctx, cancel := context.WithTimeout(ctx, p.ledger.patience)
	defer cancel()
	if !p.ledger.recorder.await(ctx, p.ID, a.after, a.answeredBy) {
		return fmt.Errorf("%s: %w", a.what, errUnanswered)
	}
	return nil
}

func (p *person) says(ctx context.Context, what, text string, wants ...string) error {
	return p.does(ctx, what, func() error { p.Send(text); return nil }, wants...)
}

func (p *person) taps(ctx context.Context, label string, wants ...string) error {
	return p.does(ctx, "["+label+"]", func() error { return p.Tap(label) }, wants...)
}

// A habit is something that staff do all day.
type habit struct {
	weight int
	do     func(p *person, ctx context.Context) error
}

var (
	deskHabits = []habit{
		{3, (*person).registersByStep},
		{5, (*person).registersAtOnce},
		{4, (*person).searchesInABurst},
		{2, (*person).readsOwners},
		{1, (*person).readsSubscription},
		{1, (*person).changesTheirMind},
	}
	platformHabits = []habit{
		{3, (*person).readsClinics},
		{1, (*person).readsMenu},
	}
)

// works until the day is over; what was begun is finished.
func (p *person) works(ctx context.Context, over <-chan struct{}, pause time.Duration) {
	habits := deskHabits
	if p.clinic == 0 {
		habits = platformHabits
	}
	for {
		select {
		case <-over:
			return
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(p.random.Int64N(int64(pause) + 1))):
		}
		if err := p.choose(habits)(p, ctx); err != nil {
			// The ledger has it. The next thing begins from a clean desk.
			_ = p.says(ctx, "/cancel after trouble", "/cancel", "ancel")
		}
	}
}

func (p *person) choose(habits []habit) func(*person, context.Context) error {
	whole := 0
	for _, h := range habits {
		whole += h.weight
	}
	at := p.random.IntN(whole)
	for _, h := range habits {
		if at -= h.weight; at < 0 {
			return h.do
		}
	}
	return habits[0].do
}

// fresh is somebody who has never been here.
func (p *person) fresh() registration {
	n := p.ledger.next()
	return registration{
		person: p.ID, clinic: p.clinic,
		name:  fmt.Sprintf("%s Nr%d", p.mark, n),
		phone: fmt.Sprintf("+2010%08d", 20000000+n),
		pets:  []string{fmt.Sprintf("Rex%d", n), fmt.Sprintf("Mimi%d", n)},
	}
}

// typed is the phone as people in Egypt type it.
func (r registration) typed() string { return "0" + r.phone[3:] }

func (p *person) registersByStep(ctx context.Context) error {
	r := p.fresh()
	number := p.ledger.register(r)
	for _, step := range []func() error{
		func() error { return p.says(ctx, "/register", "/register", "New owner", "full name?") },
		func() error { return p.says(ctx, "name", r.name, r.name, "Which phone?") },
		func() error { return p.says(ctx, "phone", r.typed(), r.name, "pet's name?") },
		func() error {
			return p.says(ctx, "pet", r.pets[0]+" dog 2y", r.name, r.pets[0], "Is everything right?")
		},
		func() error { return p.taps(ctx, "➕ Another pet", r.name, r.pets[0], "pet's name?") },
		func() error {
			return p.says(ctx, "pet", r.pets[1]+" cat", r.name, r.pets[0], r.pets[1], "Is everything right?")
		},
		func() error { return p.saves(ctx, number, r) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (p *person) registersAtOnce(ctx context.Context) error {
	r := p.fresh()
	number := p.ledger.register(r)
	text := fmt.Sprintf("/register %s, %s; %s dog 2y; %s cat", r.name, r.typed(), r.pets[0], r.pets[1])
	if err := p.says(ctx, "/register …", text, r.name, r.pets[0], r.pets[1], "Is everything right?"); err != nil {
		return err
	}
	if err := p.saves(ctx, number, r); err != nil {
		return err
	}
	if p.random.IntN(2) == 0 {
		return nil
	}
	return p.notes(ctx, number, r)
}

// saves confirms the summary, now and then with two quick taps.
func (p *person) saves(ctx context.Context, number int, r registration) error {
	return p.does(ctx, "[✅ Save]", func() error {
		if err := p.Tap("✅ Save"); err != nil {
			return err
		}
		p.ledger.change(number, func(r *registration) { r.saved = true })
		if p.random.IntN(3) == 0 {
			_ = p.Tap("✅ Save") // the answer may have been quicker
		}
		return nil
	}, "Registered.", r.name, r.phone, r.pets[0], r.pets[1])
}

// notes changes the card of the owner just registered, found by phone.
func (p *person) notes(ctx context.Context, number int, r registration) error {
	if err := p.says(ctx, "search: phone", r.typed(), r.name, r.phone, "Here since"); err != nil {
		return err
	}
	if err := p.taps(ctx, "✏️ Change", r.name, "What shall be changed?"); err != nil {
		return err
	}
	if err := p.taps(ctx, "➕ Note", r.name, "What shall be noted?"); err != nil {
		return err
	}
	note := fmt.Sprintf("Pays in coins %d", p.ledger.next())
	p.ledger.change(number, func(r *registration) { r.note = note })
	return p.says(ctx, "note", note, "Changed.", r.name, note)
}

// searchesInABurst sends several searches without waiting: their answers come in their order.
func (p *person) searchesInABurst(ctx context.Context) error {
	after := p.ledger.recorder.newest()
	var sent []ask
	for range 2 + p.random.IntN(2) {
		word := fmt.Sprintf("9%07d", p.ledger.next())
		a := ask{person: p.ID, what: "search", wants: []string{"nothing for", word}, at: time.Now(), after: after}
		p.Send(word)
		defer p.ledger.offer(a)()
		sent = append(sent, a)
	}
	for _, a := range sent {
		if err := p.hears(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (p *person) readsOwners(ctx context.Context) error {
	return p.says(ctx, "/owners", "/owners", "our clinic")
}

func (p *person) readsSubscription(ctx context.Context) error {
	return p.says(ctx, "/subscription", "/subscription", "Subscription of "+p.place, "days left")
}

// changesTheirMind gives a registration up before it is saved.
func (p *person) changesTheirMind(ctx context.Context) error {
	r := p.fresh()
	p.ledger.register(r)
	if err := p.says(ctx, "/register …", fmt.Sprintf("/register %s, %s", r.name, r.typed()), r.name, "pet's name?"); err != nil {
		return err
	}
	return p.says(ctx, "/cancel", "/cancel", "ancelled")
}

func (p *person) readsClinics(ctx context.Context) error {
	return p.says(ctx, "/clinics", "/clinics", "🏥 Clinics")
}

func (p *person) readsMenu(ctx context.Context) error {
	return p.says(ctx, "/menu", "/menu", p.place)
}
