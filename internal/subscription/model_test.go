package subscription_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// A modelTerm is a term as somebody would keep it on paper, crossing out one day after the other.
type modelTerm struct {
	id        int64
	start     time.Time
	given     int // days sold and added
	left      int // days not crossed out
	grace     int
	suspended bool
	held      int                 // nights passed while it was suspended
	ended     time.Time           // the first day without it; zero: not yet
	closed    subscription.Status // refunded or cancelled
	paid      int64
}

// A model is a clinic's terms on paper.
type model struct {
	today time.Time
	terms []*modelTerm // in the order of their starts
}

func (m *model) suspended() *modelTerm {
	for _, t := range m.terms {
		if t.suspended {
			return t
		}
	}
	return nil
}

func (m *model) status(t *modelTerm) subscription.Status {
	switch {
	case t.closed != "":
		return t.closed
	case t.suspended:
		return subscription.Suspended
	case !t.ended.IsZero() && m.today.Before(t.ended.AddDate(0, 0, t.grace)):
		return subscription.Grace
	case !t.ended.IsZero():
		return subscription.Ended
	case m.suspended() != nil || m.today.Before(t.start):
		return subscription.Upcoming
	}
	return subscription.Active
}

// days are those the term has or had for itself.
func (m *model) days(t *modelTerm) (from, to time.Time) {
	switch {
	case !t.ended.IsZero():
		return t.start, t.ended
	case m.status(t) == subscription.Active:
		return t.start, m.today.AddDate(0, 0, t.left)
	}
	return t.start, t.start.AddDate(0, 0, t.left)
}

// night ends a day: the active term has served it, and what is suspended waits.
func (m *model) night() {
	for _, t := range m.terms {
		switch m.status(t) {
		case subscription.Active:
			if t.left--; t.left == 0 {
				t.ended = m.today.AddDate(0, 0, 1)
			}
		case subscription.Suspended:
			t.held++
		}
	}
	m.today = m.today.AddDate(0, 0, 1)
}

// sell puts a term down, or says why not.
func (m *model) sell(start time.Time, days, grace int) (*modelTerm, error) {
	if m.suspended() != nil {
		return nil, subscription.ErrOpenSuspension
	}
	if start.Before(m.today) && !slices.ContainsFunc(m.terms, func(t *modelTerm) bool {
		return m.status(t) == subscription.Grace && t.ended.Equal(start)
	}) {
		return nil, subscription.ErrStartPast
	}
	end := start.AddDate(0, 0, days)
	for _, t := range m.terms {
		if from, to := m.days(t); t.closed == "" && start.Before(to) && from.Before(end) {
			return nil, subscription.ErrOverlap
		}
	}
	sold := &modelTerm{start: start, given: days, left: days, grace: grace}
	for passed := start; passed.Before(m.today) && sold.ended.IsZero(); passed = passed.AddDate(0, 0, 1) {
		if sold.left--; sold.left == 0 {
			sold.ended = end
		}
	}
	m.terms = append(m.terms, sold)
	return sold, nil
}

// move takes the terms that have not begun along.
func (m *model) move(except *modelTerm, days int) {
	for _, t := range m.terms {
		if t != except && m.status(t) == subscription.Upcoming {
			t.start = t.start.AddDate(0, 0, days)
		}
	}
}

func (m *model) suspend(t *modelTerm) error {
	if m.status(t) != subscription.Active {
		return subscription.ErrNotActive
	}
	t.suspended, t.held = true, 0
	return nil
}

func (m *model) resume(t *modelTerm) error {
	if m.status(t) != subscription.Suspended {
		return subscription.ErrNotSuspended
	}
	m.move(t, t.held)
	t.suspended = false
	return nil
}

func (m *model) extend(t *modelTerm, days int) error {
	if m.status(t) != subscription.Active {
		return subscription.ErrNotActive
	}
	m.move(t, days)
	t.given, t.left = t.given+days, t.left+days
	return nil
}

func (m *model) refund(t *modelTerm, amount int64) error {
	if s := m.status(t); s != subscription.Upcoming && s != subscription.Active && s != subscription.Grace && s != subscription.Suspended {
		return subscription.ErrNotRefundable
	}
	if amount > t.paid {
		return subscription.ErrRefundTooMuch
	}
	if t.suspended { // who waited for it and is late begins today, and the others as much later
		late := 0
		for _, other := range m.terms {
			if m.status(other) == subscription.Upcoming {
				late = max(late, int(m.today.Sub(other.start).Hours()/24)) // dates in UTC have 24 hours
			}
		}
		m.move(t, late)
	}
	t.suspended, t.closed, t.paid = false, subscription.Refunded, t.paid-amount
	return nil
}

func (m *model) cancel(t *modelTerm) error {
	if s := m.status(t); s != subscription.Upcoming && s != subscription.Active {
		return subscription.ErrNotCancellable
	}
	t.closed = subscription.Cancelled
	return nil
}

// standing is the clinic's, in the words of the rule.
func (m *model) standing() staff.ClinicStatus {
	has := map[subscription.Status]bool{}
	for _, t := range m.terms {
		has[m.status(t)] = true
	}
	switch {
	case has[subscription.Active]:
		return staff.ClinicActive
	case has[subscription.Suspended]:
		return staff.ClinicSuspended
	case has[subscription.Grace]:
		return staff.ClinicGrace
	case has[subscription.Upcoming]:
		return staff.ClinicScheduled
	case len(m.terms) > 0:
		return staff.ClinicEnded
	}
	return staff.ClinicInactive
}

// TestAgainstPaper does the same at random to the subscriptions and to the model, and compares after each step.
func TestAgainstPaper(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rapid.Check(t, func(r *rapid.T) {
		begin := day(t, rapid.SampledFrom([]string{"2026-03-01", "2026-04-15", "2026-10-20", "2028-02-20"}).Draw(r, "begin"))
		zone := rapid.SampledFrom([]string{"Africa/Cairo", "Asia/Kuwait", "America/New_York"}).Draw(r, "zone")
		p := &paper{house: h, clinic: h.clinic(zone), model: &model{today: begin}}
		h.clock.Set(begin.Add(13 * time.Hour)) // the same date in all of them
		r.Repeat(map[string]func(*rapid.T){
			"": p.compare, "sell": p.sell, "suspend": p.suspend, "resume": p.resume, "extend": p.extend,
			"refund": p.refund, "cancel": p.cancel, "wait": p.wait,
		})
		p.rebuild(r)
	})
}

// paper is the model beside what it is a model of.
type paper struct {
	*house
	clinic int64
	model  *model
	last   subscription.Standing // as compared last, before the step under way
}

// seen is a term as it was compared last.
func (p *paper) seen(t *modelTerm) subscription.Term {
	i := slices.IndexFunc(p.last.Terms, func(term subscription.Term) bool { return term.ID == t.id })
	return p.last.Terms[i]
}

func (p *paper) wait(r *rapid.T) {
	for range rapid.SampledFrom([]int{1, 1, 3, 7, 29, 40}).Draw(r, "days") {
		p.model.night()
		p.clock.Advance(24 * time.Hour)
	}
}

func (p *paper) sell(r *rapid.T) {
	s := sale(p.clinic, rapid.IntRange(monthly, daily).Draw(r, "plan"))
	days, grace, price := map[int]int{daily: 1}[s.PlanID], map[int]int{monthly: 7, daily: 2}[s.PlanID], int64(50000)
	if s.PlanID == daily {
		price = 0
	} else {
		days = 30
	}
	start := p.last.NextStart
	if rapid.Bool().Draw(r, "start said") {
		start = p.model.today.AddDate(0, 0, rapid.IntRange(-3, 45).Draw(r, "start"))
		s.Start = start
	}
	want, refusal := p.model.sell(start, days, grace)
	got, err := p.Create(p.t.Context(), nadia, s)
	p.agree(r, "sell", err, refusal)
	if err == nil {
		want.id, want.paid = got.ID, price
	}
}

// one draws a term, and says how the change of it is called.
func (p *paper) one(r *rapid.T) (*modelTerm, subscription.Change) {
	if len(p.model.terms) == 0 {
		r.Skip("no term")
	}
	t := rapid.SampledFrom(p.model.terms).Draw(r, "term")
	return t, on(p.seen(t))
}

func (p *paper) suspend(r *rapid.T) {
	t, change := p.one(r)
	_, err := p.Suspend(p.t.Context(), nadia, change)
	p.agree(r, "suspend", err, p.model.suspend(t))
}

func (p *paper) resume(r *rapid.T) {
	t, change := p.one(r)
	if held := p.model.suspended(); held != nil {
		t, change = held, on(p.seen(held))
	}
	_, err := p.Resume(p.t.Context(), nadia, change)
	p.agree(r, "resume", err, p.model.resume(t))
}

func (p *paper) extend(r *rapid.T) {
	t, change := p.one(r)
	days := rapid.IntRange(1, 20).Draw(r, "days")
	_, err := p.Extend(p.t.Context(), nadia, change, days)
	p.agree(r, "extend", err, p.model.extend(t, days))
}

func (p *paper) refund(r *rapid.T) {
	t, change := p.one(r)
	amount := rapid.SampledFrom([]int64{1, 20000, 50000, 50001}).Draw(r, "amount")
	_, err := p.Refund(p.t.Context(), nadia, change, amount)
	p.agree(r, "refund", err, p.model.refund(t, amount))
}

func (p *paper) cancel(r *rapid.T) {
	t, change := p.one(r)
	_, err := p.Cancel(p.t.Context(), nadia, change)
	p.agree(r, "cancel", err, p.model.cancel(t))
}

func (p *paper) agree(r *rapid.T, doing string, got, want error) {
	if want == nil && got != nil || !errors.Is(got, want) {
		r.Fatalf("%s: %v, on paper %v", doing, got, want)
	}
}

// compare holds everything that is said of the clinic against the paper.
func (p *paper) compare(r *rapid.T) {
	p.last = p.standing(p.clinic)
	if want := p.model.standing(); p.last.Status != want {
		r.Fatalf("the clinic is %s, on paper %s", p.last.Status, want)
	}
	var statuses []subscription.Status
	for _, term := range p.last.Terms {
		statuses = append(statuses, term.Status)
	}
	if got := subscription.ClinicStatusOn(false, statuses); got != p.last.Status {
		r.Fatalf("the clinic is %s in SQL and %s in Go", p.last.Status, got)
	}
	if len(p.last.Terms) != len(p.model.terms) {
		r.Fatalf("%d terms, on paper %d", len(p.last.Terms), len(p.model.terms))
	}
	for _, t := range p.model.terms {
		if err := p.differs(p.seen(t), t); err != nil {
			r.Fatal(err)
		}
	}
	apart(r, p.last.Terms)
}

// differs says in what a term is another than on paper.
func (p *paper) differs(got subscription.Term, want *modelTerm) error {
	status := p.model.status(want)
	left := map[bool]int{true: want.left}[status == subscription.Active || status == subscription.Upcoming || status == subscription.Suspended]
	if got.Status != status || got.DaysLeft != left {
		return fmt.Errorf("term %s, on paper %s with %d left", says(got), status, left)
	}
	if got.Refundable().Minor != want.paid {
		return fmt.Errorf("term %d: %d can be given back, on paper %d", got.ID, got.Refundable().Minor, want.paid)
	}
	if want.closed != "" {
		return nil
	}
	if got.Days() != want.given || got.AddedDays() != want.given-got.PlanDays {
		return fmt.Errorf("term %d gives %d days, on paper %d were paid and added", got.ID, got.Days(), want.given)
	}
	if from, to := p.model.days(want); !want.suspended && (!got.Start.Equal(from) || !got.End.Equal(to)) {
		return fmt.Errorf("term %s, on paper %s..%s", says(got), from.Format(time.DateOnly), to.Format(time.DateOnly))
	}
	return nil
}

// apart holds that no two terms share a day.
func apart(r *rapid.T, terms []subscription.Term) {
	var end time.Time
	for _, term := range terms { // by their starts
		if term.State == "closed" {
			continue
		}
		if term.Start.Before(end) {
			r.Fatalf("%s begins before %s", says(term), end)
		}
		end = term.End
	}
}

// rebuild holds that the ledger alone tells what every term is: each entry begins where the one before ended.
func (p *paper) rebuild(r *rapid.T) {
	history, err := p.History(p.t.Context(), nadia, p.clinic)
	if err != nil {
		r.Fatal(err)
	}
	for _, told := range history {
		var is *subscription.Decided
		for i, e := range told.Events {
			if e.Seq != i+1 || !cmp.Equal(is, e.Before) {
				r.Fatalf("entry %d of term %d does not follow: %s", e.Seq, told.ID, cmp.Diff(is, e.Before))
			}
			is = &e.After
		}
		if diff := cmp.Diff(told.Decided, *is); diff != "" {
			r.Fatalf("term %d (-is +told)\n%s", told.ID, diff)
		}
	}
}
