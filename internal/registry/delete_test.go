package registry_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/db"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

func TestDeleteOwnerAndUndo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(3))
	// One pet went before, and does not come back with the others.
	_, err := d.DeletePet(t.Context(), d.hany(), owner.Pets[0].ID, 1)
	d.must(err)
	d.clock.Advance(time.Second)

	want := registry.Deletion{Name: owner.Name, Pets: 2, Owner: owner.ID, Until: d.clock.Now().Add(time.Minute)}
	for range 2 { // the second tap finds what the first did
		got, err := d.DeleteOwner(t.Context(), d.hany(), owner.ID, owner.Version)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	for name, err := range d.reads(owner) {
		if !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("%s of a deleted owner: %v", name, err)
		}
	}
	if known, err := d.OwnersByPhone(t.Context(), d.mona, owner.Phone); err != nil || len(known) > 0 {
		t.Errorf("a deleted owner is known by phone: %+v, %v", known, err)
	}

	d.clock.Advance(registry.UndoTime)
	for range 2 {
		back, err := d.RestoreOwner(t.Context(), d.hany(), owner.ID)
		if err != nil || len(back.Pets) != 2 || back.Name != owner.Name || back.Version != 3 {
			t.Errorf("restored %+v, %v", back, err)
		}
	}
	kinds := map[registry.ChangeKind]int{}
	for _, change := range d.ownerHistory(owner.ID) {
		kinds[change.Kind]++
	}
	if diff := cmp.Diff(map[registry.ChangeKind]int{registry.KindDeleted: 4, registry.KindRestored: 3}, kinds); diff != "" {
		t.Errorf("noted (-want +got):\n%s", diff)
	}
}

func TestUndoComesTooLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(2))
	_, err := d.DeletePet(t.Context(), d.hany(), owner.Pets[0].ID, 1)
	d.must(err)
	_, err = d.DeleteOwner(t.Context(), d.hany(), owner.ID, 1)
	d.must(err)
	if _, err := d.RestorePet(t.Context(), d.hany(), owner.Pets[0].ID); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("a pet came back to an owner who is gone: %v", err)
	}
	d.clock.Advance(registry.UndoTime + time.Microsecond)
	if _, err := d.RestoreOwner(t.Context(), d.hany(), owner.ID); !errors.Is(err, registry.ErrTooLate) {
		t.Errorf("got %v", err)
	}
	if _, err := d.Card(t.Context(), d.mona, owner.ID); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("it came back all the same: %v", err)
	}
}

func TestDeletePetAndUndo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(2))
	pet := owner.Pets[0]
	for range 2 {
		got, err := d.DeletePet(t.Context(), d.hany(), pet.ID, 1)
		if err != nil || got.Name != "Mimi" || got.Owner != owner.ID {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if left := d.card(d.mona, owner.ID).Pets; len(left) != 1 || left[0].ID != owner.Pets[1].ID {
		t.Errorf("left %+v", left)
	}
	back, err := d.RestorePet(t.Context(), d.hany(), pet.ID)
	if err != nil || back.ID != pet.ID || back.Version != 3 {
		t.Errorf("got %+v, %v", back, err)
	}
}

func TestDeletingIsTheClinicOwners(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	pet := owner.Pets[0].ID
	ctx := t.Context()
	_, deleting := d.DeleteOwner(ctx, d.mona, owner.ID, 1)
	_, restoring := d.RestoreOwner(ctx, d.mona, owner.ID)
	_, deletingPet := d.DeletePet(ctx, d.mona, pet, 1)
	_, restoringPet := d.RestorePet(ctx, d.mona, pet)
	_, _, history := d.OwnerHistory(ctx, d.mona, owner.ID, 0)
	_, _, petHistory := d.PetHistory(ctx, d.mona, pet, 0)
	for i, err := range []error{deleting, restoring, deletingPet, restoringPet, history, petHistory} {
		if !errors.Is(err, staff.ErrNotAllowed) {
			t.Errorf("%d: %v", i, err)
		}
	}
	d.card(d.mona, owner.ID)
}

func TestDeleteOfAnOldVersion(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	_, err := d.ChangeOwner(t.Context(), d.mona, owner.ID, 1, registry.FieldChange{Field: registry.ChangedNote, Value: "VIP"})
	d.must(err)
	_, err = d.DeleteOwner(t.Context(), d.hany(), owner.ID, 1)
	var changed *registry.OwnerChanged
	if !errors.As(err, &changed) || changed.Now.Note != "VIP" {
		t.Errorf("got %v", err)
	}
	_, err = d.ChangePet(t.Context(), d.mona, owner.Pets[0].ID, 1, registry.FieldChange{Field: registry.ChangedNote, Value: "VIP"})
	d.must(err)
	_, err = d.DeletePet(t.Context(), d.hany(), owner.Pets[0].ID, 1)
	var petChanged *registry.PetChanged
	if !errors.As(err, &petChanged) || petChanged.Now.Note != "VIP" {
		t.Errorf("got %v", err)
	}
}

// TestNoPetIsLeftWithoutOwner adds and moves pets to an owner while the owner is deleted: whoever comes first, no live
// pet belongs to somebody who is gone.
func TestNoPetIsLeftWithoutOwner(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 20 {
		owner, other := d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1))
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = d.DeleteOwner(t.Context(), d.hany(), owner.ID, 1) })
		wg.Go(func() {
			_, _ = d.AddPets(t.Context(), d.mona, owner.ID, db.NewKey(), []registry.NewPet{{Name: "Rex", SpeciesID: 1}})
		})
		wg.Go(func() { _, _ = d.MovePet(t.Context(), d.mona, other.Pets[0].ID, 1, owner.ID) })
		wg.Wait()
	}
	var stray int
	d.must(d.mona.Scope(d.db).QueryRow(t.Context(), `
		SELECT count(*) FROM pets JOIN owners USING (clinic_id, owner_id)
		WHERE pets.deleted_at IS NULL AND owners.deleted_at IS NOT NULL`).Scan(&stray))
	if stray > 0 {
		t.Errorf("%d live pets of deleted owners", stray)
	}
}

func TestHistoryIsPaged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	for i := range 25 {
		_, err := d.ChangeOwner(t.Context(), d.mona, owner.ID, i+1, registry.FieldChange{Field: registry.ChangedNote, Value: fmt.Sprint(i)})
		d.must(err)
	}
	var got []string
	for before, more := int64(0), true; more; {
		var changes []registry.Change
		var err error
		changes, more, err = d.OwnerHistory(t.Context(), d.hany(), owner.ID, before)
		d.must(err)
		for _, change := range changes {
			got = append(got, change.After)
			before = change.ID
		}
	}
	var want []string
	for i := 24; i >= 0; i-- {
		want = append(want, fmt.Sprint(i))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNothingOfAnotherClinicIsReached tries everything with every id, from the other clinic: an id of ours and one that
// never was must look the same.
func TestNothingOfAnotherClinicIsReached(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var ids []int64
	for i := range 4 {
		owner := d.register(d.mona, ahmed(2))
		if i == 3 {
			_, err := d.DeleteOwner(t.Context(), d.hany(), owner.ID, 1)
			d.must(err)
		}
		ids = append(ids, owner.ID, owner.Pets[0].ID, owner.Pets[1].ID)
	}
	hers := d.register(d.salma, ahmed(1))
	salma := d.salma
	salma.Role = staff.RoleClinicOwner
	whole := func() (owners, pets, changes int) {
		return d.count(d.mona, "owners"), d.count(d.mona, "pets"), d.count(d.mona, "changes")
	}
	owners, pets, changes := whole()
	rapid.Check(t, func(r *rapid.T) {
		id := rapid.SampledFrom(ids).Draw(r, "id")
		version := rapid.IntRange(0, 3).Draw(r, "version")
		attempt := rapid.SampledFrom(attempts).Draw(r, "attempt")
		field := rapid.SampledFrom(registry.PetFields()).Draw(r, "field")
		values := map[string]string{registry.ChangedSpecies: "1", registry.ChangedName: "Hers"}
		to := registry.FieldChange{Field: field, Value: values[field]}
		got := attempt.do(t.Context(), d, salma, try{id: id, version: version, to: to, hers: hers})
		never := attempt.do(t.Context(), d, salma, try{id: id + 1_000_000, version: version, to: to, hers: hers})
		if fmt.Sprint(got) != fmt.Sprint(never) || !errors.Is(got, registry.ErrNotFound) && got != nil {
			r.Fatalf("%s: %v of ours, %v of nobody's", attempt.name, got, never)
		}
	})
	if o, p, c := whole(); o != owners || p != pets || c != changes {
		t.Errorf("%d owners, %d pets, %d changes became %d, %d, %d", owners, pets, changes, o, p, c)
	}
}

type try struct {
	id      int64
	version int
	to      registry.FieldChange
	hers    registry.Owner
}

// attempts return an error, or nil for something empty: never what is another clinic's.
var attempts = []struct {
	name string
	do   func(ctx context.Context, d *desk, by staff.Member, t try) error
}{
	{"card", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.Card(ctx, by, t.id)
		return err
	}},
	{"pet card", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.PetCard(ctx, by, t.id)
		return err
	}},
	{"change an owner", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.ChangeOwner(ctx, by, t.id, t.version, registry.FieldChange{Field: registry.ChangedNote, Value: "x"})
		return err
	}},
	{"change a pet", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.ChangePet(ctx, by, t.id, t.version, t.to)
		return err
	}},
	{"take a pet", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.MovePet(ctx, by, t.id, t.version, t.hers.ID)
		return err
	}},
	{"give a pet", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.MovePet(ctx, by, t.hers.Pets[0].ID, t.version, t.id)
		return err
	}},
	{"add a pet", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.AddPets(ctx, by, t.id, db.NewKey(), []registry.NewPet{{Name: "Hers", SpeciesID: 1}})
		return err
	}},
	{"delete an owner", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.DeleteOwner(ctx, by, t.id, t.version)
		return err
	}},
	{"delete a pet", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.DeletePet(ctx, by, t.id, t.version)
		return err
	}},
	{"restore an owner", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.RestoreOwner(ctx, by, t.id)
		return err
	}},
	{"restore a pet", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		_, err := d.RestorePet(ctx, by, t.id)
		return err
	}},
	{"owner's history", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		changes, _, err := d.OwnerHistory(ctx, by, t.id, 0)
		return nothing(changes, err)
	}},
	{"pet's history", func(ctx context.Context, d *desk, by staff.Member, t try) error {
		changes, _, err := d.PetHistory(ctx, by, t.id, 0)
		return nothing(changes, err)
	}},
}

func nothing(changes []registry.Change, err error) error {
	if len(changes) > 0 {
		return fmt.Errorf("%d changes of somebody else's", len(changes))
	}
	return err
}

// reads are the ways to an owner and the first pet.
func (d *desk) reads(owner registry.Owner) map[string]error {
	ctx := d.t.Context()
	_, card := d.Card(ctx, d.mona, owner.ID)
	_, code := d.OwnerByCode(ctx, d.mona, owner.Code)
	_, pet := d.PetCard(ctx, d.mona, owner.Pets[1].ID)
	_, petCode := d.PetByCode(ctx, d.mona, owner.Pets[1].Code)
	_, changing := d.ChangeOwner(ctx, d.mona, owner.ID, 2, registry.FieldChange{Field: registry.ChangedNote, Value: "x"})
	_, changingPet := d.ChangePet(ctx, d.mona, owner.Pets[1].ID, 2, registry.FieldChange{Field: registry.ChangedNote, Value: "x"})
	_, adding := d.AddPets(ctx, d.mona, owner.ID, db.NewKey(), []registry.NewPet{{Name: "Rex", SpeciesID: 1}})
	return map[string]error{
		"card": card, "code": code, "pet": pet, "pet's code": petCode, "changing": changing, "changing a pet": changingPet,
		"adding a pet": adding,
	}
}
