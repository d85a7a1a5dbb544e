package subscription_test

import (
	"errors"
	"fmt"
	"testing"

	"vetalyze/db"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// become brings a new clinic's term to a status, and the clock to 15 March.
func become(h *house, status subscription.Status) subscription.Term {
	h.t.Helper()
	ctx, clinic := h.t.Context(), h.clinic("")
	var err error
	var term subscription.Term
	switch status {
	case subscription.Upcoming:
		h.today("2026-03-15")
		return h.sell(clinic, monthly, "2026-03-20")
	case subscription.Active:
		h.today("2026-03-01")
		term = h.sell(clinic, monthly, "")
	case subscription.Grace:
		h.today("2026-02-10")
		term = h.sell(clinic, monthly, "")
	case subscription.Ended:
		h.today("2026-01-15")
		term = h.sell(clinic, monthly, "")
	case subscription.Suspended:
		h.today("2026-03-01")
		term = h.sell(clinic, monthly, "")
		h.today("2026-03-05")
		term, err = h.Suspend(ctx, nadia, on(term))
	case subscription.Refunded:
		h.today("2026-03-01")
		term, err = h.Refund(ctx, nadia, on(h.sell(clinic, monthly, "")), 50000)
	case subscription.Cancelled:
		h.today("2026-03-01")
		term, err = h.Cancel(ctx, nadia, on(h.sell(clinic, monthly, "")))
	}
	h.must(err)
	h.today("2026-03-15")
	return h.term(term)
}

// TestEveryStatusAndAction does everything to a term in every status. The terms and their dates after are those of
// 15 March.
func TestEveryStatusAndAction(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	actions := []struct {
		name string
		do   func(subscription.Term) (subscription.Term, error)
	}{
		{"suspend", func(t subscription.Term) (subscription.Term, error) { return h.Suspend(ctx, nadia, on(t)) }},
		{"resume", func(t subscription.Term) (subscription.Term, error) { return h.Resume(ctx, nadia, on(t)) }},
		{"extend", func(t subscription.Term) (subscription.Term, error) { return h.Extend(ctx, nadia, on(t), 5) }},
		{"refund", func(t subscription.Term) (subscription.Term, error) { return h.Refund(ctx, nadia, on(t), 20000) }},
		{"cancel", func(t subscription.Term) (subscription.Term, error) { return h.Cancel(ctx, nadia, on(t)) }},
	}
	const (
		notActive, notSuspended = "not active", "not suspended"
		notRefundable, notOpen  = "not refundable", "not cancellable"
	)
	table := map[subscription.Status][5]string{ // in the order of the actions
		subscription.Upcoming: {
			notActive, notSuspended, notActive,
			"refunded 2026-03-20..2026-04-19 0 left", "cancelled 2026-03-20..2026-04-19 0 left",
		},
		subscription.Active: {
			"suspended 2026-03-01..2026-03-15 16 left", notSuspended, "active 2026-03-01..2026-04-05 21 left",
			"refunded 2026-03-01..2026-03-31 0 left", "cancelled 2026-03-01..2026-03-31 0 left",
		},
		subscription.Grace: {
			notActive, notSuspended, notActive, "refunded 2026-02-10..2026-03-12 0 left", notOpen,
		},
		subscription.Ended: {notActive, notSuspended, notActive, notRefundable, notOpen},
		subscription.Suspended: {
			notActive, "active 2026-03-01..2026-04-10 26 left", notActive,
			"refunded 2026-03-01..2026-03-05 0 left", notOpen,
		},
		subscription.Refunded:  {notActive, notSuspended, notActive, notRefundable, notOpen},
		subscription.Cancelled: {notActive, notSuspended, notActive, notRefundable, notOpen},
	}
	refusals := map[string]error{
		notActive: subscription.ErrNotActive, notSuspended: subscription.ErrNotSuspended,
		notRefundable: subscription.ErrNotRefundable, notOpen: subscription.ErrNotCancellable,
	}
	for _, status := range subscription.Statuses() {
		for i, action := range actions {
			term := become(h, status)
			if term.Status != status {
				t.Fatalf("is %s, want %s", term.Status, status)
			}
			want := table[status][i]
			after, err := action.do(term)
			if refusal, ok := refusals[want]; ok {
				var as *subscription.StatusError
				if !errors.Is(err, refusal) || !errors.As(err, &as) || as.Status != status {
					t.Errorf("%s %s: %v, want refused: %s", action.name, status, err, want)
				}
				if now := h.term(term); says(now) != says(term) || now.Version != term.Version {
					t.Errorf("%s %s: refused, and changed to %s", action.name, status, says(now))
				}
				continue
			}
			if err != nil || says(after) != want || says(h.term(term)) != want {
				t.Errorf("%s %s: %s, %v, want %s", action.name, status, says(after), err, want)
			}
		}
	}
}

// TestSellingBesideEveryStatus sells a second term to a clinic whose first is in every status, from no day said.
func TestSellingBesideEveryStatus(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for status, want := range map[subscription.Status]string{
		subscription.Upcoming:  "upcoming 2026-04-19..2026-05-19 30 left",
		subscription.Active:    "upcoming 2026-03-31..2026-04-30 30 left",
		subscription.Grace:     "active 2026-03-15..2026-04-14 30 left",
		subscription.Ended:     "active 2026-03-15..2026-04-14 30 left",
		subscription.Suspended: subscription.ErrOpenSuspension.Error(),
		subscription.Refunded:  "active 2026-03-15..2026-04-14 30 left",
		subscription.Cancelled: "active 2026-03-15..2026-04-14 30 left",
	} {
		term := become(h, status)
		next, err := h.Create(t.Context(), nadia, sale(term.ClinicID, monthly))
		got := says(next)
		if errors.Is(err, subscription.ErrOpenSuspension) {
			got = subscription.ErrOpenSuspension.Error()
		}
		if got != want {
			t.Errorf("beside %s: %s, want %s", status, got, want)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.today("2026-03-15")
	amount := func(minor int64) func(*subscription.Sale) {
		return func(s *subscription.Sale) { s.AmountMinor = &minor }
	}
	start := func(date string) func(*subscription.Sale) {
		return func(s *subscription.Sale) { s.Start = day(t, date) }
	}
	for name, c := range map[string]struct {
		change func(*subscription.Sale)
		want   error
	}{
		"nothing wrong":      {func(*subscription.Sale) {}, nil},
		"nothing paid":       {amount(0), nil},
		"paid more":          {amount(60000), nil},
		"a negative amount":  {amount(-1), subscription.ErrAmount},
		"an absurd amount":   {amount(subscription.MaxAmount + 1), subscription.ErrAmount},
		"yesterday":          {start("2026-03-14"), subscription.ErrStartPast},
		"today":              {start("2026-03-15"), nil},
		"in ten years":       {start("2036-03-22"), nil},
		"a day later":        {start("2036-03-23"), subscription.ErrStartFar},
		"no such plan":       {func(s *subscription.Sale) { s.PlanID = 99 }, subscription.ErrPlanRetired},
		"a retired plan":     {func(s *subscription.Sale) { s.PlanID = retired }, subscription.ErrPlanRetired},
		"no such method":     {func(s *subscription.Sale) { s.MethodID = 99 }, subscription.ErrMethodRetired},
		"no method":          {func(s *subscription.Sale) { s.MethodID = 0 }, subscription.ErrMethodRetired},
		"no such clinic":     {func(s *subscription.Sale) { s.ClinicID = 999 }, subscription.ErrNotFound},
		"fewer accounts":     {func(s *subscription.Sale) { s.ExtraAccounts = -1 }, subscription.ErrAccounts},
		"too many accounts":  {func(s *subscription.Sale) { s.ExtraAccounts = 10001 }, subscription.ErrAccounts},
		"a long reference":   {func(s *subscription.Sale) { s.Reference = fmt.Sprintf("%0101d", 1) }, subscription.ErrReference},
		"a broken reference": {func(s *subscription.Sale) { s.Reference = "a\x00b" }, subscription.ErrReference},
		"a forged reference": {func(s *subscription.Sale) { s.Reference = "a\u202eb" }, subscription.ErrReference},
		"a long comment":     {func(s *subscription.Sale) { s.Comment = fmt.Sprintf("%01001d", 1) }, subscription.ErrComment},
		"another edition":    {func(s *subscription.Sale) { s.Seen = 7 }, subscription.ErrStale},
		"the edition seen":   {func(s *subscription.Sale) { s.Seen = 1 }, nil},
	} {
		s := sale(h.clinic(""), monthly)
		c.change(&s)
		if _, err := h.Create(t.Context(), nadia, s); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want != nil && c.want != subscription.ErrNotFound && len(h.standing(s.ClinicID).Terms) > 0 {
			t.Errorf("%s: refused, and sold", name)
		}
	}
}

func TestWhatChangesRefuse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	term := h.sell(h.clinic(""), monthly, "")
	other := h.sell(h.clinic(""), monthly, "")
	change := func(c func(*subscription.Change)) subscription.Change {
		made := on(term)
		c(&made)
		return made
	}
	for name, c := range map[string]struct {
		change subscription.Change
		want   error
	}{
		"no comment":            {change(func(c *subscription.Change) { c.Comment = " \n " }), subscription.ErrComment},
		"a comment too long":    {change(func(c *subscription.Change) { c.Comment = fmt.Sprintf("%01001d", 1) }), subscription.ErrComment},
		"a comment of bytes":    {change(func(c *subscription.Change) { c.Comment = "\xff" }), subscription.ErrComment},
		"a version passed":      {change(func(c *subscription.Change) { c.Version = 0 }), subscription.ErrStale},
		"a version to come":     {change(func(c *subscription.Change) { c.Version = 2 }), subscription.ErrStale},
		"no such term":          {change(func(c *subscription.Change) { c.TermID = 999 }), subscription.ErrNotFound},
		"no such clinic":        {change(func(c *subscription.Change) { c.ClinicID = 999 }), subscription.ErrNotFound},
		"another clinic's term": {change(func(c *subscription.Change) { c.TermID = other.ID }), subscription.ErrNotFound},
	} {
		if _, err := h.Suspend(ctx, nadia, c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for amount, want := range map[int64]error{
		0: subscription.ErrAmount, -5: subscription.ErrAmount, 50001: subscription.ErrRefundTooMuch, 1 << 60: subscription.ErrAmount,
	} {
		if _, err := h.Refund(ctx, nadia, on(term), amount); !errors.Is(err, want) {
			t.Errorf("refund %d: %v, want %v", amount, err, want)
		}
	}
	for _, days := range []int{0, -1, 91} {
		if _, err := h.Extend(ctx, nadia, on(term), days); !errors.Is(err, subscription.ErrDays) {
			t.Errorf("extend by %d: %v", days, err)
		}
	}
	long := h.sell(h.clinic(""), endless, "")
	if _, err := h.Extend(ctx, nadia, on(long), 1); !errors.Is(err, subscription.ErrDays) {
		t.Errorf("extend past what a term may have: %v", err)
	}
	if _, err := h.Refund(ctx, nadia, on(long), 1); !errors.Is(err, subscription.ErrRefundTooMuch) {
		t.Errorf("refund what was free: %v", err)
	}
	if now := h.term(term); now.Version != 1 || now.Status != subscription.Active {
		t.Errorf("after all refusals: %+v", now)
	}
}

func TestOnlyAdmins(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	term := h.sell(h.clinic(""), monthly, "")
	member := staff.Member{ClinicID: term.ClinicID, Role: staff.RoleClinicOwner, Access: staff.AccessFull}
	for name, by := range map[string]staff.Speaker{
		"a stranger":     {TelegramID: 9},
		"a clinic owner": {TelegramID: 9, Member: &member},
		"a forged admin": {TelegramID: 9, Member: &staff.Member{ClinicID: term.ClinicID, Role: staff.RoleAdmin, Access: staff.AccessFull}},
	} {
		for doing, do := range map[string]func() error{
			"sell":    func() error { _, err := h.Create(ctx, by, sale(term.ClinicID, monthly)); return err },
			"suspend": func() error { _, err := h.Suspend(ctx, by, on(term)); return err },
			"resume":  func() error { _, err := h.Resume(ctx, by, on(term)); return err },
			"extend":  func() error { _, err := h.Extend(ctx, by, on(term), 1); return err },
			"refund":  func() error { _, err := h.Refund(ctx, by, on(term), 1); return err },
			"cancel":  func() error { _, err := h.Cancel(ctx, by, on(term)); return err },
			"look":    func() error { _, err := h.CurrentOf(ctx, by, term.ClinicID); return err },
			"history": func() error { _, err := h.History(ctx, by, term.ClinicID); return err },
			"month":   func() error { _, err := h.MonthChanges(ctx, by, term.Start, nil, subscription.Event{}, 9); return err },
			"by end":  func() error { _, err := h.ByEnd(ctx, by, subscription.OpenTerm{}, 9); return err },
			"clinics": func() error {
				_, err := h.ClinicPage(ctx, by, subscription.Filter{}, subscription.ClinicMark{}, 9)
				return err
			},
			"deactivate": func() error { return h.Deactivate(ctx, by, term.ClinicID) },
			"reactivate": func() error { return h.Reactivate(ctx, by, term.ClinicID) },
			"delete":     func() error { return h.Delete(ctx, by, term.ClinicID) },
		} {
			if err := do(); !errors.Is(err, staff.ErrNotAllowed) {
				t.Errorf("%s, %s: %v", name, doing, err)
			}
		}
	}
}

// TestPressedTwice repeats every change under its key: nothing happens again, whatever has happened between.
func TestPressedTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, clinic := t.Context(), h.clinic("")
	sold := sale(clinic, monthly)
	term, err := h.Create(ctx, nadia, sold)
	h.must(err)
	next, err := h.Create(ctx, nadia, subscription.Sale{Key: db.NewKey(), ClinicID: clinic, PlanID: daily})
	h.must(err)
	suspend, resume, extend, refund, cancel := on(term), on(term), on(term), on(term), on(next)
	resume.Version, extend.Version, refund.Version, cancel.Version = 2, 3, 4, 2 // the next term moves along once
	steps := []struct {
		name string
		do   func() (subscription.Term, error)
	}{
		{"sell", func() (subscription.Term, error) { return h.Create(ctx, nadia, sold) }},
		{"suspend", func() (subscription.Term, error) { return h.Suspend(ctx, nadia, suspend) }},
		{"resume", func() (subscription.Term, error) { return h.Resume(ctx, nadia, resume) }},
		{"extend", func() (subscription.Term, error) { return h.Extend(ctx, nadia, extend, 3) }},
		{"cancel", func() (subscription.Term, error) { return h.Cancel(ctx, nadia, cancel) }},
		{"refund", func() (subscription.Term, error) { return h.Refund(ctx, nadia, refund, 50000) }},
	}
	for _, step := range steps {
		if _, err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	before := h.standing(clinic)
	for _, step := range steps {
		if _, err := step.do(); err != nil {
			t.Errorf("%s again: %v", step.name, err)
		}
	}
	after := h.standing(clinic)
	if before.Edition != after.Edition || len(after.Terms) != 2 || after.Terms[0].Refunded.Minor != 50000 {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
}
