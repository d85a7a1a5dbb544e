package staff_test

import (
	"errors"
	"sync"
	"testing"

	"vetalyze/internal/staff"
)

// TestEveryWayInAtOnce has people invited, taken back and joining at the same moment, with three places: exactly three are
// taken in the end, and the one who was invited before keeps theirs.
func TestEveryWayInAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	var stopped []staff.Member
	for i := range int64(4) {
		stopped = append(stopped, p.hire(owner, 100+i))
	}
	for _, member := range stopped {
		p.must(p.Stop(t.Context(), owner, member.StaffID))
	}
	p.close(owner.ClinicID)
	p.sell(owner.ClinicID, "[2026-03-01,2026-03-31)", 3)
	token, phone := p.invite(owner)

	ways := []func() error{func() error {
		_, err := p.Join(t.Context(), staff.Joining{Token: token, TelegramID: personID, Language: "ar", Phone: phone})
		return err
	}}
	for _, member := range stopped {
		newcomer := p.phone()
		ways = append(ways, func() error { return p.Reactivate(t.Context(), owner, member.StaffID) }, func() error {
			_, err := p.Invite(t.Context(), owner, receptionist(newcomer))
			return err
		})
	}
	errs := make([]error, len(ways))
	var all sync.WaitGroup
	for i, way := range ways {
		all.Go(func() { errs[i] = way() })
	}
	all.Wait()

	if errs[0] != nil {
		t.Errorf("who was invited could not join: %v", errs[0])
	}
	in := 0
	for _, err := range errs {
		if err == nil {
			in++
		} else if !errors.Is(err, staff.ErrStaffLimit) {
			t.Error(err)
		}
	}
	taken := 0
	for _, colleague := range p.colleagues(owner) {
		if colleague.Role != staff.RoleClinicOwner && !colleague.Stopped() {
			taken++
		}
	}
	if in != 3 || taken != 3 {
		t.Errorf("%d came in and %d places are taken, want 3 and 3", in, taken)
	}
}
