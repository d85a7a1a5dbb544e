package subscription_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// TestClinicsAreCountedWhenOneHasChanged changes a clinic behind the triggers' back first: that is not counted.
func TestClinicsAreCountedWhenOneHasChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.clinic(""), h.clinic("Asia/Kuwait")
	h.sell(first, daily, "")
	pgtest.Hear(t, h.db)
	h.must(h.db.Ping(t.Context())) // its connections have heard of the above by then
	counts := func() map[staff.ClinicStatus]int {
		t.Helper()
		page, err := h.ClinicPage(db.Remembering(t.Context()), nadia, subscription.Filter{}, subscription.ClinicMark{}, 20)
		h.must(err)
		for status, n := range page.Counts {
			if n == 0 {
				delete(page.Counts, status)
			}
		}
		return page.Counts
	}
	wants := func(when string, want map[staff.ClinicStatus]int) {
		t.Helper()
		if diff := cmp.Diff(want, counts()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", when, diff)
		}
	}
	oneOfTwo := map[staff.ClinicStatus]int{staff.ClinicActive: 1, staff.ClinicInactive: 1}
	wants("at first", oneOfTwo)
	h.must(h.db.Platform().InTx(t.Context(), func(tx db.Tx) error {
		_, err := tx.Exec(t.Context(), `SET LOCAL ROLE NONE`)
		if err == nil {
			_, err = tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`)
		}
		if err == nil {
			_, err = tx.Exec(t.Context(), `UPDATE clinics SET deactivated_at = now() WHERE clinic_id = $1`, second)
		}
		return err
	}))
	wants("changed behind the triggers' back", oneOfTwo)
	h.clinic("")
	wants("another clinic", map[staff.ClinicStatus]int{staff.ClinicActive: 1, staff.ClinicInactive: 1, staff.ClinicDeactivated: 1})
	h.must(h.Reactivate(t.Context(), nadia, second))
	wants("let in again", map[staff.ClinicStatus]int{staff.ClinicActive: 1, staff.ClinicInactive: 2})
	h.clock.Set(time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC))
	if counts()[staff.ClinicActive] != 0 {
		t.Error("still active when the term is over")
	}
}
