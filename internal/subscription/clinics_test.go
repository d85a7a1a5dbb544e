package subscription_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

func TestDeactivatingAndDeleting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	for status, want := range map[subscription.Status][2]error{
		subscription.Upcoming:  {subscription.ErrHasTerm, subscription.ErrHadTerm},
		subscription.Active:    {subscription.ErrHasTerm, subscription.ErrHadTerm},
		subscription.Suspended: {subscription.ErrHasTerm, subscription.ErrHadTerm},
		subscription.Grace:     {nil, subscription.ErrHadTerm},
		subscription.Ended:     {nil, subscription.ErrHadTerm},
		subscription.Refunded:  {nil, subscription.ErrHadTerm},
		subscription.Cancelled: {nil, subscription.ErrHadTerm},
	} {
		clinic := become(h, status).ClinicID
		for range 2 {
			if err := h.Deactivate(ctx, nadia, clinic); !errors.Is(err, want[0]) {
				t.Errorf("deactivate, %s: %v", status, err)
			}
		}
		if err := h.Delete(ctx, nadia, clinic); !errors.Is(err, want[1]) {
			t.Errorf("delete, %s: %v", status, err)
		}
		if want[0] != nil {
			continue
		}
		if _, err := h.Create(ctx, nadia, sale(clinic, monthly)); !errors.Is(err, subscription.ErrDeactivated) {
			t.Errorf("sell to a deactivated clinic: %v", err)
		}
		h.must(h.Reactivate(ctx, nadia, clinic))
		if got := h.standing(clinic).Status; got == staff.ClinicDeactivated {
			t.Errorf("%s, reactivated: %s", status, got)
		}
	}

	used, unused := h.clinic(""), h.clinic("")
	_, err := h.db.Clinic(used).Exec(ctx, `INSERT INTO owners (clinic_id, full_name, phone) VALUES ($1, 'Mona', '+201000000003')`, used)
	h.must(err)
	if err := h.Delete(ctx, nadia, used); !errors.Is(err, subscription.ErrHasOwners) {
		t.Errorf("delete a clinic with owners: %v", err)
	}
	h.must(h.Delete(ctx, nadia, unused))
	for _, err := range []error{h.Delete(ctx, nadia, unused), h.Deactivate(ctx, nadia, unused), h.Reactivate(ctx, nadia, 999)} {
		if !errors.Is(err, subscription.ErrNotFound) {
			t.Errorf("a clinic that is not there: %v", err)
		}
	}
}

// TestSellingAndDeactivatingAtOnce: whoever is first, no deactivated clinic has an open term.
func TestSellingAndDeactivatingAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 5 {
		clinic := h.clinic("")
		won, errs := atOnce(
			func() error { _, err := h.Create(t.Context(), nadia, sale(clinic, monthly)); return err },
			func() error { return h.Deactivate(t.Context(), karim, clinic) },
		)
		if won != 1 || !errors.Is(errs[0], subscription.ErrDeactivated) && !errors.Is(errs[0], subscription.ErrHasTerm) {
			t.Errorf("%d won, %v", won, errs)
		}
	}
}

func TestClinicPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	names := map[int64]string{}
	for _, status := range subscription.Statuses() {
		names[become(h, status).ClinicID] = string(status)
	}
	names[h.clinic("")] = "never"
	both := become(h, subscription.Active).ClinicID
	h.sell(both, daily, "")
	names[both] = "with the next"
	shut := become(h, subscription.Ended).ClinicID
	h.must(h.Deactivate(ctx, nadia, shut))
	names[shut] = "shut"
	for id, name := range names {
		h.do(`UPDATE clinics SET name = $2, owner_phone = $3 WHERE clinic_id = $1`, id, "Clinic "+name, fmt.Sprintf("+2010000%05d", id))
	}

	page := func(filter subscription.Filter, size int) (lines []string) {
		var at subscription.ClinicMark
		for {
			got, err := h.ClinicPage(ctx, nadia, filter, at, size)
			h.must(err)
			want := map[staff.ClinicStatus]int{
				staff.ClinicActive: 2, staff.ClinicScheduled: 1, staff.ClinicGrace: 1, staff.ClinicSuspended: 1,
				staff.ClinicEnded: 3, staff.ClinicInactive: 1, staff.ClinicDeactivated: 1,
			}
			if diff := cmp.Diff(want, got.Counts); diff != "" {
				t.Errorf("counts (-want +got)\n%s", diff)
			}
			for _, c := range got.Clinics {
				lines = append(lines, fmt.Sprintf("%s: %s, %s %s %d", c.Name, c.Status, c.PlanEN, c.TermStatus, c.DaysLeft))
				standing := h.standing(c.ID)
				if standing.Current != nil && (standing.Current.ID != c.TermID || standing.Current.DaysLeft != c.DaysLeft) || standing.Status != c.Status {
					t.Errorf("%s: the page has %+v, the standing %+v", c.Name, c, standing.Current)
				}
			}
			later, ok := got.Later()
			if !ok {
				return lines
			}
			at = later
			if len(lines) > 2*len(names) {
				t.Fatalf("the list does not end: %q", lines)
			}
		}
	}
	all := []string{
		"Clinic active: active, Monthly active 16",
		"Clinic cancelled: ended, Monthly cancelled 0",
		"Clinic ended: ended, Monthly ended 0",
		"Clinic grace: grace, Monthly grace 0",
		"Clinic never: inactive,   0",
		"Clinic refunded: ended, Monthly refunded 0",
		"Clinic shut: deactivated, Monthly ended 0",
		"Clinic suspended: suspended, Monthly suspended 26",
		"Clinic upcoming: scheduled, Monthly upcoming 30",
		"Clinic with the next: active, Monthly active 16",
	}
	for _, size := range []int{1, 3, 50} {
		if diff := cmp.Diff(all, page(subscription.Filter{}, size)); diff != "" {
			t.Errorf("by %d (-want +got)\n%s", size, diff)
		}
	}
	for name, c := range map[string]struct {
		filter subscription.Filter
		want   []string
	}{
		"ended":          {subscription.Filter{Status: staff.ClinicEnded}, []string{all[1], all[2], all[5]}},
		"of a plan":      {subscription.Filter{PlanID: monthly, Status: staff.ClinicActive}, []string{all[0], all[9]}},
		"of a next plan": {subscription.Filter{PlanID: daily}, nil},
		"by name":        {subscription.Filter{Text: " NEX"}, []string{all[9]}},
		"by owner":       {subscription.Filter{Text: "nabil", Status: staff.ClinicGrace}, []string{all[3]}},
		"by phone":       {subscription.Filter{Text: fmt.Sprintf("010 000%05d", both)}, []string{all[9]}},
		"by الهاتف":      {subscription.Filter{Text: "٠١٠٠٠٠٠", Status: staff.ClinicInactive}, []string{all[4]}},
		"by a pattern":   {subscription.Filter{Text: "%"}, nil},
		"none":           {subscription.Filter{Text: "nobody"}, nil},
	} {
		if diff := cmp.Diff(c.want, page(c.filter, 2)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}

	backward := func(filter subscription.Filter, size int) (pages [][]string) { // from the last page to the first
		at := subscription.ClinicMark{Back: true, ClinicID: both} // it is the last one
		for {
			got, err := h.ClinicPage(ctx, nadia, filter, at, size)
			h.must(err)
			var names []string
			for _, c := range got.Clinics {
				names = append(names, strings.TrimPrefix(c.Name, "Clinic "))
			}
			pages = append(pages, names)
			earlier, ok := got.Earlier()
			if !ok {
				return pages
			}
			at = earlier
		}
	}
	if diff := cmp.Diff([][]string{
		{"shut", "suspended", "upcoming"}, {"grace", "never", "refunded"}, {"active", "cancelled", "ended"},
	}, backward(subscription.Filter{}, 3)); diff != "" {
		t.Errorf("backward by 3 (-want +got)\n%s", diff)
	}
	// The first page is full, also where fewer come before it.
	if diff := cmp.Diff([][]string{
		{"refunded", "shut", "suspended", "upcoming"}, {"cancelled", "ended", "grace", "never"}, {"active", "cancelled", "ended", "grace"},
	}, backward(subscription.Filter{}, 4)); diff != "" {
		t.Errorf("backward by 4 (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"ended", "refunded"}, {"cancelled", "ended"}}, backward(subscription.Filter{Status: staff.ClinicEnded}, 2)); diff != "" {
		t.Errorf("backward, ended (-want +got)\n%s", diff)
	}
	gone, err := h.ClinicPage(ctx, nadia, subscription.Filter{}, subscription.ClinicMark{ClinicID: both}, 3)
	h.must(err)
	if _, ok := gone.Earlier(); ok || len(gone.Clinics) != 3 {
		t.Errorf("after the last one: %+v, want the first page", gone)
	}
	watched, trips := db.Watch(ctx)
	_, err = h.ClinicPage(watched, nadia, subscription.Filter{Status: staff.ClinicActive}, subscription.ClinicMark{}, 20)
	h.must(err)
	if trips.Count() != 1 {
		t.Errorf("a page asked %v", trips.Names())
	}
}

func TestMonthChangesAndByEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	cairo, err := time.LoadLocation("Africa/Cairo")
	h.must(err)
	first := h.sell(h.clinic(""), monthly, "")
	h.sell(h.clinic("Asia/Kuwait"), daily, "2026-03-20")
	queued := h.sell(first.ClinicID, monthly, "")
	h.clock.Set(time.Date(2026, 3, 31, 21, 59, 0, 0, time.UTC)) // 23:59 in Cairo
	_, err = h.Cancel(ctx, nadia, on(queued))
	h.must(err)
	h.clock.Advance(time.Minute)
	_, err = h.Refund(ctx, karim, on(first), 20000)
	h.must(err)

	month := func(date string, size int) (lines []string) {
		var after subscription.Event
		for {
			changes, err := h.MonthChanges(ctx, nadia, day(t, date), cairo, after, size)
			h.must(err)
			if len(changes) == 0 {
				return lines
			}
			for _, c := range changes {
				lines = append(lines, fmt.Sprintf("%s %s %d by %d: %s", c.PlanEN, c.Kind, c.Amount.Minor, c.By, c.Comment))
			}
			after = changes[len(changes)-1].Event
		}
	}
	march := []string{"Monthly created 50000 by 1: ", "Monthly created 50000 by 1: ", "Daily created 0 by 1: ", "Monthly cancelled 0 by 1: as agreed"}
	for _, size := range []int{1, 50} {
		got := month("2026-03-17", size)
		slices.Sort(got[:3])
		slices.Sort(march[:3])
		if diff := cmp.Diff(march, got); diff != "" {
			t.Errorf("March (-want +got)\n%s", diff)
		}
	}
	if diff := cmp.Diff([]string{"Monthly refunded 20000 by 2: as agreed"}, month("2026-04-30", 5)); diff != "" {
		t.Errorf("April (-want +got)\n%s", diff)
	}

	h.today("2026-03-20")
	held := h.sell(h.clinic(""), monthly, "")
	h.sell(held.ClinicID, daily, "")
	_, err = h.Suspend(ctx, nadia, on(held))
	h.must(err)
	h.today("2026-04-25")
	h.sell(h.clinic(""), monthly, "2026-06-01")
	h.sell(h.clinic(""), monthly, "")
	var lines []string
	var after subscription.OpenTerm
	for {
		terms, err := h.ByEnd(ctx, nadia, after, 1)
		h.must(err)
		if len(terms) == 0 {
			break
		}
		after = terms[0]
		lines = append(lines, fmt.Sprintf("%s %s %s %d", after.PlanEN, after.Status, after.End.Format(time.DateOnly), after.DaysToEnd))
	}
	// The one behind the suspended term has no end yet; Kuwait's has ended.
	if diff := cmp.Diff([]string{"Monthly active 2026-05-25 30", "Monthly upcoming 2026-07-01 67"}, lines); diff != "" {
		t.Errorf("by end (-want +got)\n%s", diff)
	}
}

// TestAMembersView: each sees their own clinic only, and amounts are the owner's.
func TestAMembersView(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	ours, theirs := h.sell(h.clinic(""), monthly, ""), h.sell(h.clinic(""), daily, "")
	member := func(role staff.Role, access staff.Access) staff.Member {
		return staff.Member{ClinicID: ours.ClinicID, Role: role, Access: access}
	}
	owner, err := h.Current(ctx, member(staff.RoleClinicOwner, staff.AccessRead))
	h.must(err)
	if diff := cmp.Diff(h.standing(ours.ClinicID), owner); diff != "" || owner.Current.Paid.Minor != 50000 || owner.AccountsAllowed != 3 {
		t.Errorf("the owner's view (-admin's +owner's)\n%s", diff)
	}
	receptionist, err := h.Current(ctx, member(staff.RoleReceptionist, staff.AccessRead))
	h.must(err)
	if got := receptionist.Current; got.DaysLeft != 30 || got.Paid != (subscription.Money{}) || got.Price != (subscription.Money{}) || got.MethodID != 0 {
		t.Errorf("the receptionist's view: %+v", got)
	}
	if _, err := h.Current(ctx, member(staff.RoleClinicOwner, staff.AccessNone)); !errors.Is(err, staff.ErrNotAllowed) {
		t.Errorf("shut out: %v", err)
	}
	for table, want := range map[string]int{"subscriptions": 1, "payments": 1} {
		var seen, others int
		h.must(h.db.Clinic(ours.ClinicID).QueryRow(ctx,
			`SELECT count(*), count(*) FILTER (WHERE clinic_id = $1) FROM `+table, theirs.ClinicID).Scan(&seen, &others))
		if seen != want || others != 0 {
			t.Errorf("%s: a clinic sees %d, %d of another", table, seen, others)
		}
	}
	if _, err := h.db.Clinic(ours.ClinicID).Exec(ctx, `UPDATE clinics SET covered = '{[2000-01-01,3000-01-01)}'`); err == nil {
		t.Error("a clinic has written its own standing")
	}
}
