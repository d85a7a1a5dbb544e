package subscription_test

import (
	"testing"
	"time"

	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// TestTheRuleInBothLanguages holds term_status in SQL and StatusOn in Go equal: every kind of term on every day around its
// edges.
func TestTheRuleInBothLanguages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	start, end := day(t, "2026-04-20"), day(t, "2026-05-20")
	var none time.Time
	for _, term := range []subscription.Decided{
		{State: "live"},
		{State: "suspended", FrozenOn: end, FrozenDays: 3},
		{State: "closed", CloseReason: "refunded"},
		{State: "closed", CloseReason: "cancelled"},
	} {
		term.Start, term.End = start, end
		for _, grace := range []int{0, 1, 7, 90} {
			for _, held := range []time.Time{none, start.AddDate(0, 0, -1), start, start.AddDate(0, 0, 1)} {
				for offset := -2; offset < 130; offset++ {
					today := start.AddDate(0, 0, offset)
					want := subscription.StatusOn(term, grace, held, today)
					var got string
					var heldFrom, reason any
					if !held.IsZero() {
						heldFrom = held
					}
					if term.CloseReason != "" {
						reason = term.CloseReason
					}
					h.must(h.db.Platform().QueryRow(t.Context(),
						`SELECT term_status($1, $2, daterange($3::date, $4::date), $5, $6::date, $7::date)`,
						term.State, reason, start, end, grace, heldFrom, today).Scan(&got))
					if got != string(want) {
						t.Fatalf("%+v, grace %d, held from %s, on %s: %s in SQL, %s in Go", term, grace, held, today, got, want)
					}
				}
			}
		}
	}
}

// TestTheRule is the rule itself, in days.
func TestTheRule(t *testing.T) {
	t.Parallel()
	term := subscription.Decided{State: "live", Start: day(t, "2026-03-01"), End: day(t, "2026-03-31")}
	for date, want := range map[string]subscription.Status{
		"2026-02-28": subscription.Upcoming, "2026-03-01": subscription.Active, "2026-03-30": subscription.Active,
		"2026-03-31": subscription.Grace, "2026-04-06": subscription.Grace, "2026-04-07": subscription.Ended,
	} {
		if got := subscription.StatusOn(term, 7, time.Time{}, day(t, date)); got != want {
			t.Errorf("with seven days of grace on %s: %s, want %s", date, got, want)
		}
	}
	if got := subscription.StatusOn(term, 0, time.Time{}, day(t, "2026-03-31")); got != subscription.Ended {
		t.Errorf("without grace after the last day: %s", got)
	}
}

// TestEveryStandingAndAccess brings a clinic into every standing and asks who speaks: what they may follows.
func TestEveryStandingAndAccess(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	people := staff.New(h.db, h.clock)
	for i, c := range []struct {
		name   string
		clinic func() int64
		want   staff.Standing
		access staff.Access
	}{
		{"never had a term", func() int64 { return h.clinic("") }, staff.Standing{Status: staff.ClinicInactive}, staff.AccessRead},
		{
			"upcoming", func() int64 { return become(h, subscription.Upcoming).ClinicID },
			staff.Standing{Status: staff.ClinicScheduled, Until: day(t, "2026-03-20")},
			staff.AccessRead,
		},
		{
			"active", func() int64 { return become(h, subscription.Active).ClinicID },
			staff.Standing{Status: staff.ClinicActive, Until: day(t, "2026-03-31")},
			staff.AccessFull,
		},
		{
			"active with the next", func() int64 {
				clinic := become(h, subscription.Active).ClinicID
				h.sell(clinic, monthly, "")
				return clinic
			},
			staff.Standing{Status: staff.ClinicActive, Until: day(t, "2026-04-30")},
			staff.AccessFull,
		},
		{
			"grace", func() int64 { return become(h, subscription.Grace).ClinicID },
			staff.Standing{Status: staff.ClinicGrace, Until: day(t, "2026-03-19")},
			staff.AccessGrace,
		},
		{
			"grace with the next", func() int64 {
				clinic := become(h, subscription.Grace).ClinicID
				h.sell(clinic, monthly, "2026-03-25")
				return clinic
			},
			staff.Standing{Status: staff.ClinicGrace, Until: day(t, "2026-03-19")},
			staff.AccessGrace,
		},
		{
			"ended", func() int64 { return become(h, subscription.Ended).ClinicID },
			staff.Standing{Status: staff.ClinicEnded},
			staff.AccessRead,
		},
		{
			"suspended", func() int64 { return become(h, subscription.Suspended).ClinicID },
			staff.Standing{Status: staff.ClinicSuspended},
			staff.AccessRead,
		},
		{
			"refunded", func() int64 { return become(h, subscription.Refunded).ClinicID },
			staff.Standing{Status: staff.ClinicEnded},
			staff.AccessRead,
		},
		{
			"deactivated", func() int64 {
				clinic := become(h, subscription.Ended).ClinicID
				h.must(h.Deactivate(ctx, nadia, clinic))
				return clinic
			},
			staff.Standing{Status: staff.ClinicDeactivated},
			staff.AccessNone,
		},
	} {
		h.today("2026-03-15")
		clinic, person := c.clinic(), int64(1000+i)
		h.do(`INSERT INTO staff (clinic_id, role, full_name, phone, invited_by, telegram_id, joined_at)
		      VALUES ($1, 'receptionist', 'Mona', '+201000000001', 1, $2, now())`, clinic, person)
		speaker, err := people.Find(ctx, person, "en")
		h.must(err)
		if got := speaker.Member; got.Standing != c.want || got.Access != c.access {
			t.Errorf("%s: %+v with access %d, want %+v with %d", c.name, got.Standing, got.Access, c.want, c.access)
		}
		if got := h.standing(clinic).Status; got != c.want.Status {
			t.Errorf("%s: the standing says %s", c.name, got)
		}
	}
}

// TestAccessFollowsAtOnce changes a clinic under its receptionist's hands.
func TestAccessFollowsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	people := staff.New(h.db, h.clock)
	term := h.sell(h.clinic(""), monthly, "")
	h.do(`INSERT INTO staff (clinic_id, role, full_name, phone, invited_by, telegram_id, joined_at)
	      VALUES ($1, 'receptionist', 'Mona', '+201000000001', 1, 1000, now())`, term.ClinicID)
	may := func() bool {
		speaker, err := people.Find(ctx, 1000, "en")
		h.must(err)
		return speaker.May(staff.RightWriteRegistry) && speaker.May(staff.RightReadRegistry)
	}
	if !may() {
		t.Error("may not write in an active clinic")
	}
	term, err := h.Suspend(ctx, nadia, on(term))
	h.must(err)
	if may() {
		t.Error("may write in a suspended clinic")
	}
	_, err = h.Resume(ctx, nadia, on(term))
	h.must(err)
	if !may() {
		t.Error("may not write in a resumed clinic")
	}
	h.clock.Set(time.Date(2026, 4, 6, 21, 59, 59, 0, time.UTC)) // the last second of grace
	if !may() {
		t.Error("may not write in grace")
	}
	h.clock.Advance(time.Second)
	if may() {
		t.Error("may write after grace")
	}
}
