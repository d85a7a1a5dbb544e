package staff

import (
	"slices"
	"testing"
)

// TestAccess holds every status against every role and every right, as DESIGN has them: whoever is to read this needs no
// other file.
func TestAccess(t *testing.T) {
	t.Parallel()
	const (
		always  = "whatever the standing"
		open    = "unless deactivated"
		working = "active or in grace"
		admins  = "admins, at no clinic"
	)
	table := map[Right]struct {
		roles []Role
		when  string
	}{
		RightNone:                {[]Role{RoleReceptionist, RoleDoctor, RoleClinicOwner}, always},
		RightReadRegistry:        {[]Role{RoleReceptionist, RoleDoctor, RoleClinicOwner}, open},
		RightWriteRegistry:       {[]Role{RoleReceptionist, RoleDoctor, RoleClinicOwner}, working},
		RightDeleteFromRegistry:  {[]Role{RoleClinicOwner}, working},
		RightExportRegistry:      {[]Role{RoleClinicOwner}, open},
		RightManageStaff:         {[]Role{RoleClinicOwner}, working},
		RightSeeSubscription:     {[]Role{RoleReceptionist, RoleDoctor, RoleClinicOwner}, open},
		RightSeeAmounts:          {[]Role{RoleClinicOwner}, open},
		RightGetReminders:        {[]Role{RoleClinicOwner, RoleAdmin}, open},
		RightManageClinics:       {nil, admins},
		RightManageSubscriptions: {nil, admins},
		RightManageReference:     {nil, admins},
	}
	if want := int(RightManageReference) + 1; len(table) != want {
		t.Fatalf("the table has %d rights, there are %d", len(table), want)
	}
	statuses := map[ClinicStatus]struct{ open, working bool }{
		ClinicActive:      {true, true},
		ClinicGrace:       {true, true},
		ClinicEnded:       {true, false},
		ClinicSuspended:   {true, false},
		ClinicScheduled:   {true, false},
		ClinicInactive:    {true, false},
		ClinicDeactivated: {false, false},
		"not a status":    {false, false},
	}
	for _, status := range ClinicStatuses() {
		if _, ok := statuses[status]; !ok {
			t.Errorf("%s is missing in the test", status)
		}
	}
	for status, stands := range statuses {
		for right, row := range table {
			for _, role := range []Role{RoleReceptionist, RoleDoctor, RoleClinicOwner, RoleAdmin, "nobody"} {
				has := row.when == always || slices.Contains(row.roles, role)
				want := has
				switch row.when {
				case open:
					want = has && stands.open
				case working:
					want = has && stands.working
				}
				if role == RoleAdmin && row.when == admins {
					continue // an admin has no membership
				}
				checkAccess(t, status, role, right, has, want)
			}
		}
	}
}

// checkAccess holds what a member may and why not.
func checkAccess(t *testing.T, status ClinicStatus, role Role, right Right, has, want bool) {
	t.Helper()
	member := Member{Role: role, Standing: Standing{Status: status}, Access: accessOf(status)}
	if got := member.May(right); got != want {
		t.Errorf("%s of a clinic that is %s: right %d is %t, want %t", role, status, right, got, want)
	}
	denial := DeniedByRole
	switch {
	case want:
		denial = NotDenied
	case has:
		denial = DeniedByStanding
	}
	speaker := Speaker{Member: &member}
	if got := speaker.Denial(right); got != denial {
		t.Errorf("%s of a clinic that is %s: right %d is denied as %d, want %d", role, status, right, got, denial)
	}
}

// Whatever a clinic's standing, it takes nothing from an admin, and gives nothing to a stranger.
func TestAccessOfOthers(t *testing.T) {
	t.Parallel()
	for right := RightReadRegistry; right <= RightManageReference; right++ {
		if got := (Speaker{}).Denial(right); got != DeniedToStranger {
			t.Errorf("a stranger's right %d is denied as %d", right, got)
		}
		admin := right >= RightGetReminders
		for _, status := range ClinicStatuses() {
			both := Speaker{Admin: true, Member: &Member{Role: RoleReceptionist, Access: accessOf(status)}}
			if admin && both.Denial(right) != NotDenied {
				t.Errorf("an admin who works at a clinic that is %s lacks right %d", status, right)
			}
		}
		if got := (Speaker{Admin: true}).May(right); got != admin {
			t.Errorf("an admin's right %d is %t, want %t", right, got, admin)
		}
	}
}
