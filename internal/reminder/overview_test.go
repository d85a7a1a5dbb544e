package reminder_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/reminder"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// A drawn is a clinic made at random, as it is stored.
type drawn struct {
	id          int64
	zone        *time.Location
	deactivated bool
	owner       string // reached, blocked, stopped, invited
	terms       []drawnTerm
}

type drawnTerm struct {
	subscription.Decided
	grace    int
	closedAt time.Time
}

// drawClinic makes a clinic with terms one behind the other, some of them touching, around a day.
func drawClinic(r *rapid.T, id int64, now time.Time) drawn {
	zone := rapid.SampledFrom([]string{"Africa/Cairo", "Asia/Kuwait", "Pacific/Auckland", "America/Los_Angeles"}).Draw(r, "zone")
	location, err := time.LoadLocation(zone)
	if err != nil {
		r.Fatal(err)
	}
	c := drawn{id: id, zone: location, owner: rapid.SampledFrom([]string{"reached", "reached", "blocked", "stopped", "invited"}).Draw(r, "owner")}
	at := now.Truncate(24*time.Hour).AddDate(0, 0, rapid.IntRange(-50, 5).Draw(r, "begin"))
	suspended := false
	for range rapid.IntRange(0, 4).Draw(r, "terms") {
		at = at.AddDate(0, 0, rapid.SampledFrom([]int{0, 0, 0, 1, 4, 9}).Draw(r, "gap"))
		term := drawnTerm{grace: rapid.SampledFrom([]int{0, 3, 7}).Draw(r, "grace")}
		term.Start, term.State = at, "live"
		at = at.AddDate(0, 0, rapid.IntRange(1, 20).Draw(r, "days"))
		term.End = at
		switch what := rapid.IntRange(0, 9).Draw(r, "state"); {
		case what == 0 && !suspended:
			term.State, term.FrozenOn, term.FrozenDays, suspended = "suspended", term.End, 5, true
		case what <= 2:
			term.State, term.CloseReason = "closed", rapid.SampledFrom([]string{"refunded", "cancelled"}).Draw(r, "reason")
			term.closedAt = now.Add(-time.Duration(rapid.IntRange(0, 24*12).Draw(r, "closed hours ago")) * time.Hour)
		}
		c.terms = append(c.terms, term)
	}
	c.deactivated = !suspended && rapid.IntRange(0, 15).Draw(r, "deactivated") == 0
	return c
}

func (c drawn) today(now time.Time) time.Time { return clock.At(now).Today(c.zone) }

// on is what the clinic's terms are on a day, and so the clinic. Of the past, closed terms tell nothing: they are left out.
func (c drawn) on(day time.Time, closedToo bool) (terms []subscription.Status, clinic staff.ClinicStatus) {
	var held time.Time
	for _, term := range c.terms {
		if term.State == "suspended" {
			held = term.FrozenOn
		}
	}
	for _, term := range c.terms {
		if term.State != "closed" || closedToo {
			terms = append(terms, subscription.StatusOn(term.Decided, term.grace, held, day))
		}
	}
	return terms, subscription.ClinicStatusOn(c.deactivated, terms)
}

// An entry is where a clinic stands in the overview.
type entry struct {
	Section reminder.Section
	Days    int
	Clinic  int64
	Joined  bool
}

// entries is where the rule of package subscription, asked day by day, puts a clinic.
func (c drawn) entries(now time.Time) (entries []entry) {
	today := c.today(now)
	add := func(section reminder.Section, days int) {
		entries = append(entries, entry{Section: section, Days: days, Clinic: c.id})
	}
	statuses, clinic := c.on(today, true)
	until := 1 // the first day on which it is something else
	for {
		if _, then := c.on(today.AddDate(0, 0, until), true); then != clinic || until > 90 {
			break
		}
		until++
	}
	switch clinic {
	case staff.ClinicActive:
		for i, term := range c.terms {
			if statuses[i] == subscription.Active && term.Start.Equal(today) {
				add(reminder.SectionStarting, 0)
			}
		}
		if until <= 7 {
			add(reminder.SectionEnding, until)
		}
	case staff.ClinicGrace:
		add(reminder.SectionGrace, until)
	case staff.ClinicEnded:
		since := 0 // the day after the last on which something of a term was left
		for since > -100 {
			if _, before := c.on(today.AddDate(0, 0, since-1), false); before != staff.ClinicEnded && before != staff.ClinicInactive {
				break
			}
			since--
		}
		for _, term := range c.terms {
			if term.State == "closed" {
				closed := clock.At(term.closedAt).Today(c.zone)
				since = max(since, -int(today.Sub(closed)/(24*time.Hour)))
			}
		}
		if since > -7 {
			add(reminder.SectionEnded, since)
		}
	}
	for _, e := range slices.Clone(entries) {
		if e.Section != reminder.SectionStarting && c.owner != "reached" {
			e.Section, e.Joined = reminder.SectionUnreachable, c.owner == "blocked"
			entries = append(entries, e)
		}
	}
	return entries
}

// store puts clinics into the place of all that were there.
func store(r *rapid.T, root *pgx.Conn, clinics []drawn) {
	batch := &pgx.Batch{}
	for _, table := range []string{"subscriptions", "staff", "people", "clinics"} {
		batch.Queue("DELETE FROM " + table)
	}
	for _, c := range clinics {
		batch.Queue(`INSERT INTO clinics (clinic_id, name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
			VALUES ($1, 'Clinic', 'Hany Nabil', '+201000000000', 'EG', $2, gen_random_uuid(), 1)`, c.id, c.zone.String())
		batch.Queue(`INSERT INTO people (telegram_id, language, unreachable_since) VALUES ($1, 'en', CASE WHEN $2 THEN now() END)`,
			c.id, c.owner == "blocked")
		batch.Queue(`INSERT INTO staff (clinic_id, role, full_name, phone, invited_by, telegram_id, joined_at, stopped_at, stopped_by)
			VALUES ($1, 'clinic_owner', 'Hany Nabil', '+201000000000', 1, CASE WHEN $2 THEN $1::bigint END, CASE WHEN $2 THEN now() END,
			        CASE WHEN $3 THEN now() END, CASE WHEN $3 THEN 1 END)`, c.id, c.owner != "invited", c.owner == "stopped")
		for _, t := range c.terms {
			batch.Queue(`INSERT INTO subscriptions (clinic_id, state, period, plan_id, plan_name_en, plan_name_ar, duration_days, accounts,
				                            price_minor, currency, grace_days, frozen_on, frozen_days, close_reason, closed_at, created_by)
				VALUES ($1, $2, daterange($3, $4), 1, 'Monthly', 'شهري', 30, 3, 0, 'EGP', $5, $6, $7, $8, $9, 1)`,
				c.id, t.State, t.Start, t.End, t.grace, unlessZero(t.FrozenOn), unlessZero(t.FrozenDays), unlessZero(t.CloseReason), unlessZero(t.closedAt))
		}
		if c.deactivated {
			batch.Queue(`UPDATE clinics SET deactivated_at = now() WHERE clinic_id = $1`, c.id)
		}
	}
	if err := root.SendBatch(context.Background(), batch).Close(); err != nil {
		r.Fatal(err)
	}
}

func unlessZero[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

// TestOverviewFollowsTheRule draws clinics in several zones and holds the sections, their numbers and every page against what
// subscription.StatusOn and ClinicStatusOn say, day by day.
func TestOverviewFollowsTheRule(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	root, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer root.Close(context.Background())
	_, err = root.Exec(t.Context(), `INSERT INTO plans (plan_id, name_en, name_ar, duration_days, accounts, price_minor, currency)
		VALUES (1, 'Monthly', 'شهري', 30, 3, 0, 'EGP')`)
	must(t, err)
	database, err := db.Open(t.Context(), url)
	must(t, err)
	defer database.Close()
	now := clock.At(time.Time{})
	reminders := reminder.New(reminder.Config{DB: database, Clock: now, Zone: time.UTC})
	rapid.Check(t, func(r *rapid.T) {
		at := time.Date(2026, time.April, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 24*8).Draw(r, "hours")) * time.Hour)
		now.Set(at) // on the 24th Cairo's clocks go forward
		var clinics []drawn
		var want []entry
		counts := map[reminder.Section]int{reminder.SectionStarting: 0, reminder.SectionEnding: 0, reminder.SectionGrace: 0, reminder.SectionEnded: 0, reminder.SectionUnreachable: 0}
		for i := range rapid.IntRange(0, 12).Draw(r, "clinics") {
			clinics = append(clinics, drawClinic(r, int64(i+1), at))
			want = append(want, clinics[i].entries(at)...)
		}
		for _, e := range want {
			counts[e.Section]++
		}
		store(r, root, clinics)
		size := rapid.IntRange(1, 5).Draw(r, "page")
		var got []entry
		var after reminder.Place
		for {
			page, err := reminders.Overview(context.Background(), nadia, after, size)
			if err != nil {
				r.Fatal(err)
			}
			if diff := gocmp.Diff(counts, page.Counts); diff != "" || page.Empty() != (len(want) == 0) || page.All() != len(want) {
				r.Fatalf("numbers (-want +got):\n%s", diff)
			}
			for _, c := range page.Clinics {
				if !ordered(after, c) {
					r.Fatalf("%v stands behind %v", c.Place, after)
				}
				after = c.Place
				got = append(got, entry{Section: c.Section, Days: c.Days, Clinic: c.ClinicID, Joined: c.Joined})
			}
			if !page.More {
				break
			}
		}
		inOrder := func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.Section, b.Section), cmp.Compare(a.Clinic, b.Clinic))
		}
		slices.SortFunc(want, inOrder)
		slices.SortFunc(got, inOrder)
		if diff := gocmp.Diff(want, got); diff != "" {
			r.Fatalf("clinics (-want +got):\n%s\nof %+v", diff, clinics)
		}
	})
}

// ordered says whether a clinic may follow a place: the first to end comes first, of what has ended the last.
func ordered(before reminder.Place, c reminder.OverviewClinic) bool {
	return cmp.Or(cmp.Compare(before.Section, c.Section), cmp.Compare(before.Key, c.Key), cmp.Compare(before.ClinicID, c.ClinicID)) < 0
}

func TestOverviewIsForAdmins(t *testing.T) {
	t.Parallel()
	reminders := reminder.New(reminder.Config{DB: pgtest.New(t), Clock: clock.System(), Zone: time.UTC})
	for name, speaker := range map[string]staff.Speaker{
		"a stranger":     {TelegramID: 2},
		"a clinic owner": {TelegramID: 3, Member: &staff.Member{Role: staff.RoleClinicOwner, Access: staff.AccessFull}},
	} {
		if _, err := reminders.Overview(t.Context(), speaker, reminder.Place{}, 1); !errors.Is(err, staff.ErrNotAllowed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t)
	reminders := reminder.New(reminder.Config{DB: database, Clock: clock.System(), Zone: time.UTC, DigestHour: 11})
	_, err := staff.New(database, clock.System()).Find(t.Context(), nadia.TelegramID, "en")
	must(t, err)
	holds := func(want reminder.Settings) {
		t.Helper()
		if got, err := reminders.Settings(t.Context(), nadia); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	holds(reminder.Settings{Hour: 11}) // the digests', as none was chosen
	for hour := -1; hour <= 24; hour++ {
		fits := hour >= reminder.FirstHour && hour <= reminder.LastHour
		if _, err := reminders.Change(t.Context(), nadia, reminder.Change{Hour: &hour}); (err == nil) != fits || !fits && !errors.Is(err, reminder.ErrHour) {
			t.Errorf("%d o'clock: %v", hour, err)
		}
	}
	muted := true
	_, err = reminders.Change(t.Context(), nadia, reminder.Change{Muted: &muted})
	must(t, err)
	holds(reminder.Settings{Hour: reminder.LastHour, Muted: true})
	sara := staff.Speaker{TelegramID: 2, Member: &staff.Member{Role: staff.RoleReceptionist, Access: staff.AccessFull}}
	if _, err := reminders.Change(t.Context(), sara, reminder.Change{Muted: &muted}); !errors.Is(err, staff.ErrNotAllowed) {
		t.Errorf("a receptionist: %v", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
