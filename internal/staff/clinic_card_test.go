package staff_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/staff"
)

func TestClinicCard(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	p.hire(owner, personID)
	p.invite(owner)
	stopped := p.hire(owner, anotherID)
	p.must(p.Stop(t.Context(), owner, stopped.StaffID))
	card, err := p.ClinicCard(t.Context(), p.admin, owner.ClinicID)
	if err != nil || card.Receptionists != 1 || card.Doctors != 0 || card.Invited != 1 || card.Taken() != 2 || !card.OwnerJoined {
		t.Errorf("the card is %+v, %v", card, err)
	}
	if card.Zone().String() != "Africa/Cairo" || card.CountryEN != "Egypt" || card.CountryAR != "مصر" {
		t.Errorf("it is in %s, %s, %s", card.Zone(), card.CountryEN, card.CountryAR)
	}
	p.clock.Advance(staff.LinkLife)
	if card, err = p.ClinicCard(t.Context(), p.admin, owner.ClinicID); err != nil || card.Invited != 0 {
		t.Errorf("%d invited by a link that has expired, %v", card.Invited, err)
	}
	if _, err := p.ClinicCard(t.Context(), p.admin, 999); !errors.Is(err, staff.ErrNotFound) {
		t.Errorf("a clinic that is not there: %v", err)
	}
}

func TestChangingAClinic(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	_, receptionist := p.invite(owner)
	seen, err := p.ClinicCard(t.Context(), p.admin, owner.ClinicID)
	p.must(err)
	want := staff.ClinicDetails{
		Name: "Desert Paws", OwnerName: "Hala Nabil", OwnerPhone: "+96550000001", SecondPhone: "+96550000002", Country: "KW",
		Location: "Salmiya", Email: "paws@example.com", Links: []string{"https://example.com/paws"},
	}
	change := func(version int, with func(*staff.ClinicDetails)) error {
		details := want
		with(&details)
		return p.ChangeClinic(t.Context(), p.admin, owner.ClinicID, version, details)
	}
	as := func(*staff.ClinicDetails) {}
	for _, step := range []struct {
		what    string
		version int
		with    func(*staff.ClinicDetails)
		want    error
	}{
		{"the phone of a colleague", seen.Version, func(d *staff.ClinicDetails) { d.OwnerPhone = receptionist }, staff.ErrPhoneTaken},
		{"no country", seen.Version, func(d *staff.ClinicDetails) { d.Country = "ZZ" }, staff.ErrCountry},
		{"an e-mail address that is none", seen.Version, func(d *staff.ClinicDetails) { d.Email = "paws" }, staff.ErrClinicText},
		{"everything", seen.Version, as, nil},
		{"the same once more", seen.Version, as, nil},
		{"by somebody who saw it before", seen.Version, func(d *staff.ClinicDetails) { d.Name = "Wet Paws" }, staff.ErrStale},
	} {
		if err := change(step.version, step.with); !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.what, err, step.want)
		}
	}
	card, err := p.ClinicCard(t.Context(), p.admin, owner.ClinicID)
	if diff := cmp.Diff(want, card.ClinicDetails); diff != "" || err != nil || card.Version != seen.Version+1 {
		t.Errorf("version %d, %v (-want +got)\n%s", card.Version, err, diff)
	}
	if card.TimeZone != "Asia/Kuwait" {
		t.Errorf("its days follow %s", card.TimeZone)
	}
	renewed, err := p.NewOwnerLink(t.Context(), p.admin, owner.ClinicID)
	p.must(err)
	if joined := p.join(anotherID, renewed.Token, want.OwnerPhone).Member; joined == nil || joined.Name != want.OwnerName {
		t.Errorf("who comes by the new phone is %+v", joined)
	}
}

// TestTwoAdminsChangeAClinic has eight do it at once: one wins, the others are told.
func TestTwoAdminsChangeAClinic(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	seen, err := p.ClinicCard(t.Context(), p.admin, owner.ClinicID)
	p.must(err)
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			details := seen.ClinicDetails
			details.Name = "Clinic of admin " + string(rune('A'+i))
			errs[i] = p.ChangeClinic(t.Context(), p.admin, owner.ClinicID, seen.Version, details)
		})
	}
	all.Wait()
	done := 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, staff.ErrStale):
			t.Errorf("refused with %v", err)
		}
	}
	if done != 1 {
		t.Errorf("%d changes went through, want 1", done)
	}
}
