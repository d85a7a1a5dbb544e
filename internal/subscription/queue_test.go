package subscription_test

import (
	"errors"
	"sync"
	"testing"

	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// TestSuspendingBeforeARenewal is what was refused once: the renewal waits, and moves along.
func TestSuspendingBeforeARenewal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, clinic := t.Context(), h.clinic("")
	first := h.sell(clinic, monthly, "")         // until 31 March
	second := h.sell(clinic, monthly, "")        // until 30 April
	third := h.sell(clinic, daily, "2026-05-10") // after a gap of ten days
	fourth := h.sell(clinic, monthly, "")        // from 11 May
	h.today("2026-03-11")
	_, err := h.Suspend(ctx, nadia, on(first))
	h.must(err)

	h.today("2026-04-20") // the renewal's days have come, and it waits
	standing := h.standing(clinic)
	if standing.Status != staff.ClinicSuspended || standing.Current.ID != first.ID || len(standing.Queue) != 3 || standing.Queue[0].Status != subscription.Upcoming {
		t.Errorf("while suspended: %+v", standing)
	}
	_, err = h.Resume(ctx, nadia, on(h.term(first)))
	h.must(err)
	for _, c := range []struct {
		term subscription.Term
		want string
	}{
		{first, "active 2026-03-01..2026-05-10 20 left"},
		{second, "upcoming 2026-05-10..2026-06-09 30 left"},
		{third, "upcoming 2026-06-19..2026-06-20 1 left"},
		{fourth, "upcoming 2026-06-20..2026-07-20 30 left"},
	} {
		if got := says(h.term(c.term)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := h.term(first).Days(); got != 30 {
		t.Errorf("the first serves %d days in all", got)
	}
	_, err = h.Extend(ctx, nadia, on(h.term(first)), 5)
	h.must(err)
	if got, want := says(h.term(second)), "upcoming 2026-05-15..2026-06-14 30 left"; got != want {
		t.Errorf("after extending: %s, want %s", got, want)
	}
}

// TestRefundingASuspendedTerm lets those behind it begin: today, if their day has passed meanwhile.
func TestRefundingASuspendedTerm(t *testing.T) {
	t.Parallel()
	for refundedOn, want := range map[string]string{
		"2026-03-20": "upcoming 2026-03-31..2026-04-30 30 left",
		"2026-03-31": "active 2026-03-31..2026-04-30 30 left",
		"2026-04-15": "active 2026-04-15..2026-05-15 30 left",
	} {
		t.Run(refundedOn, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			clinic := h.clinic("")
			first, second := h.sell(clinic, monthly, ""), h.sell(clinic, monthly, "")
			h.today("2026-03-11")
			_, err := h.Suspend(t.Context(), nadia, on(first))
			h.must(err)
			h.today(refundedOn)
			_, err = h.Refund(t.Context(), nadia, on(h.term(first)), 30000)
			h.must(err)
			if got := says(h.term(second)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got := h.term(first); got.Days() != 10 || got.Refundable().Minor != 20000 {
				t.Errorf("the first is %+v", got)
			}
		})
	}
}

func TestSuspendedOnItsFirstDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, clinic := t.Context(), h.clinic("")
	term := h.sell(clinic, monthly, "")
	next := h.sell(clinic, daily, "")
	term, err := h.Suspend(ctx, nadia, on(term))
	h.must(err)
	if got := says(term); got != "suspended 2026-03-01..2026-03-02 30 left" || term.Days() != 30 {
		t.Errorf("suspended: %s, %d days", got, term.Days())
	}
	term, err = h.Resume(ctx, nadia, on(term)) // the same day: as if nothing had been
	h.must(err)
	if got := says(term); got != "active 2026-03-01..2026-03-31 30 left" || h.term(next).Version != 1 {
		t.Errorf("resumed the same day: %s", got)
	}
	term, err = h.Suspend(ctx, nadia, on(term))
	h.must(err)
	h.today("2026-03-06")
	term, err = h.Resume(ctx, nadia, on(term))
	h.must(err)
	if got := says(term); got != "active 2026-03-01..2026-04-05 30 left" || term.Days() != 30 || term.PausedDays != 5 {
		t.Errorf("resumed: %s, %d days", got, term.Days())
	}
	h.today("2026-03-16")
	term, err = h.Suspend(ctx, nadia, on(term))
	h.must(err)
	if got := says(term); got != "suspended 2026-03-01..2026-03-16 20 left" || term.Days() != 30 {
		t.Errorf("suspended again: %s, %d days", got, term.Days())
	}
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, clinic := t.Context(), h.clinic("")
	h.sell(clinic, monthly, "2026-04-01") // until 1 May
	for start, want := range map[string]error{
		"2026-03-03": subscription.ErrOverlap, "2026-04-30": subscription.ErrOverlap, "2026-04-10": subscription.ErrOverlap,
	} {
		s := sale(clinic, monthly)
		s.Start = day(t, start)
		if _, err := h.Create(ctx, nadia, s); !errors.Is(err, want) {
			t.Errorf("from %s: %v, want %v", start, err, want)
		}
	}
	h.sell(clinic, monthly, "2026-03-02") // ends where the other begins
	h.sell(clinic, monthly, "2026-05-01") // begins where it ends
	if got := len(h.standing(clinic).Terms); got != 3 {
		t.Errorf("%d terms", got)
	}
}

// atOnce runs two changes at the same time and returns what came of them.
func atOnce(changes ...func() error) (won int, errs []error) {
	results := make([]error, len(changes))
	var all sync.WaitGroup
	for i, change := range changes {
		all.Go(func() { results[i] = change() })
	}
	all.Wait()
	for _, err := range results {
		if err == nil {
			won++
		} else {
			errs = append(errs, err)
		}
	}
	return won, errs
}

func TestTwoAdminsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	for range 5 {
		clinic := h.clinic("")
		term := h.sell(clinic, monthly, "")
		won, errs := atOnce(
			func() error { _, err := h.Suspend(ctx, nadia, on(term)); return err },
			func() error { _, err := h.Extend(ctx, karim, on(term), 10); return err },
			func() error { _, err := h.Refund(ctx, karim, on(term), 50000); return err },
			func() error { _, err := h.Cancel(ctx, nadia, on(term)); return err },
		)
		if won != 1 {
			t.Errorf("%d won", won)
		}
		for _, err := range errs {
			if !errors.Is(err, subscription.ErrStale) {
				t.Errorf("the others read %v", err)
			}
		}
		history, err := h.History(ctx, nadia, clinic)
		h.must(err)
		if len(history) != 1 || len(history[0].Events) != 2 {
			t.Errorf("the ledger has %+v", history)
		}
	}
}

// TestTwoSalesAtOnce: the same days asked for, the exclusion constraint answers; the same edition seen, the edition does;
// the same key, it is one sale.
func TestTwoSalesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	for name, c := range map[string]struct {
		prepare func(*subscription.Sale)
		won     int
		want    error
	}{
		"same days":    {func(s *subscription.Sale) { s.Start = day(t, "2026-03-05") }, 1, subscription.ErrOverlap},
		"same edition": {func(s *subscription.Sale) { s.Seen = 1 }, 1, subscription.ErrStale},
		"same key":     {func(s *subscription.Sale) { s.Key[0], s.Key[15] = 1, 1; clear(s.Key[1:15]) }, 4, nil},
	} {
		clinic := h.clinic("")
		var sales []func() error
		for range 4 {
			s := sale(clinic, monthly)
			c.prepare(&s)
			sales = append(sales, func() error { _, err := h.Create(ctx, nadia, s); return err })
		}
		won, errs := atOnce(sales...)
		if won != c.won || len(h.standing(clinic).Terms) != 1 {
			t.Errorf("%s: %d won, %d terms", name, won, len(h.standing(clinic).Terms))
		}
		for _, err := range errs {
			if !errors.Is(err, c.want) {
				t.Errorf("%s: the others read %v", name, err)
			}
		}
	}
}
