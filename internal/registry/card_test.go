package registry_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vetalyze/db"
	"vetalyze/internal/registry"
)

func TestCardOfAnotherClinicIsNotFound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	_, byID := d.Card(t.Context(), d.salma, owner.ID)
	_, byCode := d.OwnerByCode(t.Context(), d.salma, owner.Code)
	_, invented := d.Card(t.Context(), d.mona, owner.ID+1_000)
	_, ofPet := d.OwnerByCode(t.Context(), d.mona, owner.Pets[0].Code)
	for _, err := range []error{byID, byCode, invented, ofPet} {
		if !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("got %v, want %v", err, registry.ErrNotFound)
		}
	}
	known, err := d.OwnersByPhone(t.Context(), d.salma, owner.Phone)
	if err != nil || len(known) != 0 {
		t.Errorf("another clinic's owners by phone: %v, %v", known, err)
	}
}

func TestCardShowsTheDeceasedLast(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	what := ahmed(1)
	what.Pets = []registry.NewPet{{Name: "Old", SpeciesID: 1}, {Name: "Rex", SpeciesID: 1}, {Name: "Mimi", SpeciesID: 2}}
	owner := d.register(d.mona, what)
	d.do(d.mona, "UPDATE pets SET deceased_on = '2026-03-01', alert = 'No penicillin' WHERE pet_id = $1", owner.Pets[0].ID)
	got := d.card(d.mona, owner.ID)
	if names := petNames(got); !slices.Equal(names, []string{"Rex", "Mimi", "Old"}) {
		t.Errorf("pets %q", names)
	}
	if last := got.Pets[2]; !last.Deceased() || last.DeceasedOn != date(2026, 3, 1) || last.Alert != "No penicillin" || got.Pets[0].Deceased() {
		t.Errorf("got %+v", got.Pets)
	}
}

func TestCardWithoutPets(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	d.do(d.mona, "UPDATE pets SET deleted_at = now(), deleted_by = $2 WHERE owner_id = $1", owner.ID, d.mona.StaffID)
	if got := d.card(d.mona, owner.ID); len(got.Pets) != 0 || got.Name != owner.Name {
		t.Errorf("got %+v", got)
	}
}

func TestOwnerByCode(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(2))
	spoken := strings.ToLower(owner.Code[:3]) + " - " + owner.Code[3:]
	got, err := d.OwnerByCode(t.Context(), d.mona, spoken)
	d.must(err)
	if diff := cmp.Diff(owner, got); diff != "" {
		t.Errorf("%q (-want +got):\n%s", spoken, diff)
	}
	_, err = d.OwnerByCode(t.Context(), d.mona, "O000000")
	if want := (registry.Invalid{Field: registry.FieldCode, Reason: registry.ReasonLookAlike}); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestOwnersByPhone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const shared = "+201119999999"
	first, second := ahmed(2), ahmed(1)
	first.Phone, second.SecondPhone = shared, shared
	a, b := d.register(d.mona, first), d.register(d.mona, second)
	d.register(d.mona, ahmed(1)) // of another phone
	d.do(d.mona, "UPDATE pets SET deceased_on = '2026-03-01' WHERE pet_id = $1", b.Pets[0].ID)

	got, err := d.OwnersByPhone(t.Context(), d.mona, shared)
	d.must(err)
	want := []registry.Known{
		{ID: b.ID, Code: b.Code, Name: b.Name, Phone: b.Phone, SecondPhone: shared},
		{ID: a.ID, Code: a.Code, Name: a.Name, Phone: shared, Pets: []string{"Mimi", "Mimi"}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for range 6 {
		again := ahmed(1)
		again.Phone = shared
		d.register(d.mona, again)
	}
	got, err = d.OwnersByPhone(t.Context(), d.mona, shared)
	d.must(err)
	if len(got) != 5 || got[0].ID <= got[1].ID {
		t.Errorf("%d owners, or not the latest first: %+v", len(got), got)
	}
}

func TestReadingCostsOneRoundTrip(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(20))
	ctx, trips := db.Watch(t.Context())
	_, err := d.Card(ctx, d.mona, owner.ID)
	d.must(err)
	_, err = d.OwnersByPhone(ctx, d.mona, owner.Phone)
	d.must(err)
	if diff := cmp.Diff([]string{"OwnerCard", "OwnersByPhone"}, trips.Names()); diff != "" || trips.Count() != 2 {
		t.Errorf("%d round trips:\n%s", trips.Count(), diff)
	}
}
