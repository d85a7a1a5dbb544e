package staff_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

func TestCreatingAClinicTwice(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	clinic := staff.NewClinic{
		Key: db.NewKey(), Name: "Paws", OwnerName: "Hany Nabil", OwnerPhone: "+201000000000", SecondPhone: "+20227350000",
		Country: "KW", Location: "12 Nile St", Email: "paws@example.com", Links: []string{"https://example.com/paws"},
	}
	first, err := p.CreateClinic(t.Context(), p.admin, clinic)
	p.must(err)
	second, err := p.CreateClinic(t.Context(), p.admin, clinic)
	p.must(err)
	if first.ClinicID != second.ClinicID || first.Token == second.Token || second.ClinicName != "Paws" || second.OwnerName != "Hany Nabil" {
		t.Errorf("first %+v, second %+v", first, second)
	}
	if _, err := p.LookupInvite(t.Context(), ownerID, first.Token); !errors.Is(err, staff.ErrTokenRevoked) {
		t.Errorf("the first link: %v", err)
	}
	owner := p.join(ownerID, second.Token, "+201000000000").Member
	if owner.TimeZone != "Asia/Kuwait" || owner.Currency != "KWD" || owner.CurrencyExponent != 3 {
		t.Errorf("the clinic's country gave %+v", owner)
	}
	card, err := p.ClinicCard(t.Context(), p.admin, second.ClinicID)
	if err != nil || !card.OwnerJoined || card.Name != "Paws" || card.Currency != "KWD" {
		t.Errorf("the card is %+v, %v", card, err)
	}
}

func TestWhatAClinicMustHave(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	for name, c := range map[string]struct {
		change func(*staff.NewClinic)
		want   error
	}{
		"no name":          {func(c *staff.NewClinic) { c.Name = "" }, staff.ErrName},
		"owner's name":     {func(c *staff.NewClinic) { c.OwnerName = "A\u202eB" }, staff.ErrName},
		"national phone":   {func(c *staff.NewClinic) { c.OwnerPhone = "0100" }, staff.ErrPhone},
		"unknown country":  {func(c *staff.NewClinic) { c.Country = "ZZ" }, staff.ErrCountry},
		"address too long": {func(c *staff.NewClinic) { c.Location = strings.Repeat("x", 501) }, staff.ErrClinicText},
	} {
		clinic := staff.NewClinic{
			Key: db.NewKey(), Name: "Paws", OwnerName: "Hany", OwnerPhone: "+201000000000", Country: "EG",
		}
		c.change(&clinic)
		if _, err := p.CreateClinic(t.Context(), p.admin, clinic); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestOnlyThoseWhoMay(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	hired := p.hire(owner, personID)
	person := p.find(personID)
	ctx := t.Context()
	for name, do := range map[string]func() error{
		"create a clinic":   func() error { _, err := p.CreateClinic(ctx, person, staff.NewClinic{}); return err },
		"open a clinic":     func() error { _, err := p.ClinicCard(ctx, person, owner.ClinicID); return err },
		"change a clinic":   func() error { return p.ChangeClinic(ctx, person, owner.ClinicID, 1, staff.ClinicDetails{}) },
		"renew owner's":     func() error { _, err := p.NewOwnerLink(ctx, p.find(ownerID), owner.ClinicID); return err },
		"invite":            func() error { _, err := p.Invite(ctx, hired, receptionist("+201000009999")); return err },
		"make a link":       func() error { _, err := p.NewLink(ctx, hired, hired.StaffID); return err },
		"list":              func() error { _, err := p.List(ctx, hired); return err },
		"stop":              func() error { return p.Stop(ctx, hired, hired.StaffID) },
		"take back":         func() error { return p.Reactivate(ctx, hired, hired.StaffID) },
		"admin at a clinic": func() error { return p.Stop(ctx, staff.Member{Role: staff.RoleAdmin, Access: staff.AccessFull}, 1) },
	} {
		if err := do(); !errors.Is(err, staff.ErrNotAllowed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoHandOnAnotherClinic(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	ours, theirs := p.clinic(ownerID), p.clinic(anotherID)
	hired := p.hire(theirs, personID)
	ctx := t.Context()
	for name, staffID := range map[string]int64{"of another clinic": hired.StaffID, "the owner": ours.StaffID, "nobody": 999999} {
		for doing, do := range map[string]func() error{
			"stop":      func() error { return p.Stop(ctx, ours, staffID) },
			"take back": func() error { return p.Reactivate(ctx, ours, staffID) },
			"new link":  func() error { _, err := p.NewLink(ctx, ours, staffID); return err },
		} {
			if err := do(); !errors.Is(err, staff.ErrNotFound) {
				t.Errorf("%s %s: %v", doing, name, err)
			}
		}
	}
	if _, err := p.Colleague(ctx, ours, hired.StaffID); !errors.Is(err, staff.ErrNotFound) {
		t.Errorf("see one of another clinic: %v", err)
	}
	if !p.find(personID).Known() {
		t.Error("was stopped by another clinic")
	}
}

func TestStoppingAndTakingBack(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	hired := p.hire(owner, personID)
	p.must(p.Stop(t.Context(), owner, hired.StaffID))
	p.must(p.Stop(t.Context(), owner, hired.StaffID))
	if p.find(personID).Known() {
		t.Error("works on after being stopped")
	}
	if got, _ := p.Colleague(t.Context(), owner, hired.StaffID); !got.Stopped() || !got.Joined() {
		t.Errorf("listed as %+v", got)
	}
	if _, err := p.NewLink(t.Context(), owner, hired.StaffID); !errors.Is(err, staff.ErrStopped) {
		t.Errorf("a link for a stopped member: %v", err)
	}
	p.must(p.Reactivate(t.Context(), owner, hired.StaffID))
	if !p.find(personID).Known() {
		t.Error("was not taken back")
	}
}

func TestInvitingTwice(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	invitation := receptionist("+201000009999")
	first, err := p.Invite(t.Context(), owner, invitation)
	p.must(err)
	second, err := p.Invite(t.Context(), owner, invitation)
	p.must(err)
	if list := p.colleagues(owner); len(list) != 2 || !list[1].Invited() || list[1].Joined() || first == second {
		t.Errorf("the staff is %+v", list)
	}
	invitation.Key = db.NewKey()
	if _, err := p.Invite(t.Context(), owner, invitation); !errors.Is(err, staff.ErrPhoneTaken) {
		t.Errorf("the same phone again: %v", err)
	}
	invitation.Role = staff.RoleClinicOwner
	if _, err := p.Invite(t.Context(), owner, invitation); !errors.Is(err, staff.ErrRole) {
		t.Errorf("a second owner: %v", err)
	}
}

func TestPlacesOfATerm(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	for range 3 {
		p.invite(owner)
	}
	p.close(owner.ClinicID)
	p.sell(owner.ClinicID, "[2026-02-01,2026-03-03)", 9) // is over
	p.sell(owner.ClinicID, "[2026-03-03,2026-04-02)", 4) // is running
	p.invite(owner)
	_, err := p.Invite(t.Context(), owner, receptionist("+201000009999"))
	var limit *staff.LimitError
	if !errors.Is(err, staff.ErrStaffLimit) || !errors.As(err, &limit) || *limit != (staff.LimitError{Taken: 4, Sold: 4}) {
		t.Fatalf("the fifth of four: %v", err)
	}

	list := p.colleagues(owner)
	waiting := list[1].ID
	if _, err := p.NewLink(t.Context(), owner, waiting); err != nil {
		t.Errorf("a new link for a place that is held: %v", err)
	}
	p.must(p.Stop(t.Context(), owner, waiting))
	token, phone := p.invite(owner)
	p.join(personID, token, phone)
	p.must(p.Reactivate(t.Context(), owner, waiting)) // takes no place before it has a link
	if _, err := p.NewLink(t.Context(), owner, waiting); !errors.Is(err, staff.ErrStaffLimit) {
		t.Errorf("a link for a member without a place: %v", err)
	}

	p.clock.Advance(staff.LinkLife) // three links expire and give their places back
	token, phone = p.invite(owner)
	hired := p.join(anotherID, token, phone).Member
	p.must(p.Stop(t.Context(), owner, hired.StaffID))
	p.invite(owner)
	p.invite(owner)
	p.invite(owner)
	if err := p.Reactivate(t.Context(), owner, hired.StaffID); !errors.Is(err, staff.ErrStaffLimit) {
		t.Errorf("taking back without a place: %v", err)
	}
}

func TestTenInvitesAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	p.close(owner.ClinicID)
	p.sell(owner.ClinicID, "[2026-03-01,2026-03-31)", 3)
	results := make(chan error, 10)
	var all sync.WaitGroup
	for range 10 {
		phone := p.phone()
		all.Go(func() {
			_, err := p.Invite(t.Context(), owner, receptionist(phone))
			results <- err
		})
	}
	all.Wait()
	close(results)
	var invited int
	for err := range results {
		if err == nil {
			invited++
		} else if !errors.Is(err, staff.ErrStaffLimit) {
			t.Error(err)
		}
	}
	if got := len(p.colleagues(owner)); invited != 3 || got != 4 {
		t.Errorf("%d invited, %d on the list with the owner; want 3 and 4", invited, got)
	}
}
