package staff_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

func TestFindAStranger(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	first, err := p.Find(t.Context(), personID, "ar")
	p.must(err)
	if want := (staff.Speaker{TelegramID: personID, Language: "ar"}); !cmp.Equal(want, first, cmp.AllowUnexported(staff.Member{})) {
		t.Errorf("got %+v", first)
	}
	if again := p.find(personID); again.Language != "ar" || again.Known() {
		t.Errorf("the second time: %+v", again)
	}
}

func TestFindIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.clinic(ownerID)
	ctx, trips := db.Watch(t.Context())
	speaker, err := p.Find(ctx, ownerID, "en")
	p.must(err)
	if trips.Count() != 1 {
		t.Errorf("asked %v", trips.Names())
	}
	member := *speaker.Member
	if member.Role != staff.RoleClinicOwner || member.Name != "Hany Nabil" || member.ClinicName != "Clinic 1" ||
		member.Country != "EG" || member.Zone().String() != "Africa/Cairo" || member.Currency != "EGP" ||
		member.CurrencyExponent != 2 || member.Access != staff.AccessFull || member.Language != "ar" {
		t.Errorf("got %+v", member)
	}
}

func TestWhatIsRememberedOfAPerson(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.find(personID)
	p.must(p.SetLanguage(t.Context(), personID, "ar"))
	p.must(p.SetMenu(t.Context(), personID, "desk-ar"))
	p.must(p.MarkUnreachable(t.Context(), personID))
	if got := p.find(personID); got.Language != "ar" || got.Menu != "desk-ar" {
		t.Errorf("got %+v", got)
	}
	var since any
	p.must(p.db.Platform().QueryRow(t.Context(),
		`SELECT unreachable_since FROM people WHERE telegram_id = $1`, personID).Scan(&since))
	if since != nil {
		t.Error("still unreachable after writing again")
	}
	if err := p.SetLanguage(t.Context(), personID, "fr"); db.Broken(err) != "people_language" {
		t.Errorf("French: %v", err)
	}
}

func TestOnePersonInSeveralClinics(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	first, second := p.clinic(ownerID), p.clinic(anotherID)
	p.hire(first, personID)
	p.hire(second, personID)

	speaker := p.find(personID)
	if len(speaker.Memberships) != 2 || speaker.Member.ClinicID != second.ClinicID {
		t.Fatalf("works at %+v, want the clinic joined last", speaker.Member)
	}
	speaker, err := p.ChooseClinic(t.Context(), speaker, first.ClinicID)
	p.must(err)
	if speaker.Member.ClinicID != first.ClinicID || p.find(personID).Member.ClinicID != first.ClinicID {
		t.Errorf("works at %+v, want the clinic chosen", speaker.Member)
	}
	third := p.clinic(5)
	if _, err := p.ChooseClinic(t.Context(), speaker, third.ClinicID); !errors.Is(err, staff.ErrNotFound) {
		t.Errorf("choosing a clinic of others: %v", err)
	}
	p.must(p.Stop(t.Context(), first, speaker.Member.StaffID))
	if got := p.find(personID); len(got.Memberships) != 1 || got.Member.ClinicID != second.ClinicID {
		t.Errorf("after the chosen clinic stopped her: %+v", got)
	}
	p.do(`UPDATE clinics SET deactivated_at = now() WHERE clinic_id = $1`, second.ClinicID)
	if got := p.find(personID); got.Member.Access != staff.AccessNone || got.May(staff.RightReadRegistry) {
		t.Errorf("in a deactivated clinic: %+v", got.Member)
	}
}

func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	const (
		read, write, remove = staff.RightReadRegistry, staff.RightWriteRegistry, staff.RightDeleteFromRegistry
		manage, see, money  = staff.RightManageStaff, staff.RightSeeSubscription, staff.RightSeeAmounts
		clinics             = staff.RightManageClinics
	)
	member := func(role staff.Role, access staff.Access) staff.Speaker {
		return staff.Speaker{Member: &staff.Member{Role: role, Access: access}}
	}
	all := []staff.Right{staff.RightNone, read, write, remove, manage, see, money, clinics}
	for name, c := range map[string]struct {
		speaker staff.Speaker
		may     []staff.Right
	}{
		"a stranger":             {staff.Speaker{}, []staff.Right{staff.RightNone}},
		"a receptionist":         {member(staff.RoleReceptionist, staff.AccessFull), []staff.Right{staff.RightNone, read, write, see}},
		"a doctor in grace":      {member(staff.RoleDoctor, staff.AccessGrace), []staff.Right{staff.RightNone, read, write, see}},
		"a doctor after the end": {member(staff.RoleDoctor, staff.AccessRead), []staff.Right{staff.RightNone, read, see}},
		"a clinic owner":         {member(staff.RoleClinicOwner, staff.AccessFull), []staff.Right{staff.RightNone, read, write, remove, manage, see, money}},
		"an owner after the end": {member(staff.RoleClinicOwner, staff.AccessRead), []staff.Right{staff.RightNone, read, see, money}},
		"an owner shut out":      {member(staff.RoleClinicOwner, staff.AccessNone), []staff.Right{staff.RightNone}},
		"an unknown role":        {member("vet", staff.AccessFull), []staff.Right{staff.RightNone}},
		"a forged role":          {member(staff.RoleAdmin, staff.AccessNone), []staff.Right{staff.RightNone}},
		"an admin":               {staff.Speaker{Admin: true}, []staff.Right{staff.RightNone, clinics}},
	} {
		var may []staff.Right
		for _, right := range all {
			if c.speaker.May(right) {
				may = append(may, right)
			}
		}
		if diff := cmp.Diff(c.may, may); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
