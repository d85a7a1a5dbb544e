package subscription_test

import (
	"fmt"
	"os"
	"testing"
	"time"
	_ "time/tzdata"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// The admins of the tests.
var (
	nadia = staff.Speaker{TelegramID: 1, Admin: true}
	karim = staff.Speaker{TelegramID: 2, Admin: true}
)

// The plans of every house.
const (
	monthly int = 1 + iota // 30 days, 3 accounts, 500.00 EGP, 7 days of grace
	graceless
	daily
	endless
	retired
)

// A house is a database with plans, in which clinics are made.
type house struct {
	*subscription.Subscriptions
	t     testing.TB
	db    *db.DB
	clock *clock.Clock
}

// newHouse opens on 1 March 2026, ten in the morning in Cairo.
func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t), clock: clock.At(day(t, "2026-03-01").Add(8 * time.Hour))}
	h.Subscriptions = subscription.New(h.db, h.clock)
	h.do(`INSERT INTO plans (plan_id, name_en, name_ar, duration_days, accounts, price_minor, currency, grace_days, retired_at)
	      VALUES (1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP', 7, NULL), (2, 'Graceless', 'بلا مهلة', 30, 3, 50000, 'EGP', 0, NULL),
	             (3, 'Daily', 'يومي', 1, 1, 0, 'KWD', 2, NULL), (4, 'Endless', 'طويل', 3660, 9, 0, 'EGP', 7, NULL),
	             (5, 'Old', 'قديم', 30, 3, 50000, 'EGP', 7, now())`)
	return h
}

func (h *house) do(sql string, args ...any) {
	h.t.Helper()
	_, err := h.db.Platform().Exec(h.t.Context(), sql, args...)
	h.must(err)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// clinic makes one in a zone; empty: Cairo's.
func (h *house) clinic(zone string) (id int64) {
	h.t.Helper()
	if zone == "" {
		zone = "Africa/Cairo"
	}
	h.must(h.db.Platform().QueryRow(h.t.Context(), `
		INSERT INTO clinics (name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
		VALUES ('Clinic', 'Hany Nabil', '+201000000000', 'EG', $1, gen_random_uuid(), 1) RETURNING clinic_id`, zone).Scan(&id))
	return id
}

// today moves the clock to noon UTC of a day.
func (h *house) today(date string) { h.clock.Set(day(h.t, date).Add(12 * time.Hour)) }

func sale(clinicID int64, planID int) subscription.Sale {
	return subscription.Sale{Key: db.NewKey(), ClinicID: clinicID, PlanID: planID, MethodID: 1}
}

// sell sells a clinic a term from a day on; empty: by default.
func (h *house) sell(clinicID int64, planID int, start string) subscription.Term {
	h.t.Helper()
	s := sale(clinicID, planID)
	if start != "" {
		s.Start = day(h.t, start)
	}
	term, err := h.Create(h.t.Context(), nadia, s)
	h.must(err)
	return term
}

func on(term subscription.Term) subscription.Change {
	return subscription.Change{
		Key: db.NewKey(), ClinicID: term.ClinicID, TermID: term.ID, Version: term.Version, Comment: "as agreed",
	}
}

func (h *house) standing(clinicID int64) subscription.Standing {
	h.t.Helper()
	standing, err := h.CurrentOf(h.t.Context(), nadia, clinicID)
	h.must(err)
	return standing
}

// term is the term as it is now.
func (h *house) term(t subscription.Term) subscription.Term {
	h.t.Helper()
	for _, now := range h.standing(t.ClinicID).Terms {
		if now.ID == t.ID {
			return now
		}
	}
	h.t.Fatalf("term %d is gone", t.ID)
	return t
}

func day(t testing.TB, date string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// says writes a term as tests read it: its status, its days, the days left.
func says(t subscription.Term) string {
	return fmt.Sprintf("%s %s..%s %d left", t.Status, t.Start.Format(time.DateOnly), t.End.Format(time.DateOnly), t.DaysLeft)
}
