package reminder_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// TestYear lives through 400 days with many clinics whose terms are sold, suspended, resumed, extended, refunded and cancelled at
// random, through both changes of Cairo's clock and three days without the bot, and compares each letter with those of a model that
// keeps everything on paper. YEAR_CLINICS makes it large and has the bot look every hour.
func TestYear(t *testing.T) {
	t.Parallel()
	clinics, hours := 100, []int{10, 14, 20, 23}
	if given := os.Getenv("YEAR_CLINICS"); given != "" {
		clinics, _ = strconv.Atoi(given)
		hours = nil
		for hour := range 24 {
			hours = append(hours, hour)
		}
	}
	h := newHouse(t)
	y := &year{house: h, random: rand.New(rand.NewPCG(2026, uint64(clinics))), done: map[string]int{}, told: map[string]bool{}}
	y.populate(clinics)
	p := h.phone()
	start := day(t, "2026-03-01")
	letters := 0
	for n := range 400 {
		date := start.AddDate(0, 0, n)
		if n == 200 || n == 201 || n == 202 {
			y.act(5) // the world goes on
			continue
		}
		for _, hour := range hours {
			h.clock.Set(time.Date(date.Year(), date.Month(), date.Day(), hour, y.random.IntN(60), 0, 0, h.cairo))
			if hour == 10 || hour == 20 {
				y.act(1 + clinics/50)
			}
			want, got := y.tick(), p.tick()
			letters += len(got)
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: letters (-want +got)\n%s", h.clock.Now().In(h.cairo), diff)
			}
		}
	}
	for i, letter := range p.letters {
		zone := h.cairo
		if clinic := y.of(letter.Items[0].ClinicID); letter.To >= 100 {
			zone = clinic.zone
		}
		if hour := p.at[i].In(zone).Hour(); hour < 9 || hour > 20 {
			t.Errorf("a letter came at %v", p.at[i].In(zone))
		}
	}
	if letters < 5*clinics {
		t.Errorf("only %d letters in a year of %d clinics", letters, clinics)
	}
	t.Logf("%d clinics, %d letters", clinics, letters)
}

// A year is the model: clinics, their terms as they stand, and what has been put into letters.
type year struct {
	*house
	random  *rand.Rand
	clinics []*yearClinic
	done    map[string]int  // by term, end and person: the latest step
	told    map[string]bool // by clinic, term and day: that it has ended
	waiting []waiting
}

type yearClinic struct {
	id    int64
	name  string
	zone  *time.Location
	owner int64
	muted bool
	hour  int
	terms []subscription.Term
}

// waiting is a notification that was planned in quiet hours.
type waiting struct {
	to     int64
	clinic *yearClinic
	term   int64
	end    time.Time
	step   int
	alert  bool
	due    time.Time
}

func (y *year) of(id int64) *yearClinic {
	return y.clinics[slices.IndexFunc(y.clinics, func(c *yearClinic) bool { return c.id == id })]
}

// populate makes clinics in three zones; now and then one belongs to the owner of the one before. Two admins want no digest.
func (y *year) populate(clinics int) {
	y.admin(1, "en")
	y.admin(2, "ar")
	y.do(`UPDATE people SET reminders_muted = true`)
	zones := []string{"Africa/Cairo", "Africa/Cairo", "Asia/Riyadh", "Europe/London"}
	for i := range clinics {
		c := &yearClinic{name: fmt.Sprintf("Clinic %04d", i), owner: int64(100 + i), hour: 9 + y.random.IntN(12), muted: y.random.IntN(10) == 0}
		zone := zones[i/10%len(zones)]
		c.zone, _ = time.LoadLocation(zone)
		if i%10 > 0 && y.random.IntN(5) == 0 {
			before := y.clinics[i-1]
			c.owner, c.hour, c.muted = before.owner, before.hour, before.muted
		}
		c.id = y.clinic(c.name, zone, c.owner)
		y.do(`UPDATE people SET reminder_hour = $2, reminders_muted = $3 WHERE telegram_id = $1`, c.owner, c.hour, c.muted)
		y.clinics = append(y.clinics, c)
		y.change(c, y.sellSome)
	}
}

// act does something to clinics at random.
func (y *year) act(times int) {
	deeds := []func(*yearClinic) error{
		y.sellSome, y.sellSome, y.sellSome,
		y.onTerm(func(on subscription.Change) error { return second(y.house.terms.Suspend(y.t.Context(), nadia, on)) }),
		y.onTerm(func(on subscription.Change) error { return second(y.house.terms.Resume(y.t.Context(), nadia, on)) }),
		y.onTerm(func(on subscription.Change) error { return second(y.house.terms.Resume(y.t.Context(), nadia, on)) }),
		y.onTerm(func(on subscription.Change) error {
			return second(y.house.terms.Extend(y.t.Context(), nadia, on, 1+y.random.IntN(20)))
		}),
		y.onTerm(func(on subscription.Change) error { return second(y.house.terms.Refund(y.t.Context(), nadia, on, 1)) }),
		y.onTerm(func(on subscription.Change) error { return second(y.house.terms.Cancel(y.t.Context(), nadia, on)) }),
	}
	for range times {
		y.change(y.clinics[y.random.IntN(len(y.clinics))], deeds[y.random.IntN(len(deeds))])
	}
}

func second[T any](_ T, err error) error { return err }

// change does something that may well be refused, and looks at the clinic's terms afterwards.
func (y *year) change(c *yearClinic, do func(*yearClinic) error) {
	if do(c) != nil {
		return
	}
	standing, err := y.house.terms.CurrentOf(y.t.Context(), nadia, c.id)
	y.must(err)
	c.terms = standing.Terms
}

func (y *year) sellSome(c *yearClinic) error {
	sale := subscription.Sale{Key: db.NewKey(), ClinicID: c.id, PlanID: 1 + y.random.IntN(4), MethodID: 1}
	if y.random.IntN(6) == 0 { // with a gap, perhaps
		sale.Start = y.clock.Today(c.zone).AddDate(0, 0, 1+y.random.IntN(60))
	}
	return second(y.house.terms.Create(y.t.Context(), nadia, sale))
}

func (y *year) onTerm(do func(subscription.Change) error) func(*yearClinic) error {
	return func(c *yearClinic) error {
		if len(c.terms) == 0 {
			return subscription.ErrNotFound
		}
		return do(on(c.terms[max(0, len(c.terms)-1-y.random.IntN(2))]))
	}
}

// tick is what should come now.
func (y *year) tick() []string {
	now := y.clock.Now()
	for _, c := range y.clinics {
		for i := range c.terms {
			y.planTerm(c, &c.terms[i], now)
		}
		y.planEnd(c, now)
	}
	letters := map[string][]string{}
	kept := y.waiting[:0]
	for _, w := range y.waiting {
		zone := y.cairo
		if !w.alert {
			zone = w.clinic.zone
		}
		switch {
		case quiet(now.In(zone)):
			w.due = now // or later
			kept = append(kept, w)
		case w.alert && w.clinic.status(now) == staff.ClinicEnded:
			key := fmt.Sprintf("%d alert", w.to)
			letters[key] = append(letters[key], w.end.Format(time.DateOnly)+"|"+w.clinic.name+" "+cmp.Or(w.clinic.term(w.term).CloseReason, "expired"))
		case !w.alert && y.relevant(w):
			key := fmt.Sprintf("%d reminder", w.to)
			left := int(w.end.Sub(today(now, zone)) / (24 * time.Hour))
			letters[key] = append(letters[key], fmt.Sprintf("%s|%s %d", w.end.Format(time.DateOnly), w.clinic.name, left))
		}
	}
	y.waiting = kept
	var came []string
	for _, key := range slices.Sorted(maps.Keys(letters)) {
		slices.Sort(letters[key])
		for i, about := range letters[key] {
			_, letters[key][i], _ = strings.Cut(about, "|")
		}
		to, _, _ := strings.Cut(key, " ")
		came = append(came, to+": "+strings.Join(letters[key], ", "))
	}
	slices.Sort(came)
	return came
}

func quiet(t time.Time) bool { return t.Hour() < 9 || t.Hour() > 20 }

func today(now time.Time, zone *time.Location) time.Time {
	year, month, date := now.In(zone).Date()
	return time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
}

// planTerm notes the latest step of a term that is due.
func (y *year) planTerm(c *yearClinic, term *subscription.Term, now time.Time) {
	if term.State != "live" || c.suspended() {
		return
	}
	latest := -100
	for _, step := range []int{-30, -14, -7, -3, -1, 0, 1, 3, 7} {
		on := term.End.AddDate(0, 0, step)
		due := time.Date(on.Year(), on.Month(), on.Day(), c.hour, 0, 0, 0, c.zone)
		plan := []int{0, 30, 365, 7, 30}[term.PlanID]
		switch {
		case due.After(now), !due.After(now.AddDate(0, 0, -7)): // not yet, or not any more
		case step <= -14 && plan < 180, (step == -7 || step >= 3) && plan < 14: // not for such a plan
		case !on.After(term.Start): // before the term, or on its first day
		case c.muted && step != -1 && step != 0:
		case c.renewed(term.End, step):
		default:
			latest = step
		}
	}
	key := fmt.Sprintf("%d %s %d", term.ID, term.End, c.owner)
	if before, done := y.done[key]; latest == -100 || done && before >= latest {
		return
	}
	y.done[key] = latest
	y.waiting = append(y.waiting, waiting{to: c.owner, clinic: c, term: term.ID, end: term.End, step: latest})
}

// planEnd notes that a clinic has ended in the last days.
func (y *year) planEnd(c *yearClinic, now time.Time) {
	if c.status(now) != staff.ClinicEnded {
		return
	}
	var last *subscription.Term
	var since time.Time
	for i := range c.terms {
		term := &c.terms[i]
		over := term.End.AddDate(0, 0, []int{0, 7, 7, 2, 0}[term.PlanID])
		if term.State == "closed" {
			over = today(term.ClosedAt, c.zone)
		}
		if last == nil || over.After(since) || over.Equal(since) && term.ID > last.ID {
			last, since = term, over
		}
	}
	key := fmt.Sprintf("%d %d %s", c.id, last.ID, since)
	if day := today(now, c.zone); y.told[key] || since.After(day) || since.Before(day.AddDate(0, 0, -7)) {
		return
	}
	y.told[key] = true
	for _, admin := range []int64{1, 2} {
		y.waiting = append(y.waiting, waiting{to: admin, clinic: c, term: last.ID, end: since, alert: true})
	}
}

// relevant says whether a reminder that waited is still of use.
func (y *year) relevant(w waiting) bool {
	term := w.clinic.term(w.term)
	return term.State == "live" && term.End.Equal(w.end) && !w.clinic.suspended() && !w.clinic.renewed(w.end, w.step) &&
		y.done[fmt.Sprintf("%d %s %d", w.term, w.end, w.to)] == w.step
}

func (c *yearClinic) term(id int64) subscription.Term {
	return c.terms[slices.IndexFunc(c.terms, func(t subscription.Term) bool { return t.ID == id })]
}

func (c *yearClinic) suspended() bool {
	return slices.ContainsFunc(c.terms, func(t subscription.Term) bool { return t.State == "suspended" })
}

// renewed says whether a live term goes on where another ends; after the end, whether any later one was sold.
func (c *yearClinic) renewed(end time.Time, step int) bool {
	return slices.ContainsFunc(c.terms, func(t subscription.Term) bool {
		if t.State != "live" {
			return false
		}
		if step < 0 {
			return !t.Start.After(end) && t.End.After(end)
		}
		return t.End.After(end)
	})
}

func (c *yearClinic) status(now time.Time) staff.ClinicStatus {
	var held time.Time
	for _, term := range c.terms {
		if term.State == "suspended" {
			held = term.FrozenOn
		}
	}
	var statuses []subscription.Status
	for _, term := range c.terms {
		grace := []int{0, 7, 7, 2, 0}[term.PlanID]
		statuses = append(statuses, subscription.StatusOn(term.Decided, grace, held, today(now, c.zone)))
	}
	return subscription.ClinicStatusOn(false, statuses)
}
