package registry_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// asClinicOwner makes a member the clinic's owner, who may take everything out.
func asClinicOwner(member staff.Member) staff.Member {
	member.Role = staff.RoleClinicOwner
	return member
}

// exported takes out all of a clinic, page by page.
func exported(t *testing.T, r *registry.Registry, by staff.Member) (owners []registry.Owner, pets []registry.PetCard) {
	t.Helper()
	for after := int64(0); ; after = owners[len(owners)-1].ID {
		page, err := r.ExportOwners(t.Context(), by, after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return owners, pets
		}
		theirs, err := r.ExportPets(t.Context(), by, after, page[len(page)-1].ID)
		if err != nil {
			t.Fatal(err)
		}
		owners, pets = append(owners, page...), append(pets, theirs...)
	}
}

func TestExportIsWholeAndTheClinicsOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mona := asClinicOwner(d.mona)
	d.register(d.salma, ahmed(1)) // another clinic's

	// More than two pages of owners, some without a pet, one with hundreds of them.
	d.do(mona, `
		INSERT INTO owners (clinic_id, full_name, phone, registered_at)
		SELECT app_clinic(), 'Owner ' || n, '+2010' || (10000000 + n), now() FROM generate_series(1, $1) AS n`, 2*registry.ExportPage+3)
	d.do(mona, `
		INSERT INTO pets (clinic_id, owner_id, name, species_id)
		SELECT clinic_id, owner_id, 'Rex ' || n, 1
		FROM owners CROSS JOIN generate_series(1, CASE WHEN full_name = 'Owner 700' THEN 600 ELSE right(full_name, 1)::int % 3 END) AS n`)
	whole := d.register(mona, registry.Registration{
		Key: db.NewKey(), Name: "Ahmed Ali", Phone: "+201001234567", SecondPhone: "+201007654321", ChannelID: 1,
		Pets: []registry.NewPet{{Name: "Mimi", SpeciesID: 2, Birth: registry.Birth{Date: today.AddDate(-1, 0, 0), Precision: registry.PrecisionDay}}},
	})
	gone := d.register(mona, ahmed(2))
	d.do(mona, `UPDATE owners SET deleted_at = now(), deleted_by = $2 WHERE owner_id = $1`, gone.ID, mona.StaffID)
	d.do(mona, `UPDATE pets SET deleted_at = now(), deleted_by = $2 WHERE owner_id = $1`, gone.ID, mona.StaffID)
	twin := d.register(mona, ahmed(1))
	d.do(mona, `UPDATE owners SET merged_into = $2 WHERE owner_id = $1`, twin.ID, whole.ID)
	d.do(mona, `UPDATE pets SET owner_id = $2 WHERE owner_id = $1`, twin.ID, whole.ID)

	owners, pets := exported(t, d.Registry, mona)
	if want := 2*registry.ExportPage + 4; len(owners) != want {
		t.Errorf("%d owners, want %d", len(owners), want)
	}
	if !slices.IsSortedFunc(owners, func(a, b registry.Owner) int { return int(a.ID - b.ID) }) {
		t.Error("the owners are out of order")
	}
	want := d.count(mona, "pets WHERE deleted_at IS NULL")
	seen := map[int64]bool{}
	for _, pet := range pets {
		seen[pet.ID] = true
	}
	if len(pets) != want || len(seen) != want {
		t.Errorf("%d pets, %d different ones, want %d", len(pets), len(seen), want)
	}
	card := d.card(mona, whole.ID)
	card.Pets, card.Version, card.Merged = nil, 0, nil
	if diff := cmp.Diff(card, owners[len(owners)-1]); diff != "" {
		t.Errorf("an owner taken out is not the owner on the card (-card +taken out):\n%s", diff)
	}
	pet, err := d.PetCard(t.Context(), mona, whole.Pets[0].ID)
	d.must(err)
	at := slices.IndexFunc(pets, func(p registry.PetCard) bool { return p.ID == pet.ID })
	pet.Version = 0
	if diff := cmp.Diff(pet, pets[at]); diff != "" {
		t.Errorf("a pet taken out is not the pet on the card (-card +taken out):\n%s", diff)
	}
}

// What is registered while it is taken out comes later or not at all, and nothing comes twice.
func TestExportWhileOthersWrite(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mona := asClinicOwner(d.mona)
	first := d.register(mona, ahmed(2))
	page, err := d.ExportOwners(t.Context(), mona, 0)
	d.must(err)
	added, err := d.AddPets(t.Context(), mona, first.ID, db.NewKey(), []registry.NewPet{{Name: "Late", SpeciesID: 1}})
	d.must(err)
	d.register(mona, ahmed(1))
	pets, err := d.ExportPets(t.Context(), mona, 0, page[0].ID)
	d.must(err)
	if len(page) != 1 || len(pets) != len(added.Pets) {
		t.Errorf("%d owners with %d pets, want 1 with %d", len(page), len(pets), len(added.Pets))
	}
}

func TestWhoMayExport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.register(d.mona, ahmed(1))
	for _, role := range []staff.Role{staff.RoleReceptionist, staff.RoleDoctor, staff.RoleClinicOwner} {
		for _, access := range []staff.Access{staff.AccessNone, staff.AccessRead, staff.AccessGrace, staff.AccessFull} {
			by := d.mona
			by.Role, by.Access = role, access
			want := role == staff.RoleClinicOwner && access >= staff.AccessRead
			_, err := d.ExportOwners(t.Context(), by, 0)
			_, petsErr := d.ExportPets(t.Context(), by, 0, 1)
			if (err == nil) != want || (petsErr == nil) != want {
				t.Errorf("%s with access %d: %v, %v; may: %v", role, access, err, petsErr, want)
			}
			if !want && (!errors.Is(err, staff.ErrNotAllowed) || !errors.Is(petsErr, staff.ErrNotAllowed)) {
				t.Errorf("%s with access %d is refused with %v, %v", role, access, err, petsErr)
			}
		}
	}
}
