package load

import (
	"math/rand/v2"
	"slices"
	"time"

	"vetalyze/db"
)

// A plan is what the platform sells here.
type plan struct {
	id             int32
	nameEN, nameAR string
	days, accounts int
	price          int64 // piastres
	share          int   // of a hundred clinics, how many have it
}

// plans are made by the load; the database gives them ids.
var plans = []plan{
	{nameEN: "Monthly Basic", nameAR: "شهري أساسي", days: 30, accounts: 6, price: 60_000, share: 45},
	{nameEN: "Monthly Plus", nameAR: "شهري بلس", days: 30, accounts: 10, price: 95_000, share: 43},
	{nameEN: "Quarterly Plus", nameAR: "ربع سنوي بلس", days: 90, accounts: 10, price: 255_000, share: 8},
	{nameEN: "Yearly Pro", nameAR: "سنوي برو", days: 365, accounts: 20, price: 1_400_000, share: 4},
}

const (
	currency = "EGP"
	grace    = 7 // days
	early    = 4 // days before it begins that a term is bought, to be refunded

	// termsPerClinic and paymentsPerClinic keep ids free for each clinic, more than a year can take.
	termsPerClinic    = 64
	paymentsPerClinic = 128
)

// A term is one paid period.
type term struct {
	clinicID, id int64
	plan         plan
	state        string
	start, end   time.Time // the days served, half open
	extra        int       // accounts beyond the plan's
	frozenOn     *time.Time
	frozenDays   *int
	closeReason  *string
	closedAt     *time.Time
	createdAt    time.Time
	events       []event
	payments     []payment
}

// An event is what was done with a term.
type event struct {
	kind          string
	at            time.Time
	reason        *string
	before, after *standing
	key           db.Key
}

// A standing is a term as its events show it.
type standing struct {
	State string `json:"state"`
	Start string `json:"start"`
	End   string `json:"end"`
}

// A payment is money for a term, or given back.
type payment struct {
	id        int64
	kind      string
	amount    int64
	method    int32
	reference *string
	day       time.Time
	at        time.Time
	reason    *string
	key       db.Key
}

// The fates of clinics: where their year has led.
const (
	active = iota
	inGrace
	ended
	suspended
	scheduled
	deactivated
)

// addTerms gives a clinic its year of terms, one after the other, up to where its fate wants the last to end. Some are
// renewed late, some extended, some refunded and bought again.
func (g *generator) addTerms(rng *rand.Rand, c *clinic) {
	fate := one(rng, 88, 4, 4, 2, 1, 1)
	bought := g.reference.plans[one(rng, g.planOdds...)]
	extra := 0
	if chance(rng, 10) {
		extra = 1 + rng.IntN(3)
	}
	periods := g.periods(rng, bought.days, g.lastEnd(rng, fate, bought.days))
	for i, p := range periods {
		last := i == len(periods)-1
		if !last && chance(rng, 2) {
			g.addRefunded(rng, c, bought, p)
		}
		t := g.newTerm(rng, c, bought, extra, p)
		switch {
		case last && fate == suspended:
			g.suspend(rng, t)
		case last && (fate == active && chance(rng, 30) || fate == scheduled):
			next := period{start: t.end}
			if fate == scheduled {
				next.start = g.today.AddDate(0, 0, 1+rng.IntN(20))
			}
			next.end = next.start.AddDate(0, 0, bought.days)
			g.newTerm(rng, c, bought, extra, next)
		}
	}
	c.createdAt = c.terms[0].createdAt.Add(-time.Hour)
	if fate == deactivated {
		c.deactivatedAt = some(g.at(rng, g.ago(1)))
	}
}

// lastEnd is the day after the last term that has begun.
func (g *generator) lastEnd(rng *rand.Rand, fate, days int) time.Time {
	switch fate {
	case inGrace:
		return g.ago(rng.IntN(grace))
	case ended, scheduled, deactivated:
		return g.ago(grace + rng.IntN(60))
	case suspended:
		return g.today.AddDate(0, 0, 1+rng.IntN(days-2)) // begun the day before yesterday at the latest
	}
	return g.today.AddDate(0, 0, 1+rng.IntN(days))
}

// A period is the days of a term, and of them those that were a gift.
type period struct {
	start, end time.Time
	gift       int
}

// periods goes back from the end of the last until a year is covered, and returns them in the order of time.
func (g *generator) periods(rng *rand.Rand, length int, end time.Time) []period {
	var back []period
	for year := g.ago(days); len(back) == 0 || back[len(back)-1].start.After(year); {
		p := period{end: end}
		if chance(rng, 3) && len(back) > 0 {
			p.gift = 7
		}
		p.start = end.AddDate(0, 0, -length-p.gift)
		back = append(back, p)
		end = p.start
		if chance(rng, 4) { // renewed late
			end = end.AddDate(0, 0, -1-rng.IntN(9))
		}
	}
	slices.Reverse(back)
	return back
}

// newTerm sells a clinic a term, on the day before it begins or, the rest being queued, before today.
func (g *generator) newTerm(rng *rand.Rand, c *clinic, bought plan, extra int, p period) *term {
	day := p.start
	if day.After(g.today) {
		day = g.today
	}
	t := term{
		clinicID: c.id, id: (c.id-1)*termsPerClinic + int64(len(c.terms)) + 1, plan: bought, state: "live",
		start: p.start, end: p.end, extra: extra, createdAt: g.at(rng, day.AddDate(0, 0, -1)),
	}
	sold := t
	sold.end = t.end.AddDate(0, 0, -p.gift)
	t.events = []event{{kind: "created", at: t.createdAt, after: sold.standing(), key: keyOf(rng)}}
	if p.gift > 0 {
		t.events = append(t.events, event{
			kind: "extended", at: g.at(rng, p.start.AddDate(0, 0, 5)), reason: some("Sorry for the outage"),
			before: sold.standing(), after: t.standing(), key: keyOf(rng),
		})
	}
	t.pay(rng, g, "payment", t.createdAt, nil)
	c.terms = append(c.terms, t)
	return &c.terms[len(c.terms)-1]
}

// addRefunded sells a term that is given back before it begins; its days are free for the next.
func (g *generator) addRefunded(rng *rand.Rand, c *clinic, bought plan, p period) {
	t := g.newTerm(rng, c, bought, 0, period{start: p.start, end: p.start.AddDate(0, 0, bought.days)})
	t.createdAt = t.createdAt.AddDate(0, 0, -early)
	t.events[0].at, t.payments[0].at, t.payments[0].day = t.createdAt, t.createdAt, p.start.AddDate(0, 0, -early-1)
	closed := g.at(rng, p.start.AddDate(0, 0, -early+1))
	before, reason := t.standing(), some("Paid for the wrong plan")
	t.state, t.closeReason, t.closedAt = "closed", some("refunded"), &closed
	t.events = append(t.events, event{kind: "refunded", at: closed, reason: reason, before: before, after: t.standing(), key: keyOf(rng)})
	t.pay(rng, g, "refund", closed, reason)
}

// suspend freezes a term that has begun: its period ends on that day, and the days left are kept.
func (g *generator) suspend(rng *rand.Rand, t *term) {
	frozen := t.start.AddDate(0, 0, 1+rng.IntN(daysBetween(t.start, g.today)-1))
	left := daysBetween(frozen, t.end)
	before := t.standing()
	t.state, t.end, t.frozenOn, t.frozenDays = "suspended", frozen, &frozen, &left
	t.events = append(t.events, event{
		kind: "suspended", at: g.at(rng, frozen), reason: some("The clinic is closed for repairs"),
		before: before, after: t.standing(), key: keyOf(rng),
	})
}

// daysBetween counts civil days, which are kept as midnights of UTC: all of them have 24 hours.
func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

func (t *term) standing() *standing {
	return &standing{State: t.state, Start: t.start.Format(time.DateOnly), End: t.end.Format(time.DateOnly)}
}

// pay books money for the term.
func (t *term) pay(rng *rand.Rand, g *generator, kind string, at time.Time, reason *string) {
	method := one(rng, 20, 45, 20, 0, 5, 10)
	p := payment{
		id:   (t.clinicID-1)*paymentsPerClinic + (t.id-1)%termsPerClinic*2 + int64(len(t.payments)) + 1,
		kind: kind, amount: t.plan.price, method: g.reference.methods[method%len(g.reference.methods)],
		at: at, reason: reason, key: keyOf(rng),
	}
	y, m, d := at.In(g.zone).Date()
	p.day = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if method > 0 { // cash has none
		p.reference = some(digits(rng, 12))
	}
	t.payments = append(t.payments, p)
}
